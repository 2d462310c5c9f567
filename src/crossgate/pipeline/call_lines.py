"""The field lines of a backend's calls, in one pass over a request's fields.

What forward.py says field by field is worked out beforehand for each name, so that a call is joined from the request's
values and a few lines that hardly ever change. What the client's Connection field names, and fields that repeat, take
forward.py's own way. Does not know targets, hosts or bodies.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Final

from crossgate.http.field_lines import LONGEST_KEPT_NAME, FieldLines
from crossgate.http.field_names import FieldNames
from crossgate.http.message import Request
from crossgate.pipeline.forward import ACCEPT_GZIP, BackendForwarding, EndpointForwarding

# Set by the transport: see transport/request_head.py, which leaves them out in any case.
_NOT_PASSED: Final = frozenset((b"content-length", b"expect", b"host"))
_MEMO_SIZE = 1024
_MOST_KINDS = 64  # of each backend: programs that call send few
_LONGEST_KEPT = 2048
_SAY_NOTHING: Final = frozenset((b"keep-alive", b"close"))


class CallLines:
    """What one backend gets of the fields of its endpoint's requests."""

    __slots__ = (
        "_about_client",
        "_asks_gzip",
        "_backend",
        "_client_names",
        "_endpoint",
        "_ends",
        "_host_prefix",
        "_kinds",
        "_lines",
        "_may_pass_agent",
        "_prefixes",
        "_xff_prefix",
    )

    def __init__(
        self, endpoint: EndpointForwarding, backend: BackendForwarding, client_names: frozenset[bytes]
    ) -> None:
        """`client_names` are the fields, by lower-case name, that may say who the client is."""
        self._endpoint = endpoint
        self._backend = backend
        self._client_names = client_names
        self._lines = lines = FieldLines(_NOT_PASSED)
        self._prefixes = _Prefixes(endpoint, backend)
        self._kinds: dict[tuple[bytes, ...], _Kind] = {}
        self._xff_prefix = b"\r\nX-Forwarded-For: " if backend.passes(b"X-Forwarded-For") else b""
        self._host_prefix = b"\r\nX-Forwarded-Host: " if backend.passes(b"X-Forwarded-Host") else b""
        self._may_pass_agent = endpoint.may_pass(b"user-agent")
        self._asks_gzip = backend.accept_gzip
        passes_agent = backend.passes(b"User-Agent")
        last = [] if passes_agent else [backend.http_client]
        via = [endpoint.via] if backend.passes(b"X-Forwarded-Via") else []
        own = [endpoint.user_agent] if passes_agent else last
        # Behind a client's own User-Agent and where there is none, without gzip of our asking and with it.
        self._ends = {
            (has_agent, asks_gzip): lines.render([*fields, *([ACCEPT_GZIP] if asks_gzip else [])])
            for has_agent, fields in ((True, [*via, *last]), (False, own))
            for asks_gzip in (False, True)
        }
        self._about_client: dict[str, bytes] = {}  # by peer, of clients that no field names

    def render(self, request: Request) -> tuple[bytes, bool]:
        """The lines, and whether gzip is asked for without the client's wish (`UpstreamRequest`)."""
        names = request.names
        if names is None:
            return self._render_slowly(request)
        kind = self._kinds.get(names.names) or self._remember(names)
        if kind.is_unusual:
            return self._render_slowly(request)
        if kind.has_connection:
            connection = request.first(b"connection")
            if connection is not None and connection.lower() not in _SAY_NOTHING:
                return self._render_slowly(request)
        parts = kind.parts.copy()
        if kind.pick is not None:
            parts[1:-2:2] = kind.pick(request.field_values)
        parts[-3] = self._client_lines(request, kind.is_peer)
        if self._host_prefix:
            parts[-2] = request.host
        return b"".join(parts), kind.undoes_gzip

    def _remember(self, names: FieldNames) -> "_Kind":
        """What becomes of the fields of all requests that have these."""
        prefixes = self._prefixes
        passed = [name for name in names.names if prefixes[name]]
        undoes_gzip = self._asks_gzip and not any(name in passed for name in (b"accept-encoding", b"range"))
        end = self._ends[self._may_pass_agent and b"user-agent" in names.at, undoes_gzip]
        kind = _Kind(
            [prefixes[name] for name in passed],
            [names.at[name] for name in passed],
            end,
            undoes_gzip=undoes_gzip,
            is_peer=self._client_names.isdisjoint(names.at),
            has_connection=b"connection" in names.at,
            is_unusual=b"x-forwarded-via" in names.at,  # replaced or not
        )
        if sum(map(len, names.names)) <= _LONGEST_KEPT:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            self._kinds[names.names] = kind
        return kind

    def _client_lines(self, request: Request, is_peer: bool) -> bytes:
        """What is said of the client, up to the value of X-Forwarded-Host."""
        if not is_peer:
            return self._about(request)
        lines = self._about_client.get(request.peer_host)
        if lines is None:
            lines = self._about(request)
            if len(self._about_client) >= _MEMO_SIZE:
                self._about_client.clear()
            self._about_client[request.peer_host] = lines
        return lines

    def _about(self, request: Request) -> bytes:
        prefix = self._xff_prefix
        line = prefix + self._endpoint.client_ip(request).encode("latin-1") if prefix else b""
        return line + self._host_prefix

    def _render_slowly(self, request: Request) -> tuple[bytes, bool]:
        fields, undoes_gzip = self._backend.fields(self._endpoint.fields(request))
        return self._lines.render(fields), undoes_gzip


class _Kind:
    """What becomes of the fields of requests that have the same names in the same order.

    `parts` are the lines to be joined: what stands in front of each value and a place for it, a place for what is said
    of the client, one for the host, and the end. `pick` takes the values that go on, None where none does.
    """

    __slots__ = ("has_connection", "is_peer", "is_unusual", "parts", "pick", "undoes_gzip")

    def __init__(
        self,
        prefixes: list[bytes],
        indexes: list[int],
        end: bytes,
        *,
        undoes_gzip: bool,
        is_peer: bool,
        has_connection: bool,
        is_unusual: bool,
    ) -> None:
        self.parts = [part for prefix in prefixes for part in (prefix, b"")] + [b"", b"", end]
        self.pick: Callable[[list[bytes]], Iterable[bytes]] | None = None
        if len(indexes) > 1:
            self.pick = itemgetter(*indexes)
        elif indexes:
            self.pick = itemgetter(slice(indexes[0], indexes[0] + 1))
        self.undoes_gzip = undoes_gzip
        self.is_peer = is_peer
        self.has_connection = has_connection
        self.is_unusual = is_unusual


class _Prefixes(dict[bytes, bytes]):
    """Lower-case name -> what stands in front of its value; empty where the field is not passed on."""

    def __init__(self, endpoint: EndpointForwarding, backend: BackendForwarding) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._backend = backend
        self._lines = FieldLines(_NOT_PASSED)

    def __missing__(self, name: bytes) -> bytes:
        line = self._lines.render([(name, b"")]) if self._endpoint.passes(name) else b""
        prefix = line if line and self._backend.passes(line[2:-2]) else b""
        if len(self) < _MEMO_SIZE and len(name) <= LONGEST_KEPT_NAME:
            self[name] = prefix
        return prefix
