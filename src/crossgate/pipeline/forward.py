"""Which fields and query values of a client's request go on to backends.

Nothing passes that is not listed. Does not know paths, bodies or hosts.

Source: lura `router/gin/endpoint.go` NewRequest, `proxy/headers_filter.go`, `proxy/query_strings_filter.go`.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from crossgate.golang.header_name import canonical_header_name
from crossgate.golang.url import parse_query
from crossgate.http.field_lines import LONGEST_KEPT_NAME
from crossgate.http.hop_by_hop import HOP_BY_HOP, connection_options
from crossgate.http.message import Fields, Request
from crossgate.pipeline.proxy import Query
from crossgate.plan import Identity

ALL = "*"
ACCEPT_GZIP = (b"Accept-Encoding", b"gzip")
"""Added to calls that ask for no encoding themselves; the answer is then decoded (`UpstreamRequest.undoes_gzip`)."""

# Set by the gateway or by framing, never taken from the client.
_OWN = frozenset((b"host", b"content-length", b"x-forwarded-for", b"x-forwarded-host"))
_CONNECTION = b""
NO_QUERY: Query = {}


class CanonicalNames:
    """Field names as Go writes them. Remembers a bounded number, since names are the clients' to make up."""

    __slots__ = ("_known",)
    MEMO_SIZE: ClassVar = 1024

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def __call__(self, name: bytes) -> bytes:
        known = self._known.get(name)
        if known is None:
            known = canonical_header_name(name.decode("latin-1")).encode("latin-1")
            if len(self._known) < self.MEMO_SIZE and len(name) <= LONGEST_KEPT_NAME:
                self._known[name] = known
        return known


class EndpointForwarding:
    """What one endpoint lets through."""

    __slots__ = (
        "_all",
        "_all_query",
        "_canonical",
        "_may_pass_agent",
        "_query_names",
        "_wanted",
        "client_ip",
        "passes_length",
        "user_agent",
        "via",
    )

    def __init__(
        self,
        input_headers: Sequence[str],
        input_query_strings: Sequence[str],
        *,
        identity: Identity,
        client_ip: Callable[[Request], str],
    ) -> None:
        self._all = ALL in input_headers
        names = [name.lower().encode("latin-1", "replace") for name in input_headers or ("Content-Type",)]
        self._canonical = CanonicalNames()
        self._wanted = {name: self._canonical(name) for name in names if name not in _OWN and name not in HOP_BY_HOP}
        self._wanted[b"connection"] = _CONNECTION
        self._may_pass_agent = self.may_pass(b"user-agent")
        self.passes_length = self._all or b"content-length" in names
        self._all_query = ALL in input_query_strings
        self._query_names = [name.encode() for name in input_query_strings]
        self.client_ip = client_ip
        agent = identity.user_agent.encode()
        self.user_agent = (b"User-Agent", agent)
        self.via = (b"X-Forwarded-Via", agent)

    def fields(self, request: Request) -> Fields:
        """The fields for backends, names canonical; hop-by-hop fields are never among them.

        DEVIATION(DEV-FWD-1): KrakenD forwards hop-by-hop fields with `*`.
        """
        chosen = self._everything(request) if self._all else self._listed(request)
        chosen.append((b"X-Forwarded-For", self.client_ip(request).encode("latin-1")))
        chosen.append((b"X-Forwarded-Host", request.host))
        if self._may_pass_agent:
            for name, _ in chosen:
                if name == b"User-Agent":
                    chosen = [field for field in chosen if field[0] != b"X-Forwarded-Via"]
                    chosen.append(self.via)
                    return chosen
        chosen.append(self.user_agent)
        return chosen

    def may_pass(self, name: bytes) -> bool:
        """Whether a field of that lower-case name can be among them."""
        return self._all or name in self._wanted

    def passes(self, name: bytes) -> bool:
        """Whether a field of the client's that has that lower-case name is, unless Connection names it."""
        return name not in _OWN and name not in HOP_BY_HOP if self._all else bool(self._wanted.get(name))

    @property
    def listed(self) -> frozenset[bytes] | None:
        """The lower-case names of the fields that may be let through, None where any may."""
        return None if self._all else frozenset(self._wanted)

    @property
    def passes_whole_query(self) -> bool:
        """Whether all query values are let through."""
        return self._all_query

    def _listed(self, request: Request) -> Fields:
        wanted = self._wanted
        chosen = []
        for name, value in request.fields:
            canonical = wanted.get(name)
            if canonical:
                chosen.append((canonical, value))
            elif canonical is _CONNECTION and value.lower() not in (b"keep-alive", b"close"):
                return self._without_named(request, frozenset(wanted))
        return chosen

    def _everything(self, request: Request) -> Fields:
        canonical = self._canonical
        if request.first(b"connection") is not None:
            return self._without_named(request, None)
        return [
            (canonical(name), value) for name, value in request.fields if name not in _OWN and name not in HOP_BY_HOP
        ]

    def _without_named(self, request: Request, wanted: frozenset[bytes] | None) -> Fields:
        """The slow way: Connection names fields that stop here (RFC 9110 section 7.6.1)."""
        stop_here = HOP_BY_HOP | _OWN | connection_options(request.values(b"connection"))
        return [
            (self._canonical(name), value)
            for name, value in request.fields
            if name not in stop_here and (wanted is None or name in wanted)
        ]

    def query(self, query: bytes | None) -> Query:
        """The values of a request's query for backends by name, decoded."""
        if not query or not self._query_names:
            return NO_QUERY
        values = parse_query(query)
        if self._all_query:
            return values
        return {name: values[name] for name in self._query_names if name in values}

    def content_length(self, request: Request) -> int | None:
        """The client's Content-Length where it is let through, so that the call has a fixed length, too."""
        if not self.passes_length or not request.has_body:
            return None
        value = request.first(b"content-length")
        return int(value) if value is not None and value.isdigit() else None


