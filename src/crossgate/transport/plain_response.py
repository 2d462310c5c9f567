"""Plain responses: whole in one read, with a Content-Length, and with nothing in the head that needs a second look.

Most answers of backends are. As in ResponseReader, to which everything else is left, the parser checks every byte and
the lines are kept as they came. Does not know connections or requests.
"""

import re
from collections.abc import Iterable

import httptools

from crossgate.http.hop_by_hop import HOP_BY_HOP
from crossgate.transport.response_reader import MAX_FIELDS
from crossgate.transport.whole_message import WholeMessages

# Lines of the connection that say nothing, as servers write them; other spellings are not plain.
_IDLE_WORDS = re.compile(rb"\r\n(?:[Cc]onnection: [Kk]eep-[Aa]live|[Kk]eep-[Aa]live:[^\r\n]*)(?=\r)")
_TELLING = re.compile(
    rb"\n(?:content-length:[ \t]*([0-9]{1,9})\r|content-length|content-encoding:|access-control-|vary:|%b)"
    % b"|".join(name + b":" for name in sorted(HOP_BY_HOP))
)
_LENGTH = re.compile(rb"\r\ncontent-length:[^\r\n]*", re.IGNORECASE)
_MAX_BYTES = 1 << 16
_MAX_HEAD_BYTES = 4 * MAX_FIELDS  # no more fields than that fit in

PlainAnswer = tuple[int, bytes, bytes, bool]
"""Status, lines, body, and whether one of the lines is Date. See PlainResponses."""


class PlainResponses:
    """Reads plain responses, on any connection.

    They are those whose status is one of `statuses`, that have one Content-Length, which is among the lines given, and
    no line about encodings or CORS, nor Vary. `lines` have their CRLF in front, each of them, and none behind.
    """

    __slots__ = ("_messages", "_starts")

    def __init__(self, statuses: Iterable[int]) -> None:
        self._starts = {b"HTTP/1.1 %d " % status: status for status in statuses}
        self._messages = WholeMessages(httptools.HttpResponseParser)

    def read(self, data: bytes) -> PlainAnswer | None:
        """The one response that `data` is; None if it is anything else, and then nothing has been read."""
        end = data.find(b"\r\n\r\n")
        status = self._starts.get(data[:13])
        if status is None or not 0 < end <= _MAX_HEAD_BYTES or len(data) > _MAX_BYTES:
            return None
        lines = _IDLE_WORDS.sub(b"", data[data.find(b"\r\n") : end + 2])
        lower = lines.lower()
        telling = _TELLING.findall(lower)
        # The one that tells something is to be the length, and the right one: then nothing follows the body.
        if len(telling) != 1 or not telling[0] or int(telling[0]) != len(data) - end - 4:
            return None
        if not self._messages.is_whole(data):
            return None
        return status, lines[:-2], data[end + 4 :], lower.find(b"\r\ndate:") >= 0


def without_length(lines: bytes) -> bytes:
    """The lines of a plain answer without its Content-Length."""
    return _LENGTH.sub(b"", lines)
