"""The head of a backend's answer: its bytes in, status, field lines and framing out, however the bytes came.

The parser has checked every byte; field lines are not taken apart, since most answers are passed on: they stay as they
came, less what concerns the connection. Does not know connections, nor how a body arrives.

Stricter than the parser: versions 1.0 and 1.1 only, no transfer coding but `chunked` and none in HTTP/1.0 (RFC 9112
section 6.1), a bounded head.
"""

import re
from typing import Final

from crossgate.http.hop_by_hop import connection_options, names_to_drop
from crossgate.http.message import UpstreamResponse, parse_lines

MAX_HEAD_BYTES = 1 << 20
MAX_FIELDS = 2_000

_START: Final = re.compile(rb"HTTP/(1\.[01]) ([1-9][0-9]{2})(?: [^\r\n]*)?\r\n")
_STARTS: Final[dict[bytes, tuple[bytes, int]]] = {}
_MOST_STARTS = 64
_LONGEST_KEPT_START = 64
_STAYS: Final = b"\r\nconnection: keep-alive"
_LENGTH: Final = b"\r\ncontent-length:"
# Beginnings of lower-case names that never go on, or that decide about the body, Content-Length aside. One search for
# all of them costs what a search for one does.
_SPECIAL: Final = re.compile(
    rb"\n(?:close:|connection:|transfer-encoding:|keep-alive:|proxy-|te:|trailer:|upgrade:|x-crossgate-)"
)


class MalformedResponseError(Exception):
    """The peer does not speak HTTP/1.x as it must. `str()` is the cause in Go's manner."""


class ResponseHead(UpstreamResponse):
    """A head that may be taken: the response, whose body is still to be put in.

    `is_chunked` says how the body comes, `stays` that another response may follow on the connection, as far as this
    head is concerned.
    """

    __slots__ = ("is_chunked", "stays")

    def __init__(self, head: bytes) -> None:
        """`head` is a whole one, from the start line to the empty line. Raises MalformedResponseError."""
        start = head[: head.find(b"\r\n") + 2]
        version, self.status = _STARTS.get(start) or _read_start(start)
        self.stays = version == b"1.1"
        self.is_chunked = False
        self.length_bytes: int | None = None
        self.body = b""
        self.url = ""
        self.reason = None
        self._fields = None
        lines = head[len(start) - 2 : -4]
        if len(lines) > MAX_FIELDS and (len(head) > MAX_HEAD_BYTES or lines.count(b"\n") > MAX_FIELDS):
            raise too_large()
        lower = lines.lower()
        begin = lower.find(_STAYS)
        if begin >= 0:
            behind = begin + len(_STAYS)
            if behind == len(lower) or lower.startswith(b"\r\n", behind):
                lines = lines[:begin] + lines[behind:]
                lower = lower[:begin] + lower[behind:]
                self.stays = True
        begin = lower.find(_LENGTH)
        if begin >= 0:
            end = lower.find(b"\r\n", begin + len(_LENGTH))
            length = lower[begin + len(_LENGTH) : end if end >= 0 else None].strip(b" \t")
            if not length.isdigit() or len(length) > 18:  # that there is one such line only is the parser's business
                raise MalformedResponseError("bad Content-Length")
            self.length_bytes = int(length)
        self.is_encoded = lower.find(b"\r\ncontent-encoding:") >= 0
        if _SPECIAL.search(lower) is not None:
            lines = self._read_special(lines, version)
        self.lines = lines

    def _read_special(self, lines: bytes, version: bytes) -> bytes:
        """What concerns one connection only. Gives the lines without it."""
        fields = parse_lines(lines)
        options = connection_options(value for name, value in fields if name == b"connection")
        self.stays = b"close" not in options and (self.stays or b"keep-alive" in options)
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        if codings:
            if len(codings) > 1 or codings[0].lower() != b"chunked" or version == b"1.0":
                raise MalformedResponseError(f"unsupported transfer encoding: {codings[0].decode('latin-1')!r}")
            if self.length_bytes is not None:
                raise MalformedResponseError("both Content-Length and Transfer-Encoding")
            self.is_chunked = True
        drop = names_to_drop(fields)
        kept = [line for line, (name, _) in zip(lines.split(b"\r\n")[1:], fields, strict=True) if name not in drop]
        return b"".join([b"\r\n" + line for line in kept])


def _read_start(line: bytes) -> tuple[bytes, int]:
    """Version and status. Backends say the same few lines: they are remembered, within bounds."""
    start = _START.fullmatch(line)
    if start is None:
        raise MalformedResponseError("malformed HTTP response (start line)")
    version, status = start.groups()
    if len(line) <= _LONGEST_KEPT_START:
        if len(_STARTS) >= _MOST_STARTS:
            _STARTS.clear()
        _STARTS[line] = version, int(status)
    return version, int(status)


def too_large() -> MalformedResponseError:
    """The head is over a limit."""
    return MalformedResponseError(f"net/http: server response headers exceeded {MAX_HEAD_BYTES} bytes; aborted")