class BackendForwarding:
    """What one backend lets through of what its endpoint does."""

    __slots__ = ("_looks_for_encoding", "_names", "_query_names", "accept_gzip", "http_client")

    def __init__(
        self,
        input_headers: Sequence[str] | None,
        input_query_strings: Sequence[str] | None,
        *,
        identity: Identity,
        accept_gzip: bool,
        endpoint: EndpointForwarding,
    ) -> None:
        self._names = _passing(input_headers)
        self._query_names = (
            None
            if input_query_strings is None or ALL in input_query_strings
            else [name.encode() for name in input_query_strings]
        )
        self.accept_gzip = accept_gzip
        self._looks_for_encoding = endpoint.may_pass(b"accept-encoding") or endpoint.may_pass(b"range")
        self.http_client = (b"User-Agent", identity.http_client.encode())

    def fields(self, fields: Fields) -> tuple[Fields, bool]:
        """A new list: the endpoint's fields that this backend gets, and what the HTTP client adds; and whether it adds
        ACCEPT_GZIP."""
        chosen = self.filtered(fields)
        if self._names is not None and b"User-Agent" not in self._names:
            chosen.append(self.http_client)
        return self._with_gzip(chosen, self._looks_for_encoding)

    def filtered(self, fields: Fields) -> Fields:
        """A new list: the endpoint's fields that this backend gets."""
        names = self._names
        return fields.copy() if names is None else [field for field in fields if field[0] in names]

    def finished(self, fields: Fields) -> tuple[Fields, bool]:
        """A new list: these fields and what the HTTP client adds; and whether it adds ACCEPT_GZIP."""
        chosen = fields.copy()
        if not any(name == b"User-Agent" for name, _ in fields):
            chosen.append(self.http_client)
        return self._with_gzip(chosen, True)

    def _with_gzip(self, chosen: Fields, looks_for_encoding: bool) -> tuple[Fields, bool]:
        if self.accept_gzip:
            if looks_for_encoding:
                for name, _ in chosen:
                    if name in (b"Accept-Encoding", b"Range"):
                        return chosen, False
            chosen.append(ACCEPT_GZIP)
        return chosen, self.accept_gzip

    def passes(self, name: bytes) -> bool:
        """Whether this backend gets a field of that canonical name."""
        return self._names is None or name in self._names

    @property
    def passes_whole_query(self) -> bool:
        """Whether this backend gets all query values that its endpoint does."""
        return self._query_names is None

    def passes_length(self) -> bool:
        """Whether a Content-Length goes on."""
        return self.passes(b"Content-Length")

    def query(self, query: Query) -> Query:
        """The endpoint's query values that this backend gets."""
        if self._query_names is None or not query:
            return query
        return {name: query[name] for name in self._query_names if name in query}


def _passing(input_headers: Sequence[str] | None) -> frozenset[bytes] | None:
    if input_headers is None or ALL in input_headers:
        return None
    return frozenset(canonical_header_name(name).encode("latin-1", "replace") for name in input_headers)
