"""Field lines that a script made: whether they are HTTP. What is not must not reach anybody's socket."""

import re

from crossgate.http.hop_by_hop import HOP_BY_HOP
from crossgate.http.message import Fields

_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BREAKS = bytes.maketrans(b"\r\n\0", b"   ")
_NOT_A_SCRIPTS = HOP_BY_HOP | {b"content-length", b"x-krakend", b"x-krakend-completed"}


def is_value(value: bytes) -> bool:
    """Whether it can be the value of a field."""
    return _VALUE.fullmatch(value) is not None


def fault_of_fields(fields: Fields) -> str:
    """Why these cannot go to a backend, in Go's words; empty where they can."""
    for name, value in fields:
        if _TOKEN.fullmatch(name) is None:
            return f'net/http: invalid header field name "{name.decode("latin-1")}"'
        if not is_value(value):
            return f'net/http: invalid header field value for "{name.decode("latin-1")}"'
    return ""


def trimmed(fields: Fields) -> Fields:
    """Values without the blanks around them, which are no part of a value (RFC 9110 section 5.5). Go writes none."""
    return [(name, value.strip(b" \t")) for name, value in fields]


def for_clients(fields: Fields) -> Fields:
    """Those that a response may have, names in lower case; a line break in a value becomes a blank, as in Go."""
    return [
        (name.lower(), value.translate(_BREAKS).strip(b" \t"))
        for name, value in fields
        if _TOKEN.fullmatch(name) is not None and name.lower() not in _NOT_A_SCRIPTS
    ]
