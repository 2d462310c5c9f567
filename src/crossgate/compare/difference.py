"""What is answered otherwise, as values: a difference, where it stands in both files, and a request that shows it.

Knows neither plans nor how differences are found or shown.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Fields = tuple[tuple[str, str], ...]


class Kind(StrEnum):
    """What a difference is about, worst first: the order in which differences are told."""

    READABLE_WITH_COOKIES = "cors-with-cookies"  # pages of other origins read what cookies unlock
    READABLE = "cors-readable"
    CORS = "cors"  # whatever else browsers are told
    GUARD_GONE = "guard-gone"
    GUARD_WEAKER = "guard-weaker"
    GUARD_CHANGED = "guard-changed"
    ROUTE = "route"  # leads elsewhere, is new or gone
    LIMIT = "limit"
    TIMEOUT = "timeout"
    FIELDS = "fields"  # what of a request reaches backends
    CALLS = "calls"  # which backends are asked for what
    DATA = "data"  # what of the backends' answers reaches clients
    STATUS = "status"  # statuses and texts that the gateway answers itself
    GUARD_STRONGER = "guard-stronger"
    SERVICE = "service"  # where the gateway listens, how it connects


RANKS = {kind: rank for rank, kind in enumerate(Kind)}
CORS_KINDS = frozenset((Kind.READABLE_WITH_COOKIES, Kind.READABLE, Kind.CORS))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in one of the files. `endpoint` and `backend` are indexes into the file's lists, -1: it is the service's.

    `key` is a field's name, or a component's where it `is_component`; empty: the object itself. `origin_key` is a key
    of the CORS policy that holds there.
    """

    endpoint: int = -1
    backend: int = -1
    key: str = ""
    is_component: bool = False
    is_cors: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What the backend says that is asked for `path`, in which `*` are any characters, at one of `hosts` (none: at any)
    with `method` (empty: any). A status of 0: it ends the connection instead."""

    path: str
    text: str
    status: int = 200
    hosts: tuple[str, ...] = ()
    method: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A request that shows a difference, `condition` what has to be the case besides, in words.

    Backends answer `backend_status` and `backend_fields` with `backend_text`, or else `backend_data` as JSON (None:
    whatever they like), after `backend_delay_seconds`; with `only_backend`, a path with `*` for any characters, the one
    that is asked for it does, and the others answer `others_data` with `others_status`. Those that are among `answers`
    say what stands there; with `backend_is_down` the others cannot be reached. `times` requests are sent, one after the
    other. The client has the address `client_host`.
    """

    method: str
    target: str
    fields: Fields = ()
    body: str | None = None
    condition: str = ""
    backend_status: int = 200
    backend_fields: Fields = ()
    backend_data: Any = None
    backend_text: str | None = None
    backend_delay_seconds: float = 0.0
    only_backend: str = ""
    others_status: int = 200
    others_data: Any = field(default_factory=dict)
    answers: tuple[Answered, ...] = ()
    backend_is_down: bool = False
    times: int = 1
    client_host: str = "127.0.0.1"


Evidence = Literal["shown", "compared", "undecided"]
"""What is behind a difference: its example was sent to both gateways and shows it; it follows from the two plans; or
whether a request shows it was not decided."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `opens`: something is possible that was not. `endpoint` is `GET /users/{id}`, empty where it is
    about no endpoint. `sentence` is about that endpoint and does not name it.

    `shown_by` says what it takes to see it: the example alone, or nothing that one request could show.
    """

    kind: Kind
    sentence: str
    opens: bool
    endpoint: str = ""
    old: Place | None = None
    new: Place | None = None
    example: Example | None = field(default=None, compare=False)
    shown_by: Literal["request", "repeats", "operation"] = "request"
    elsewhere: tuple[Example, ...] = field(default=(), compare=False)  # other requests that may show it
    rank: int = 0  # among those of its kind
    queries: frozenset[str] = field(default=frozenset(), compare=False)  # it is about requests with one of these
    names: frozenset[str] = field(default=frozenset(), compare=False)  # likewise, lower-case names of fields
    is_unrouted: bool = field(default=False, compare=False)  # it is about what no endpoint takes, wherever
    is_text: bool = field(default=False, compare=False)  # texts differ, and what they mean was not looked at
    evidence: Evidence = field(default="compared", compare=False)

    @property
    def is_undecided(self) -> bool:
        """Whether it may be none."""
        return self.evidence == "undecided"
