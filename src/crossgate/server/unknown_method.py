"""Request lines whose method the HTTP parser does not know, for it to read as if they had one that it knows.

Any token is a method (RFC 9110 section 9.1), and what it means is the router's business; how a request is framed does
not depend on it. Knows request lines; does not know the parser.
"""

import re

_MAX_HELD_BYTES = 65_536
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
# Behind the empty lines that may come first (RFC 9112 section 2.2).
_LINE = re.compile(rb"(?:\r\n){0,4}(" + _TOKEN + rb"{1,64})(?= [^\r\n ]+ HTTP/1\.[01]\r\n)")
_BEGINNING = re.compile(rb"(?:\r\n){0,4}" + _TOKEN + rb"{1,64}(?: |\Z)")


def replace_method(data: bytes) -> tuple[bytes, bytes] | None:
    """The method, and the bytes with POST in its place; None where they begin with no complete request line."""
    match = _LINE.match(data)
    return None if match is None else (match[1], b"POST" + data[match.end() :])


def may_have_method(data: bytes) -> bool:
    """Whether these bytes are the beginning of a request line with a method, worth waiting for the rest of it."""
    return len(data) <= _MAX_HELD_BYTES and b"\n" not in data.lstrip(b"\r\n") and _BEGINNING.match(data) is not None
