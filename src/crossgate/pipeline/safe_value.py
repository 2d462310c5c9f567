"""How a decoded value is written into a backend's URL: into a segment of its path, or into its query.

Values come from clients (`{param}`), from earlier answers (`{resp0_x}`) and from tokens (`{JWT.x}`). Wherever one goes,
it stays one value: in a path it adds and removes no segment, in a query it adds no parameter. What cannot be escaped so
that every backend takes it for that is refused: many decode `%2F` and `%5C` before they look at segments, and some
decode twice. Anything harmless is left to Go's rules (golang/url.py), which are KrakenD's.

Pure. Does not know templates, requests or answers.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from crossgate.golang.url import UrlError

MAX_DECODINGS = 3
"""How often a value is decoded in search of something dangerous. One that is still encoded then is refused."""

DOT_SEGMENT = "a parameter is a dot segment"
SEPARATOR = "a parameter with a slash or a backslash does not fit into a path"
MANY_TIMES_ENCODED = "a parameter is encoded many times over"
EMPTY_FIRST = "an empty parameter does not fit at the beginning of a path"

# DEVIATION(DEV-PARAM-2): the delimiters of a query, besides what could not stand in it at all.
_NOT_IN_QUERY: Final = re.compile(rb"[^\x21-\x7e]|[#&+;=]")
_ENDS_PATH: Final = re.compile(rb"[?#]")
_NOT_IN_PATH: Final = re.compile(rb"[^A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]%\x00-\x1f\x7f]")  # control characters are refused
_SEPARATOR: Final = re.compile(rb"[/\\]")
# With what some servers cut off before they resolve dots: path parameters (`..;a=b`), NUL, blanks at the end.
_DOTS: Final = re.compile(rb"\.\.?(?:[;\x00].*|[\x01-\x20]*)", re.DOTALL)
# Nothing that any of the above is about. One character that is no dot makes it no dot segment.
_PLAIN: Final = re.compile(rb"\.*[A-Za-z0-9\-_~!$'()*,:@][A-Za-z0-9\-_.~!$'()*,:@]*")


class UnsafeValueError(UrlError):
    """A value cannot be written into a path so that it stays a value. `str()` says why."""


def are_plain(values: Sequence[bytes]) -> bool:
    """Whether all of the values go anywhere as they are, alone in a segment or beside text. Quick, and often true."""
    return all(map(_PLAIN.fullmatch, values))


def in_query(value: bytes) -> bytes:
    """The value as one value of a query, or as a part of one. Percent signs stay as they are, as in KrakenD."""
    return _NOT_IN_QUERY.sub(_escaped, value)


def in_path(value: bytes, *, alone: bool) -> bytes:
    """The value as a part of a segment. `fault_of_segment` says whether it may stand there.

    Go escapes the whole path if a part of it needs that, and decodes it first: `alone` does it for the value only, so
    that escapes around it stay what they are (`/group%2Fproject/{id}`).
    """
    # DEVIATION(DEV-PARAM-3): these would begin the query, or cut it off.
    value = _ENDS_PATH.sub(_escaped, value)
    return _NOT_IN_PATH.sub(_escaped, value) if alone else value


def fault_of_segment(texts: Sequence[bytes], values: Sequence[bytes]) -> str:
    """Why these values must not stand in one segment, with the texts around them; empty where they may.

    DEVIATION(DEV-PARAM-1): there is one text more than values; all are as they are to be written.
    """
    parts = [texts[0]]
    for value, text in zip(values, texts[1:], strict=True):
        parts += (value, text)
    segment = _decoded(b"".join(parts))
    if segment is None:
        return MANY_TIMES_ENCODED
    own = _decoded(b"x".join(texts)) or b""  # an x is no part of an escape
    if len(_SEPARATOR.findall(segment)) > len(_SEPARATOR.findall(own)):
        return SEPARATOR
    return DOT_SEGMENT if _has_dots(segment) else ""


def fault_of_parameter(value: bytes, *, is_in_path: bool) -> str:
    """Why a request with that value of a path parameter is refused; empty where it is not.

    Where the value goes into no path, only dot segments are refused: they are the request's own.
    """
    decoded = _decoded(value)
    if decoded is None:
        return MANY_TIMES_ENCODED
    if _has_dots(decoded):
        return DOT_SEGMENT
    return SEPARATOR if is_in_path and _SEPARATOR.search(decoded) is not None else ""


def _has_dots(decoded: bytes) -> bool:
    return b"." in decoded and any(_DOTS.fullmatch(part) is not None for part in _SEPARATOR.split(decoded))


def _decoded(value: bytes) -> bytes | None:
    """The value with all its escapes decoded, those within escapes too. None if that takes too long."""
    for _ in range(MAX_DECODINGS + 1):
        if b"%" not in value:
            return value
        decoded = unquote_to_bytes(value)
        if decoded == value:
            return value
        value = decoded
    return None


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
