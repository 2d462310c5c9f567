"""The gateway's messages as plugins see them, and back: what a plugin left alone goes on as it came.

What comes back is looked at here once, whoever made it: status, method, target. Header fields were when they were set.
"""

import re
from collections.abc import Callable
from typing import Any

from crossgate.components.plugins.reasons import BUSY, REFUSED
from crossgate.components.plugins.threads import TooBusyRefusal
from crossgate.flow.body import Body
from crossgate.http.field_names import KnownNames
from crossgate.http.hop_by_hop import HOP_BY_HOP, connection_options
from crossgate.http.message import Fields, Response, changed_names, edited, parse_lines
from crossgate.http.message import Request as Incoming
from crossgate.http.reason import Reason
from crossgate.pipeline.failure import RefusedError
from crossgate.plugins import Headers, Refusal, Request
from crossgate.plugins import Response as PluginResponse

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}\Z")
_PATH = re.compile(r"/[\x21\x22\x24-\x3e\x40-\x7e]*\Z")
_QUERY = re.compile(r"[\x21\x22\x24-\x7e]*\Z")
_AUTHORITY = re.compile(r"[\x21\x22\x24-\x2e\x30-\x3e\x41-\x7e]+\Z")
_FRAMING = HOP_BY_HOP | {b"content-length"}
_OF_THE_BODY = (b"content-length", b"transfer-encoding")
_OF_THE_MESSAGE = frozenset((*_OF_THE_BODY, b"connection"))
_OF_THE_HEAD = _OF_THE_MESSAGE | {b"host"}
_STANDING = frozenset((b"close", b"keep-alive"))


def checked_status(status: object) -> int:
    """A final status. Raises ValueError."""
    if type(status) is not int or not 200 <= status <= 599:
        raise ValueError(f"{status!r} is no status from 200 to 599")
    return status


def checked_method(method: object) -> bytes:
    """A method. Raises ValueError."""
    if not isinstance(method, str) or _METHOD.match(method) is None:
        raise ValueError("the method is no method")
    return method.encode("ascii")


def checked_path(path: object) -> bytes:
    """The path of a target. Raises ValueError."""
    if not isinstance(path, str) or _PATH.match(path) is None:
        raise ValueError("a path begins with / and has no blanks, ?, # or characters beyond ASCII: percent-encode them")
    return path.encode("ascii")


def checked_query(query: str) -> bytes:
    """The query of a target. Raises ValueError."""
    if _QUERY.match(query) is None:
        raise ValueError("a query has no blanks, # or characters beyond ASCII: percent-encode them")
    return query.encode("ascii")


def checked_authority(host: object) -> str:
    """Host and port of a URL. Raises ValueError."""
    if not isinstance(host, str) or _AUTHORITY.match(host) is None:
        raise ValueError("the host is no host")
    return host


def refused(refusal: Refusal) -> RefusedError:
    """A plugin's refusal behind the router, where `return_error_msg` decides whether its text is shown."""
    status = refused_status(refusal)
    content_type = refusal.content_type.encode("latin-1", "replace")
    reason = reason_of_refusal(refusal)
    return RefusedError(str(refusal), reason=reason, status=status, honest_status=status, content_type=content_type)


def reason_of_refusal(refusal: Refusal) -> Reason:
    """Whether it is the plugin's own, or the gateway's in its place."""
    return BUSY if isinstance(refusal, TooBusyRefusal) else REFUSED


def refused_status(refusal: Refusal) -> int:
    """The status of a refusal; 500 where it gives none."""
    try:
        return checked_status(refusal.status)
    except ValueError:
        return 500


def end_to_end(lines: Fields) -> Fields:
    """The fields but for those of a connection and of framing."""
    return [line for line in lines if line[0].lower() not in _FRAMING]


class SeenRequest(Request):
    """A client's request as plugins see it. What its Connection names is not there."""

    __slots__ = ("_came", "_find_client", "_request")

    def __init__(self, request: Incoming, client_ip: Callable[[Incoming], str]) -> None:
        # Once for each request: what few plugins look at is left to `__getattr__`.
        self.method = method = request.method.decode("latin-1")
        self.path = path = request.path.decode("latin-1")
        self.query_string = query = "" if request.query is None else request.query.decode("latin-1")
        self.headers = _seen_headers(request)
        body = request.body
        self._body = body if type(body) is bytes else None
        self.body_changed = False
        self._query = None
        self._request = request
        self._find_client = client_ip
        self._came = method, path, query

    def __getattr__(self, name: str) -> Any:
        request = self._request
        match name:
            case "host":
                value: Any = request.host.decode("latin-1")
            case "scheme":
                value = "http"
            case "params":
                value = {}
            case "peer_ip":
                value = request.peer_host
            case "_client_ip":
                value = self._find_client(request)
            case _:
                raise AttributeError(name)
        setattr(self, name, value)
        return value

    def leads_where_it_did(self) -> bool:
        """Whether certainly nothing but header fields was changed."""
        method, path, query = self._came
        return (
            self.path is path
            and self.method is method
            and self.query_string is query
            and self._query is None
            and not self.body_changed
        )


