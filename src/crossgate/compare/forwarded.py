"""What of a client's request reaches one backend: fields and query, as sets of names.

Follows `pipeline/forward`. Knows configurations; does not know requests.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crossgate.http.hop_by_hop import HOP_BY_HOP

_ALL = "*"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OWN = frozenset(("host", "content-length", "x-forwarded-for", "x-forwarded-host"))
_NOT_PASSED = _OWN | frozenset(name.decode() for name in HOP_BY_HOP)
_ADDED = ("x-forwarded-for", "x-forwarded-host")


@dataclass(frozen=True, slots=True)
class Passing:
    """Names that pass; None: any. Lower-case where they are of fields."""

    names: frozenset[str] | None

    def beyond(self, other: "Passing") -> list[str]:
        """What passes here and not there; `any` where it cannot be listed."""
        if other.names is None:
            return []
        return ["any"] if self.names is None else sorted(self.names - other.names)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Of one backend. `added` are the gateway's own fields that it gets: `x-forwarded-via` where the client's
    User-Agent may pass. With `length`, a body goes on with the client's Content-Length."""

    fields: Passing
    query: Passing
    added: frozenset[str]
    length: bool


def endpoint_fields(input_headers: Sequence[str]) -> Passing:
    """What an endpoint lets through."""
    if _ALL in input_headers:
        return Passing(None)
    names = {name.lower() for name in input_headers or ("Content-Type",)}
    return Passing(frozenset(name for name in names if name not in _NOT_PASSED and _TOKEN.fullmatch(name)))


def forwarded(
    input_headers: Sequence[str],
    input_query: Sequence[str],
    backend_headers: Sequence[str] | None,
    backend_query: Sequence[str] | None,
) -> Forwarded:
    """What a backend with these filters gets of what its endpoint lets through."""
    of_endpoint = endpoint_fields(input_headers)
    filters = None if backend_headers is None or _ALL in backend_headers else {one.lower() for one in backend_headers}
    names = of_endpoint.names
    if filters is not None:
        filtered = frozenset(one for one in filters if one not in _NOT_PASSED and _TOKEN.fullmatch(one))
        names = filtered if names is None else names & filtered
    passes_agent = of_endpoint.names is None or "user-agent" in of_endpoint.names
    own = [*_ADDED, "user-agent", *(["x-forwarded-via"] if passes_agent else [])]
    added = frozenset(name for name in own if filters is None or name in filters)
    length = _ALL in input_headers or any(name.lower() == "content-length" for name in input_headers)
    length = length and (filters is None or "content-length" in filters)
    return Forwarded(Passing(names), _query(input_query, backend_query), added, length)


def _query(of_endpoint: Sequence[str], of_backend: Sequence[str] | None) -> Passing:
    filters = None if of_backend is None or _ALL in of_backend else frozenset(of_backend)
    if _ALL in of_endpoint:
        return Passing(filters)
    names = frozenset(of_endpoint)
    return Passing(names if filters is None else names & filters)
