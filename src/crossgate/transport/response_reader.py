"""The bytes of one backend connection, cut into HTTP/1.x responses: a head at its blank line, a body as it is framed.

What a head says is response_head's business; how chunks are read, chunked_body's. Does not know sockets or requests,
but for HEAD. Few interim responses are taken, and nothing behind the end of a response. A head that the parser refuses
may still be one that can be read for certain: see lenient_head.py. Its connection is not used again.
"""

from typing import Final

import httptools

from crossgate.http.chunked_body import ChunkedBody, ChunkedBodyError
from crossgate.transport.lenient_head import HeadError, rewrite_head
from crossgate.transport.response_head import MAX_HEAD_BYTES, MalformedResponseError, ResponseHead, too_large
from crossgate.transport.whole_message import HeadCheck, WholeMessages

MAX_INTERIM = 5  # as Go's transport has it
BODILESS = (204, 304)
_HEAD_END: Final = b"\r\n\r\n"


def whole_responses() -> WholeMessages:
    """What checks the responses of any connections that come whole."""
    return WholeMessages(httptools.HttpResponseParser)


class ResponseReader:
    """Reads one response at a time; `expect` begins the next.

    After `feed`: `head` is there once it was read, `pieces` holds the body's bytes that arrived since they were last
    taken, `complete` that the message is whole. `until_close` bodies never are: their end is the connection's. `clean`
    is false once another exchange on this connection would not be safe.
    """

    __slots__ = (
        "_check",
        "_chunks",
        "_gathered",
        "_interim_seen",
        "_is_head_request",
        "_left",
        "_messages",
        "clean",
        "complete",
        "head",
        "pieces",
        "started",
        "until_close",
    )

    def __init__(self, messages: WholeMessages) -> None:
        self._messages = messages
        self.clean = True
        self._is_head_request = False
        self._interim_seen = self._left = 0
        self._gathered = b""  # of a head that is not whole yet
        self._check: HeadCheck | None = None  # of the same
        self._chunks: ChunkedBody | None = None
        self.head: ResponseHead | None = None
        self.started = self.complete = self.until_close = False
        self.pieces: list[bytes] = []

    def expect(self, *, is_head_request: bool) -> None:
        """A request was sent: what comes next is its response. Only after a complete one, on a clean connection."""
        self._is_head_request = is_head_request
        self.started = self.complete = False
        self.head = None
        if self._interim_seen:
            self._interim_seen = 0
        if self._chunks is not None:
            self._chunks = None

    def feed(self, data: bytes) -> None:
        """Read on. Raises MalformedResponseError, but not for what follows a complete response: that only makes the
        connection unclean."""
        self.started = True
        while data and self.head is None:
            data = self._read_head(data)
        if data:
            self._read_body(data)

    # -- the head

    def _read_head(self, data: bytes) -> bytes:
        """Read a head, perhaps an interim one, or as much of it as there is. Gives what follows."""
        if self._gathered:
            begin = len(self._gathered)
            data = self._gathered + data
            end = data.find(_HEAD_END, max(0, begin - 3)) + len(_HEAD_END)
        else:
            begin = 0
            if data[0] < 0x20:
                data = data.lstrip(b"\r\n")  # empty lines in front are allowed (RFC 9112 section 2.2)
                if not data:
                    return b""
            end = data.find(_HEAD_END) + len(_HEAD_END)
        if end < len(_HEAD_END):
            return self._wait_for_more(data, begin)
        self._gathered = b""
        if self._check is None and not self._is_head_request and self._is_whole(data, end):
            return b""
        check = HeadCheck(httptools.HttpResponseParser)
        if not check.feed(data[:end]) or not check.is_head:
            return self._read_lenient(data, 0)
        self._check = None
        self._take_head(ResponseHead(data[:end]))
        return data[end:]

    def _is_whole(self, data: bytes, end: int) -> bool:
        """Whether this is one response with a length, as nearly always; else nothing has been read."""
        try:
            head = ResponseHead(data[:end])
        except MalformedResponseError:
            return False
        length = head.length_bytes
        if (
            length is None
            or len(data) != end + length
            or head.status < 200
            or head.status in BODILESS
            or not self._messages.is_whole(data)
        ):
            return False
        if length:
            self.pieces.append(data[end:])
        self.head = head
        self.complete = True
        if not head.stays:
            self.clean = False
        return True

    def _wait_for_more(self, data: bytes, begin: int) -> bytes:
        """The head has no end yet; what is wrong with it is to be known before it has."""
        if len(data) > MAX_HEAD_BYTES:
            raise too_large()
        check = self._check
        if check is None:
            check = self._check = HeadCheck(httptools.HttpResponseParser)
            begin = 0
        if not check.failed:
            check.feed(data[begin:])
        if check.failed:
            return self._read_lenient(data, begin)
        self._gathered = data
        return b""

    def _read_lenient(self, data: bytes, searched: int) -> bytes:
        """Read a head that the parser refuses, rewritten, once it has come to its end."""
        self.clean = False
        try:
            found = rewrite_head(data, searched)
        except HeadError as error:
            raise MalformedResponseError(f"malformed HTTP response ({error})") from None
        if found is None:
            if len(data) > MAX_HEAD_BYTES:
                raise too_large()
            self._gathered = data
            return b""
        head, end = found
        check = HeadCheck(httptools.HttpResponseParser)
        if not check.feed(head) or not check.is_head:
            raise MalformedResponseError(f"malformed HTTP response ({check.failed or 'no head'})")
        self._gathered, self._check = b"", None
        self._take_head(ResponseHead(head))
        return data[end:]

    def _take_head(self, head: ResponseHead) -> None:
        status = head.status
        if status < 200 and status != 101:
            self._interim_seen += 1
            if self._interim_seen > MAX_INTERIM:
                raise MalformedResponseError("too many 1xx informational responses")
            return
        if status < 200:
            raise MalformedResponseError(f"malformed HTTP response (status {status})")
        self.head = head
        if not head.stays:
            self.clean = False
        if self._is_head_request or status in BODILESS or head.length_bytes == 0:
            self.complete = True
        elif head.is_chunked:
            self._chunks = ChunkedBody(is_lenient=True)
        elif head.length_bytes is not None:
            self._left = head.length_bytes
        else:
            self.until_close = True
            self.clean = False

    # -- the body

    def _read_body(self, data: bytes) -> None:
        rest = b""
        if self.complete:
            rest = data
        elif self.until_close:
            self.pieces.append(data)
        elif self._chunks is not None:
            chunks = self._chunks
            try:
                rest = chunks.feed(data)
            except ChunkedBodyError as error:
                self.clean = False
                raise MalformedResponseError(f"malformed HTTP response ({error})") from None
            self.pieces += chunks.take()
            self.complete = chunks.ended
        else:
            left = self._left
            rest = data[left:]
            self.pieces.append(data[:left] if rest else data)
            self._left = left - len(data) + len(rest)
            self.complete = not self._left
        if rest and rest.strip(b"\r\n"):
            # DEVIATION(DEV-HTTP-3): bytes that nobody asked for must not become somebody else's answer.
            self.clean = False

    def take_body(self) -> bytes:
        """What arrived of the body since this was last called."""
        pieces = self.pieces
        if len(pieces) == 1:
            return pieces.pop()
        if not pieces:
            return b""
        self.pieces = []
        return b"".join(pieces)