def _seen_headers(request: Incoming) -> Headers:
    if request.first(b"connection") is not None:
        options = connection_options([value for name, value in request.fields if name == b"connection"])
        if options - _STANDING:
            return Headers.of_lines([field for field in request.fields if field[0] not in options])
    return Headers.of_message(request)


def request_behind(seen: Request, request: Incoming, known: KnownNames) -> Incoming:
    """The request as it goes on: the same where nothing was changed. Raises ValueError.

    `known` remembers kinds of requests: what is worked out for one kind is so for all of it.
    """
    if isinstance(seen, SeenRequest) and seen.leads_where_it_did():
        headers = seen.headers
        if not headers.changed:
            return request
        edits = headers.edits
        if edits is not None and _OF_THE_HEAD.isdisjoint(edits):
            made = edited(request, edits, known)
            if made is not None:
                return made
    path, query = seen.path, seen.written_query()
    known_query = "" if request.query is None else request.query.decode("latin-1")
    is_same_query = query == known_query
    same_target = is_same_query and path.encode("latin-1", "replace") == request.path
    same_method = seen.method.encode("latin-1", "replace") == request.method
    if same_target and same_method and not seen.headers.changed and not seen.body_changed:
        return request
    fields = seen.headers.lines()
    body: bytes | Body = request.body
    has_body = request.has_body
    if seen.headers.changed:
        # What Connection names was left out; what a plugin has set since is not for the client to name. How the body is
        # framed is not for the plugin to say.
        fields = [field for field in fields if field[0] not in _OF_THE_MESSAGE]
        fields += [(name, value) for name in _OF_THE_BODY for value in request.values(name)]
    if seen.body_changed:
        body = seen.body
        has_body = body != b""
        fields = [field for field in fields if field[0] not in _OF_THE_BODY]
        if has_body:
            fields.append((b"content-length", b"%d" % len(body)))
        if isinstance(request.body, Body):
            request.body.abandon()
    host = request.host
    if seen.headers.changed:
        host = (seen.headers.get("host") or seen.host).encode("latin-1")
    told = changed_names(request.fields, fields) if seen.headers.changed else frozenset[bytes]()
    made = Incoming(
        checked_method(seen.method),
        checked_path(path),
        request.query if is_same_query else checked_query(query),
        list(fields),
        body,
        has_body,
        host,
        request.peer_host,
        request.version,
        request.track,
    )
    made.limit = request.limit
    made.told = request.told | (told - _OF_THE_MESSAGE)
    if made.names is not None:
        made.names = known.of(made.names.names)
    return made


class SeenResponse(PluginResponse):
    """A response that a plugin was given, with where it comes from."""

    __slots__ = ("origin",)

    def __init__(self, origin: Response) -> None:
        lines = origin.fields + parse_lines(origin.lines) if origin.lines else origin.fields
        body = origin.body if isinstance(origin.body, bytes) else None
        super().__init__(origin.status, Headers.of_lines(lines), body)
        self.origin = origin


def response_of(found: PluginResponse, plugin: str) -> Response:
    """What a plugin of that name gave, as the gateway writes it: its CORS fields are a backend's. Raises ValueError."""
    status = checked_status(found.status)
    if not isinstance(found, SeenResponse):
        fields, reason = end_to_end(found.headers.lines()), REFUSED if status >= 400 else None
        return Response(status, fields, found.body, from_backend=f"plugin {plugin}", reason=reason)
    origin = found.origin
    if status != origin.status:
        origin.reason = REFUSED if status >= 400 else None
    if found.body_changed and isinstance(origin.body, Body):
        origin.body.abandon()
    if not found.headers.changed and not found.body_changed:
        origin.status = status
        return origin
    body = found.body if found.body_changed else origin.body
    fields, by = end_to_end(found.headers.lines()), origin.from_backend or f"plugin {plugin}"
    return Response(status, fields, body, from_backend=by, reason=origin.reason)


def drop(found: SeenResponse) -> None:
    """Nobody wants it any more."""
    if isinstance(found.origin.body, Body):
        found.origin.body.abandon()
