"""Reading a response's head from hostile bytes. Pure: bytes in, a head or a reason out.

As lenient as browsers are (bare line feeds, folded lines, lines without a colon), and never more than one pass.
"""

import re

from crossgate.cors.fetch import WireResponse

MAX_FIELDS = 1000

_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9][ \t]+([1-9][0-9]{2})(?:[ \t][^\r\n]*)?\Z")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class HeadError(ValueError):
    """Bytes that are no response's head. Its message is the end of a sentence."""


def split_head(data: bytes | bytearray, searched: int = 0) -> tuple[bytes, int] | None:
    """The first head in `data` and where it ends, or None while it is incomplete.

    The first `searched` bytes are known to hold no end, so that reading piece by piece stays linear.
    """
    found = _HEAD_END.search(data, max(0, searched - 3))
    return None if found is None else (bytes(data[: found.start()]), found.end())


def looks_like_http(data: bytes | bytearray) -> bool:
    """Whether `data` can be the beginning of an HTTP/1 response."""
    start = bytes(data[:7])
    return b"HTTP/1."[: len(start)] == start


def parse_head(head: bytes) -> WireResponse:
    """A head without its final empty line. Raises HeadError."""
    if b"\0" in head:
        raise HeadError("its head has a NUL byte")
    status_line, *lines = re.split(rb"\r?\n", head)
    status = _STATUS_LINE.match(status_line)
    if status is None:
        raise HeadError("it does not begin like HTTP/1")
    if len(lines) > MAX_FIELDS:
        raise HeadError(f"its head has more than {MAX_FIELDS} lines")
    fields: list[tuple[bytes, list[bytes]]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line.strip(b" \t"))
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if colon and _NAME.match(name):
            fields.append((name.lower(), [value.strip(b" \t\r")]))
    return WireResponse(int(status[1]), tuple((name, b" ".join(parts).strip()) for name, parts in fields))
