"""Tests as values: what is asked of a gateway, and what is to come back. Knows no files and no gateway."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crossgate.diagnostics import Span
from crossgate.testing.mocks import Mock

ABSENT: tuple[str, ...] = ()
"""What is expected of a field that must not be there."""
EMPTY = ("",)
"""As KrakenD's specs have it: not there, or empty."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token to be minted for the endpoint that is asked. `is_strangers`: by a key that is named like the issuer's.
    An empty `algorithm` is the endpoint's.
    """

    claims: Mapping[str, Any] = field(default_factory=dict)
    lifetime_seconds: float = 3600.0
    is_strangers: bool = False
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `target` is what stands in the request line, `fields` are in order; `token` is a name or `valid`,
    `key` is `valid` or `no-roles`: an API key's, or a user's of basic authentication.

    `body` None: none. `credentials` are what the page's script says of them. `host` is that of a whole URL: what Host
    says where nothing else does, and the gateway is no other one that runs.
    """

    method: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    chunked: bool = False
    token: str = ""
    key: str = ""
    client_host: str = "127.0.0.1"
    credentials: Literal["omit", "same-origin", "include"] = "same-origin"
    host: str = ""


@dataclass(frozen=True, slots=True)
class CorsExpected:
    """What the page is to see. Empty texts: whatever."""

    allowed: bool
    step: str = ""
    reason: str = ""
    chromium_error: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to come back. None, and absence in `fields`: whatever. `has` names what JSON must have in it, `fits` says
    what is wrong with a body by its schema.

    `received` are the calls of backends, all of them, in any order. `reason` is a refusal's code, empty for none.
    """

    status: int | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes | None = None
    body_matches: str = ""
    json: Any = None
    has_json: bool = False
    has: Any = None
    has_subset: bool = False
    fits: Callable[[bytes], str] | None = None
    route: str | None = None
    cors: CorsExpected | None = None
    reason: str | None = None
    log: str = ""
    received: tuple[Mapping[str, Any], ...] | None = None
    at_least_ms: float = 0.0
    at_most_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `page` is the origin of the page that asks; empty: the request is sent as it is.

    `after_seconds` pass before it, `following` comes behind it, asked of the same gateway.
    """

    name: str
    asked: Asked
    expected: Expected
    span: Span
    page: str = ""
    mocks: tuple[Mock, ...] = ()
    after_seconds: float = 0.0
    times: int = 1
    following: "Case | None" = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A test of what an endpoint lets through (`lock.lets_through`)."""

    name: str
    method: str
    path: str
    lets_through: Mapping[str, Any]
    span: Span


Test = Case | Lock


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of a file. `config` is a configuration, the path of one as written, or None.

    `now_seconds` since the epoch are when each begins. `proxy_fields` are added to requests
    that have no field of the name.
    """

    file: str
    cases: tuple[Test, ...]
    config: Mapping[str, Any] | str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    now_seconds: float | None = None
    gateway_url: str = "https://gateway.test"
    tokens: Mapping[str, Token] = field(default_factory=dict)
    proxy_fields: tuple[tuple[str, str], ...] = ()
    mocks: tuple[Mock, ...] = ()
