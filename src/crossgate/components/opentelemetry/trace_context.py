"""The trace that a request belongs to, as its fields say it. Pure; a malformed field is as good as none.

Source: W3C Trace Context (Recommendation of 2021), W3C Baggage.
"""

import re
from collections.abc import Sequence

SAMPLED = 1

_PARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KEY = r"[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}"
_STATE_MEMBER = re.compile(rf"(?:{_KEY})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]".encode())
_BAGGAGE = re.compile(
    rb"[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"
    rb"(?:[ \t]*;[ \t\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*)*[ \t]*"
)
_MAX_MEMBERS = 32
_MAX_STATE_BYTES = 4096
_MAX_BAGGAGE_MEMBERS = 64
_MAX_BAGGAGE_BYTES = 8192


def parse_parent(value: bytes) -> tuple[bytes, bytes, int] | None:
    """Trace, span and flags of a `traceparent`, ids as hexadecimal digits; None where it is none."""
    match = _PARENT.fullmatch(value)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == b"00" and more is not None:
        return None
    return trace_id, span_id, int(flags, 16)


def parse_state(values: Sequence[bytes]) -> bytes:
    """What the field lines of `tracestate` say together, as one value; empty where they are no such list."""
    joined = b",".join(values)
    if not joined or len(joined) > _MAX_STATE_BYTES:
        return b""
    members = [member for one in joined.split(b",") if (member := one.strip(b" \t"))]
    if len(members) > _MAX_MEMBERS or len({member.partition(b"=")[0] for member in members}) < len(members):
        return b""
    if not all(map(_STATE_MEMBER.fullmatch, members)):
        return b""
    return b",".join(members)


def parse_baggage(values: Sequence[bytes]) -> bytes:
    """What the field lines of `baggage` say together, as one value; empty where they are no such list."""
    joined = b",".join(values)
    if not joined or len(joined) > _MAX_BAGGAGE_BYTES:
        return b""
    members = joined.split(b",")
    return joined if len(members) <= _MAX_BAGGAGE_MEMBERS and all(map(_BAGGAGE.fullmatch, members)) else b""
