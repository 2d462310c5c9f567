"""Requests and responses as values.

Field names are lower-case bytes, values are bytes without outer blanks, both in the order of the wire. Knows nothing of
connections: framing fields (`connection`, `transfer-encoding`, `content-length`) are the business of who reads and
writes them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from crossgate.flow.body import Body
from crossgate.http.field_names import FieldNames, KnownNames
from crossgate.http.reason import Reason
from crossgate.http.track import Track

Fields = list[tuple[bytes, bytes]]
"""Field lines: (lower-case name, value)."""

REPLAYABLE_METHODS: Final = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE"))
"""Requests with these may be sent again where it is not known whether they were seen (Go's `Request.isReplayable`)."""


_NO_VALUES: list[bytes] = []  # of a route without parameters; nobody adds to it
_NOTHING: Final[frozenset[bytes]] = frozenset()


class Request:
    """A request as the gateway's server received it.

    `path` and `query` are the target's raw bytes, still percent-encoded, the query without its `?` (None where there is
    no `?`). `body` is bytes once it is whole, else a Body; empty bytes where the request has none. `has_body` is the
    framing's word: a Content-Length above 0 or a Transfer-Encoding.

    `fields` are all field lines in order. `names` and `field_values` are the same where no name stands on more than one
    line; `names` is None where one does. Nobody changes any of them. `route_values` are the decoded values of its
    route's parameters, in order, once it has been routed; `given_params` are those that a gate gave others, by name.
    `told` are the lower-case names of fields that are not as the client sent them: the gateway, a script or a plugin
    says something there that may be true of this request alone. `limit` ends what answers it by DeadlineExceededError
    so many seconds from now; None where whoever answers it has to see to that. `reason` is why the gateway refused it,
    for whoever takes note of the response; None where it did not.
    """

    # Most requests change nothing of this: it stays with the class, which makes them cheaper to make.
    body: "bytes | Body" = b""
    has_body = False
    host = b""
    peer_host = ""
    track: Track | None = None
    route_values: list[bytes] = _NO_VALUES
    given_params: dict[str, bytes] | None = None
    told: frozenset[bytes] = _NOTHING
    limit: Callable[[float], None] | None = None
    reason: Reason | None = None
    names: FieldNames | None = None
    _fields: Fields | None = None

    def __init__(
        self,
        method: bytes,
        path: bytes,
        query: bytes | None,
        fields: Fields,
        body: "bytes | Body" = b"",
        has_body: bool = False,
        host: bytes = b"",
        peer_host: str = "",
        version: bytes = b"1.1",
        track: Track | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self._fields = fields
        names = FieldNames([name for name, _ in fields])
        self.names = names if names.are_lone else None
        self.field_values = [value for _, value in fields]
        self.body = body
        self.has_body = has_body
        self.host = host
        self.peer_host = peer_host
        self.version = version
        self.track = track

    @property
    def fields(self) -> Fields:
        """See Request."""
        if self._fields is None:
            self._fields = [] if self.names is None else list(zip(self.names.names, self.field_values, strict=True))
        return self._fields

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name."""
        names = self.names
        if names is not None:
            at = names.at.get(name)
            return None if at is None else self.field_values[at]
        for known, value in self.fields:
            if known == name:
                return value
        return None

    def values(self, name: bytes) -> list[bytes]:
        """The values of all field lines of that lower-case name."""
        return [value for known, value in self.fields if known == name]


class EditedRequest(Request):
    """A request but for some of its fields, each on one line. `names` are those of all that it has then, each once.

    What others put down with the first request is there; where that leads to is not found again.
    """

    def __init__(self, of: Request, names: FieldNames, values: list[bytes], told: frozenset[bytes]) -> None:
        self.method = of.method
        self.path = of.path
        self.query = of.query
        self.names = names
        self.field_values = values
        self.version = of.version
        self.body = of.body
        self.has_body = of.has_body
        self.host = of.host
        self.peer_host = of.peer_host
        self.track = of.track
        self.route_values = of.route_values
        self.given_params = of.given_params
        self.limit = of.limit
        self.told = of.told | told


def edited(request: Request, edits: Mapping[bytes, bytes], known: KnownNames) -> Request | None:
    """The request with these fields in the place of all of their lower-case names. None where a name repeats in it.

    `known` remembers kinds of requests: what is worked out for one kind is so for all of it.
    """
    names = request.names
    if names is None:
        return None
    values = request.field_values.copy()
    written = names.names
    for name, value in edits.items():
        at = names.at.get(name)
        if at is None:
            written = (*written, name)
            values.append(value)
        else:
            values[at] = value
    if written is not names.names:
        names = known.of(written)
    return EditedRequest(request, names, values, frozenset(edits))


def changed_names(before: Fields, after: Fields) -> frozenset[bytes]:
    """The lower-case names of fields that are not the same in both."""
    if before is after:
        return _NOTHING
    return frozenset([name.lower() for name, _ in set(before) ^ set(after)])


class Response:
    """A response to be written. `fields` are complete but for framing, Date and what CORS adds or removes.

    `from_backend` names the backend whose fields these are, where a no-op endpoint passes them on; their CORS fields
    are then subject to the policy's `upstream`. `lines` go out behind `fields`: end-to-end field lines as bytes, each
    with its CRLF in front, valid as they are (`UpstreamResponse.lines`); `framed_bytes` is what a Content-Length among
    them says, None where there is none. `reason` is why the gateway answers itself, and has to be there where it
    refuses: see `refusal`.
    """

    __slots__ = ("body", "fields", "framed_bytes", "from_backend", "lines", "reason", "status")

    def __init__(
        self,
        status: int,
        fields: Fields | None = None,
        body: "bytes | Body" = b"",
        from_backend: str = "",
        lines: bytes = b"",
        framed_bytes: int | None = None,
        reason: Reason | None = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.fields: Fields = [] if fields is None else fields
        self.body = body
        self.from_backend = from_backend
        self.lines = lines
        self.framed_bytes = framed_bytes

    def unframe(self) -> None:
        """Take Content-Length from the lines: how the body is framed is to be said anew."""
        if self.framed_bytes is not None:
            self.lines = without_length(self.lines)
            self.framed_bytes = None


def refusal(status: int, reason: Reason, fields: Fields | None = None, body: bytes = b"") -> Response:
    """A response in which the gateway says no itself."""
    return Response(status, fields, body, reason=reason)


class UpstreamRequest:
    """A request to one backend host, complete but for framing fields.

    `authority` is host or host:port as it stands in the URL and goes into Host; `target` is the origin-form.
    `content_length` asks for a fixed length; without it a streamed or non-empty body goes out chunked, as KrakenD does.

    `fields` may be given as `lines`: valid as they are, each with its CRLF in front, and nothing among them that is the
    transport's to set. They are None once `fields` were asked for, since those may then have been changed.
    `told`: see Request.
    `undoes_gzip` says that gzip was asked for without the client's wish, so that the answer is to be decoded. `host` is
    what Host says where that is not the authority, else empty.
    """

    __slots__ = (
        "_fields",
        "authority",
        "body",
        "content_length",
        "host",
        "lines",
        "method",
        "scheme",
        "target",
        "told",
        "track",
        "undoes_gzip",
    )

    def __init__(
        self,
        method: bytes,
        scheme: str,
        authority: str,
        target: bytes,
        fields: Fields | None = None,
        body: "bytes | Body" = b"",
        content_length: int | None = None,
        *,
        lines: bytes | None = None,
        undoes_gzip: bool = False,
        track: Track | None = None,
    ) -> None:
        self.method = method
        self.scheme = scheme
        self.authority = authority
        self.target = target
        self._fields = fields
        self.body = body
        self.content_length = content_length
        self.lines = lines
        self.undoes_gzip = undoes_gzip
        self.track = track
        self.host = b""
        self.told = _NOTHING

    @property
    def fields(self) -> Fields:
        """The field lines, names as they are written."""
        if self._fields is None:
            self._fields = _written(self.lines or b"")
            self.lines = None
        return self._fields

    @fields.setter
    def fields(self, fields: Fields) -> None:
        self._fields = fields
        self.lines = None


class UpstreamResponse:
    """What a backend answered. `body` is bytes if it was whole when the head was read to its end, else a Body.

    `lines` are the end-to-end field lines as they came, each with its CRLF in front, so that they can be passed on
    without being taken apart; None once `fields` were asked for, since those may then have been changed.
    `length_bytes` is what a Content-Length among them says, `is_encoded` whether there may be a Content-Encoding. `url`
    is that of the last request, after redirects. `reason` is there where no backend was asked and something in front of
    it refuses.
    """

    __slots__ = ("_fields", "body", "is_encoded", "length_bytes", "lines", "reason", "status", "url")

    def __init__(
        self,
        status: int,
        fields: Fields | None = None,
        body: "bytes | Body" = b"",
        url: str = "",
        lines: bytes | None = None,
        length_bytes: int | None = None,
        *,
        is_encoded: bool = True,
        reason: Reason | None = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.body = body
        self.url = url
        self._fields = fields
        self.lines = lines
        self.length_bytes = length_bytes
        self.is_encoded = is_encoded

    @property
    def fields(self) -> Fields:
        """The field lines, taken apart when they are first asked for."""
        if self._fields is None:
            self._fields = parse_lines(self.lines or b"")
            self.lines = None
        return self._fields

    @fields.setter
    def fields(self, fields: Fields) -> None:
        self._fields = fields
        self.lines = None

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name."""
        if self._fields is None and self.lines is not None:
            return first_of_lines(self.lines, name)
        for known, value in self.fields:
            if known == name:
                return value
        return None


def first_of_lines(lines: bytes, name: bytes) -> bytes | None:
    """The value of the first of valid field lines, each with its CRLF in front, that has that lower-case name."""
    begin = lines.lower().find(b"\r\n%b:" % name)
    if begin < 0:
        return None
    begin += len(name) + 3
    end = lines.find(b"\r\n", begin)
    return lines[begin : end if end >= 0 else None].strip(b" \t")


def _written(lines: bytes) -> Fields:
    parts = [line.partition(b": ") for line in lines.split(b"\r\n")[1:]]
    return [(name, value) for name, _, value in parts]


_LENGTH_LINE: Final = re.compile(rb"\r\ncontent-length:[^\r\n]*", re.IGNORECASE)


def without_length(lines: bytes) -> bytes:
    """Valid field lines without Content-Length."""
    return _LENGTH_LINE.sub(b"", lines)


def parse_lines(lines: bytes) -> Fields:
    """The fields of valid field lines, each with its CRLF in front."""
    fields = []
    for line in lines.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields.append((name.lower(), value.strip(b" \t")))
    return fields
