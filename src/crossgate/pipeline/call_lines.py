"""The field lines of a backend's calls, in one pass over a request's fields.

What forward.py says field by field is worked out beforehand for each name, so that a call is joined from the request's
values and a few lines that hardly ever change. What the client's Connection field names, and fields that repeat, take
forward.py's own way. Does not know targets, hosts or bodies.
"""

from crossgate.http.field_lines import FieldLines
from crossgate.http.message import Request
from crossgate.pipeline.forward import ACCEPT_GZIP, BackendForwarding, EndpointForwarding

# Set by the transport: see transport/request_head.py, which leaves them out in any case.
_NOT_PASSED = frozenset((b"content-length", b"expect", b"host"))
_MEMO_SIZE = 1024
_SAY_NOTHING = frozenset((b"keep-alive", b"close"))


class CallLines:
    """What one backend gets of the fields of its endpoint's requests."""

    __slots__ = (
        "_address_lines",
        "_agent_lines",
        "_asks_gzip",
        "_backend",
        "_client_names",
        "_endpoint",
        "_gzip_line",
        "_host_prefix",
        "_lines",
        "_own_agent_lines",
        "_prefixes",
        "_xff",
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
        self._xff = backend.passes(b"X-Forwarded-For")
        self._host_prefix = b"\r\nX-Forwarded-Host: " if backend.passes(b"X-Forwarded-Host") else b""
        passes_agent = backend.passes(b"User-Agent")
        last = [] if passes_agent else [backend.http_client]
        # Behind a client's own User-Agent, and where there is none.
        via = [endpoint.via] if backend.passes(b"X-Forwarded-Via") else []
        self._agent_lines = lines.render([*via, *last])
        self._own_agent_lines = lines.render([endpoint.user_agent] if passes_agent else last)
        self._asks_gzip = backend.accept_gzip
        self._gzip_line = lines.render([ACCEPT_GZIP])
        self._address_lines: dict[str, bytes] = {}  # by peer, of clients that no field names

    def render(self, request: Request) -> tuple[bytes, bool]:
        """The lines, and whether gzip is asked for without the client's wish (`UpstreamRequest`)."""
        known = request.by_name
        if known is None or not self._is_usual(known.get(b"connection")):
            return self._render_slowly(request)
        prefixes = self._prefixes
        parts = [prefix + value for name, value in known.items() if (prefix := prefixes[name])]
        if self._xff:
            parts.append(self._address_line(request, known))
        if self._host_prefix:
            parts += (self._host_prefix, request.host)
        passes = self._endpoint.may_pass
        has_agent = b"user-agent" in known and passes(b"user-agent")
        parts.append(self._agent_lines if has_agent else self._own_agent_lines)
        undoes_gzip = self._asks_gzip and not (
            (b"accept-encoding" in known and prefixes[b"accept-encoding"]) or (b"range" in known and prefixes[b"range"])
        )
        if undoes_gzip:
            parts.append(self._gzip_line)
        return b"".join(parts), undoes_gzip

    def _is_usual(self, connection: bytes | None) -> bool:
        return connection is None or connection.lower() in _SAY_NOTHING

    def _address_line(self, request: Request, known: dict[bytes, bytes]) -> bytes:
        if not self._client_names.isdisjoint(known):
            return b"\r\nX-Forwarded-For: " + self._endpoint.client_ip(request).encode("latin-1")
        line = self._address_lines.get(request.peer_host)
        if line is None:
            line = b"\r\nX-Forwarded-For: " + self._endpoint.client_ip(request).encode("latin-1")
            if len(self._address_lines) >= _MEMO_SIZE:
                self._address_lines.clear()
            self._address_lines[request.peer_host] = line
        return line

    def _render_slowly(self, request: Request) -> tuple[bytes, bool]:
        fields = self._backend.fields(self._endpoint.fields(request))
        return self._lines.render(fields), bool(fields) and fields[-1] is ACCEPT_GZIP


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
        if len(self) < _MEMO_SIZE:
            self[name] = prefix
        return prefix
