"""Chunked bodies on their way to the parser: where they end, and chunk-size lines without blanks and extensions.

The parser checks every byte, but it does not know the blanks that RFC 9112 section 7.1.1 allows around extensions, and
it does not tell where in a read a body ends. So the framing is followed here, too. The two have to agree: a line that
is not recognised here is refused and never left to the parser. Pure; does not know messages.
"""

import re

MAX_LINE_BYTES = 4096
"""The longest chunk-size line, as in Go."""

_MAX_SIZE = 1 << 62
_PLAIN_LINE = re.compile(rb"([0-9A-Fa-f]+)\r\n")
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+"'
# Blanks at the end of a line are no part of the grammar, but nothing can be read into them behind an extension.
# All possessive: a line is read once, however it ends.
_STRICT = re.compile(
    rb"([0-9A-Fa-f]++)(?:[ \t]*+;[ \t]*+%b++(?:[ \t]*+=[ \t]*+(?:%b|%b*+))?+)++[ \t]*+" % (_TOKEN, _QUOTED, _TOKEN)
)
# As Go's client has it: blanks behind the size, and anything printable for an extension.
_LENIENT = re.compile(rb"([0-9A-Fa-f]++)[ \t]*+(?:;[\t -~\x80-\xff]*)?")
# What may still become a line: one that cannot is not waited for.
_BEGINNING = re.compile(rb"(?:[0-9A-Fa-f][\t -~\x80-\xff]*+\r?)?")
_END = b"\r\n\r\n"


class ChunkLineError(ValueError):
    """A chunk-size line is none."""


class ChunkLines:
    """Reads one body. `ended` tells that all of it was read.

    `is_lenient` is for answers of backends: their chunk sizes may be padded with blanks.
    """

    __slots__ = ("_form", "_held", "_left", "_tail", "ended")

    def __init__(self, *, is_lenient: bool = False) -> None:
        self._form = _LENIENT if is_lenient else _STRICT
        self._held = b""  # the beginning of a line whose end has not come yet
        self._left = 0  # of a chunk that has begun, its line end included
        self._tail = b""  # the last bytes of what was read of the trailers, once they have begun
        self.ended = False

    def read(self, data: bytes) -> tuple[bytes, bytes]:
        """What the parser is to be given, and what stands behind the body. Raises ChunkLineError."""
        if self._held:
            data, self._held = self._held + data, b""
        pieces: list[bytes] = []
        given = 0  # so much of the data is among the pieces
        at = self._left
        end = len(data)
        while at < end and not self._tail:
            match = _PLAIN_LINE.match(data, at)
            if match is not None:
                line_end = match.end()
            else:
                line_end = data.find(b"\r\n", at, at + MAX_LINE_BYTES) + 2
                if line_end < 2:
                    self._hold(data[at:])
                    pieces.append(data[given:at])
                    return b"".join(pieces), b""
                match = self._form.fullmatch(data, at, line_end - 2)
                if match is None:
                    raise ChunkLineError
                pieces += (data[given:at], match[1], b"\r\n")
                given = line_end
            size = int(match[1], 16)
            if size > _MAX_SIZE:
                raise ChunkLineError
            at = line_end + size + 2
            if size == 0:
                at = line_end
                if data.startswith(b"\r\n", at):
                    self.ended = True  # there are no trailers, as nearly always
                    end = at + 2
                    break
                self._tail = b"\r\n"
        else:
            self._left = at - end if at > end else 0
            if self._tail:
                end = self._read_trailers(data, at)
        if not given:
            return (data, b"") if end == len(data) else (data[:end], data[end:])
        pieces.append(data[given:end])
        return b"".join(pieces), data[end:]

    def _hold(self, line: bytes) -> None:
        if len(line) >= MAX_LINE_BYTES or _BEGINNING.fullmatch(line) is None:
            raise ChunkLineError
        self._held = line
        self._left = 0

    def _read_trailers(self, data: bytes, at: int) -> int:
        """Where in the data they end, or the data does."""
        before = len(self._tail)
        joined = self._tail + data[at:]
        end = joined.find(_END)
        if end < 0:
            self._tail = joined[-3:]
            return len(data)
        self.ended = True
        return at + end + len(_END) - before
