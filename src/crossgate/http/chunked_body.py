"""A body in the chunked transfer coding (RFC 9112 section 7.1), read as its bytes come. Does not know messages.

Strict in what frames the body (sizes, line ends), since whoever reads those otherwise sees another message. What stands
in chunk extensions and trailers means nothing and is dropped, blanks before an extension included (Go takes them, too).
"""

import re

MAX_LINE_BYTES = 4096
"""The longest line of framing, as in Go."""

# What chunking may add to a body: generous for honest peers, since one byte per chunk costs five more.
_OVERHEAD_FACTOR = 8
_OVERHEAD_BYTES = 65_536
_MAX_SIZE = 1 << 62
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+"'
# Blanks at the end of a line are no part of the grammar, but nothing can be read into them behind an extension.
# All possessive: a line is read once, however it ends.
_STRICT = re.compile(
    rb"([0-9A-Fa-f]++)(?:(?:[ \t]*+;[ \t]*+%b++(?:[ \t]*+=[ \t]*+(?:%b|%b*+))?+)++[ \t]*+)?" % (_TOKEN, _QUOTED, _TOKEN)
)
# As Go's client has it: blanks behind the size, and anything printable for an extension.
_LENIENT = re.compile(rb"([0-9A-Fa-f]++)[ \t]*+(?:;[\t -~\x80-\xff]*)?")
_BEGINNING = re.compile(rb"[0-9A-Fa-f][\t -~\x80-\xff]*+")  # of a line that has no end yet
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0A-\x1F\x7F]*\Z")
# Instead of the size of a chunk: what is due next.
_SIZE_LINE, _CHUNK_END, _TRAILERS = -1, -2, -3


class ChunkedBodyError(Exception):
    """The bytes are no chunked body, or one that `is_wasteful`: little but framing. `str()` is the cause."""

    def __init__(self, cause: str, *, is_wasteful: bool = False) -> None:
        super().__init__(cause)
        self.is_wasteful = is_wasteful


class ChunkedBody:
    """Reads one body. `ended` tells that it is whole.

    `is_lenient` is for answers of backends: their chunk sizes may be padded with blanks.
    """

    __slots__ = ("_form", "_left", "_line", "_overhead", "_pieces", "ended")

    def __init__(self, *, is_lenient: bool = False) -> None:
        self._form = _LENIENT if is_lenient else _STRICT
        self._left = _SIZE_LINE
        self._line = b""  # that has not come to its end yet
        self._overhead = 0
        self._pieces: list[bytes] = []
        self.ended = False

    def take(self) -> list[bytes]:
        """The pieces of the body that came since this was last called."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def feed(self, data: bytes) -> bytes:
        """Read on; gives what follows the body once it `ended`. Raises ChunkedBodyError.

        The cost is linear in the bytes, and in the number of chunks, which the overhead bounds.
        """
        if self._line:
            self._overhead -= len(self._line)
            data, self._line = self._line + data, b""
        at, size = 0, len(data)
        read_bytes = 0
        while at < size and not self.ended:
            left = self._left
            if left > 0:
                piece = data[at : at + left]
                self._pieces.append(piece)
                read_bytes += len(piece)
                at += len(piece)
                self._left = left - len(piece) or _CHUNK_END
                continue
            end = data.find(b"\r\n", at, at + MAX_LINE_BYTES)
            if end < 0:
                self._hold(data[at:])
                at = size
                break
            self._read_line(data[at:end])
            at = end + 2
        self._count(at - read_bytes, read_bytes)
        return data[at:]

    def _read_line(self, line: bytes) -> None:
        if self._left == _CHUNK_END:
            if line:
                raise ChunkedBodyError("malformed chunked encoding")
            self._left = _SIZE_LINE
        elif self._left == _SIZE_LINE:
            match = self._form.fullmatch(line)
            size = _MAX_SIZE if match is None else int(match[1], 16)
            if size >= _MAX_SIZE:
                raise ChunkedBodyError("invalid chunk size")
            self._left = size or _TRAILERS
        elif not line:
            self.ended = True
        elif _TRAILER.match(line) is None:
            raise ChunkedBodyError("malformed trailer")

    def _hold(self, line: bytes) -> None:
        """A line without its end is looked at as far as it goes: nobody waits for the end of what is wrong already."""
        begun = line[:-1] if line[-1:] == b"\r" else line
        is_wrong = b"\n" in line or b"\r" in begun
        if self._left == _CHUNK_END:
            is_wrong = is_wrong or begun != b""
        elif self._left == _SIZE_LINE:
            is_wrong = is_wrong or _BEGINNING.fullmatch(begun) is None
        if is_wrong or len(line) >= MAX_LINE_BYTES:
            raise ChunkedBodyError("malformed chunked encoding")
        self._line = line

    def _count(self, framing_bytes: int, body_bytes: int) -> None:
        """Chunks must be worth their framing."""
        self._overhead = max(0, self._overhead + framing_bytes - _OVERHEAD_FACTOR * body_bytes)
        if self._overhead > _OVERHEAD_BYTES:
            raise ChunkedBodyError("chunked encoding contains too much non-data", is_wasteful=True)
