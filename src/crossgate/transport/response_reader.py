"""The bytes of one backend connection, read as HTTP/1.x responses.

Records what the parser reports and judges the head; whoever feeds it acts on the record afterwards (an exception inside
a parser callback would look like a fault of the peer). Does not know sockets or requests, but for HEAD.

Stricter than the parser: versions 1.0 and 1.1 only, no transfer coding but `chunked` and none in HTTP/1.0 (RFC 9112
section 6.1), a bounded head, few interim responses, and nothing behind the end of a response.
"""

import httptools

from crossgate.http.hop_by_hop import names_to_drop
from crossgate.http.message import Fields

MAX_HEAD_BYTES = 1 << 20
MAX_HEADERS = 2_000
MAX_INTERIM = 5  # as Go's transport has it
# What chunking may add to a body: generous for honest peers, since one byte per chunk costs five more.
_OVERHEAD_FACTOR = 8
_OVERHEAD_BYTES = 65_536


class MalformedResponseError(Exception):
    """The peer does not speak HTTP/1.x as it must. `str()` is the cause in Go's manner."""


class ResponseReader:
    """Reads one response at a time; `expect` begins the next.

    After `feed`: `has_head` tells that status, fields and length are there, `pieces` holds the body's bytes that
    arrived since they were last taken, `complete` that the message is whole. `until_close` bodies never are: their end
    is the connection's. `clean` is false once another exchange on this connection would not be safe.
    """

    __slots__ = (
        "_head_bytes",
        "_interim",
        "_is_head_request",
        "_overhead",
        "_parser",
        "_version",
        "clean",
        "complete",
        "fields",
        "has_head",
        "length_bytes",
        "pieces",
        "started",
        "status",
        "until_close",
    )

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.clean = True
        self.expect(is_head_request=False)

    def expect(self, *, is_head_request: bool) -> None:
        """A request was sent: what comes next is its response."""
        self._is_head_request = is_head_request
        self._interim = self._head_bytes = self._overhead = 0
        self.started = self.has_head = self.complete = self.until_close = False
        self.status = 0
        self._version = ""
        self.fields: Fields = []
        self.pieces: list[bytes] = []
        self.length_bytes: int | None = None

    def feed(self, data: bytes) -> None:
        """Read on. Raises MalformedResponseError, but not for what follows a complete response: that only makes the
        connection unclean."""
        self.started = True
        had_head = self.has_head
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.clean = False
            if not self.complete:
                raise MalformedResponseError(f"malformed HTTP response ({_reason(error)})") from None
        if had_head:
            self._count_overhead(len(data))
        else:
            self._judge_head(len(data))

    def _judge_head(self, data_bytes: int) -> None:
        self._head_bytes += data_bytes
        if self._interim > MAX_INTERIM:
            raise MalformedResponseError("too many 1xx informational responses")
        if not self.has_head:
            if self._head_bytes > MAX_HEAD_BYTES or len(self.fields) > MAX_HEADERS:
                raise MalformedResponseError(
                    f"net/http: server response headers exceeded {MAX_HEAD_BYTES} bytes; aborted"
                )
            return
        if len(self.fields) > MAX_HEADERS:
            raise MalformedResponseError("too many header fields")
        self._read_framing()

    def _read_framing(self) -> None:
        version = self._version
        if self.status < 200 or version not in ("1.1", "1.0"):
            raise MalformedResponseError(f"malformed HTTP response (HTTP/{version} status {self.status})")
        lengths = codings = 0
        for name, value in self.fields:
            if name == b"content-length":
                self.length_bytes = int(value)  # digits, and one of them: the parser saw to that
                lengths += 1
            elif name == b"transfer-encoding":
                codings += 1
                if value.strip().lower() != b"chunked" or codings > 1 or version == "1.0":
                    raise MalformedResponseError(f"unsupported transfer encoding: {value.decode('latin-1')!r}")
        if lengths and codings:
            raise MalformedResponseError("both Content-Length and Transfer-Encoding")
        if self._is_head_request:
            self._end_head_response()
        elif self.status not in (204, 304) and not lengths and not codings:
            self.until_close = True
            self.clean = False

    def _end_head_response(self) -> None:
        """An answer to HEAD has no body whatever its fields say; the parser cannot be told and is replaced."""
        if self.pieces:
            self.clean = False
            self.pieces.clear()
        if not self.complete:
            self.complete = True
            self._parser = httptools.HttpResponseParser(self)

    def _count_overhead(self, data_bytes: int) -> None:
        body_bytes = sum(map(len, self.pieces))
        self._overhead += data_bytes - body_bytes * _OVERHEAD_FACTOR
        if self._overhead < 0:
            self._overhead = 0
        elif self._overhead > _OVERHEAD_BYTES and not self.complete:
            raise MalformedResponseError("chunked encoding contains too much non-data")

    def take_fields(self) -> Fields:
        """The fields without those of the connection and of the framing."""
        drop = names_to_drop(self.fields)
        return [(name, value) for name, value in self.fields if name not in drop and name != b"content-length"]

    def take_body(self) -> bytes:
        """What arrived of the body since this was last called."""
        pieces = self.pieces
        if len(pieces) == 1:
            data = pieces[0]
        elif pieces:
            data = b"".join(pieces)
        else:
            return b""
        self.pieces = []
        return data

    # -- parser callbacks: record only

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if self.complete:
            self.clean = False  # bytes nobody asked for: they must not become somebody else's answer

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser, for trailers too, which nobody gets to see."""
        if not self.has_head:
            self.fields.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self.complete:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._interim += 1
            self.fields = []
        else:
            self.status = status
            self.has_head = True
            self._version = self._parser.get_http_version()
            if not self._parser.should_keep_alive():  # only here: at the end of the message it has forgotten
                self.clean = False

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        if self.complete:
            self.clean = False
        else:
            self.pieces.append(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self.has_head:
            self.complete = True


def _reason(error: Exception) -> str:
    if isinstance(error, httptools.HttpParserUpgrade):
        return "unexpected upgrade"
    return str(error) or type(error).__name__
