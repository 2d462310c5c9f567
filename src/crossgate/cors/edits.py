"""What a decision does to a response head. The only place where CORS header text is put together.

Knows field lines and how Vary members merge; does not know why a field is set.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

FieldLines = tuple[tuple[bytes, bytes], ...]

ALLOW_ORIGIN = b"access-control-allow-origin"
ALLOW_CREDENTIALS = b"access-control-allow-credentials"
ALLOW_METHODS = b"access-control-allow-methods"
ALLOW_HEADERS = b"access-control-allow-headers"
ALLOW_PRIVATE_NETWORK = b"access-control-allow-private-network"
EXPOSE_HEADERS = b"access-control-expose-headers"
MAX_AGE = b"access-control-max-age"

RESPONSE_FIELDS = frozenset(
    (ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, ALLOW_PRIVATE_NETWORK, EXPOSE_HEADERS, MAX_AGE)
)
"""The response fields of the CORS protocol (Fetch, section "HTTP responses"), and Private Network Access's."""

_TOUCHED_FIELDS = RESPONSE_FIELDS | {b"vary"}
_WIRE_NAMES = {name: b"-".join(word.capitalize() for word in name.split(b"-")) for name in _TOUCHED_FIELDS}


class Edits(NamedTuple):
    """Fields to set, members to merge into Vary, and both in the forms that writers want.

    `set_fields` have lower-case names and values that are never empty, without Vary. `lines` are `set_fields` and one
    Vary line, `block` is the same as wire text: right for a response that has no such fields of its own. `exclusive`
    says that the response's own CORS fields go whatever the policy's `upstream` is: answers to preflights are always
    ours. `hands_off` leaves the response as it is (report-only mode, CORS off).
    """

    set_fields: FieldLines
    vary: tuple[bytes, ...]
    block: bytes
    lines: FieldLines
    exclusive: bool = False
    hands_off: bool = False

    def apply(
        self, fields: Sequence[tuple[bytes, bytes]], upstream: Literal["strip", "pass", "prefer"] = "strip"
    ) -> list[tuple[bytes, bytes]]:
        """The field lines of a response that may have CORS fields and a Vary of its own, after these edits.

        `strip` removes the response's CORS fields and sets ours. `pass` keeps them and adds none of ours. `prefer`
        keeps them if there is exactly one Access-Control-Allow-Origin, else acts as `strip`. Vary keeps every member it
        had, `*` included, and gains ours in one further line. Names are lower-case on both sides. Linear in the fields.
        """
        for line in fields:
            if line[0] in _TOUCHED_FIELDS:
                break
        else:
            if upstream != "pass" or self.exclusive:  # nearly always: nothing to remove, nothing to merge
                return [*fields, *self.lines]
        if self.hands_off:
            return list(fields)
        if self._keeps_theirs(fields, upstream):
            result = list(fields)
        else:
            result = [line for line in fields if line[0] not in RESPONSE_FIELDS]
            result += self.set_fields
        # DEVIATION(DEV-CORS-6): KrakenD adds the backend's fields to its own. DEVIATION(DEV-CORS-7): and loses Vary.
        missing = missing_vary_members(fields, self.vary)
        if missing:
            result.append((b"vary", b", ".join(missing)))
        return result

    def removes(self, fields: Sequence[tuple[bytes, bytes]], upstream: str = "strip") -> bool:
        """Whether `apply` would take CORS fields of the response's own away: worth telling its owner once."""
        if self.hands_off or not any(name in RESPONSE_FIELDS for name, _ in fields):
            return False
        return not self._keeps_theirs(fields, upstream)

    def _keeps_theirs(self, fields: Sequence[tuple[bytes, bytes]], upstream: str) -> bool:
        if self.exclusive or upstream == "strip":
            return False
        if upstream == "pass":
            return True
        return sum(name == ALLOW_ORIGIN for name, _ in fields) == 1


def make_edits(set_fields: Iterable[tuple[bytes, bytes]], vary: tuple[bytes, ...], *, exclusive: bool = False) -> Edits:
    """Edits with their wire text."""
    fields = tuple(set_fields)
    lines = (*fields, (b"vary", b", ".join(vary))) if vary else fields
    block = b"".join([_WIRE_NAMES[name] + b": " + value + b"\r\n" for name, value in lines])
    return Edits(fields, vary, block, lines, exclusive)


NO_EDITS = Edits((), (), b"", ())
HANDS_OFF = Edits((), (), b"", (), hands_off=True)


def missing_vary_members(fields: Iterable[tuple[bytes, bytes]], wanted: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Those of `wanted` that the response's Vary lines do not have yet, compared without regard to letter case.

    A Vary of `*` has them all (RFC 9110, section 12.5.5).
    """
    present: set[bytes] = set()
    for name, value in fields:
        if name == b"vary":
            present.update(member.strip(b" \t").lower() for member in value.split(b","))
    if not present:
        return wanted
    if b"*" in present:
        return ()
    return tuple(member for member in wanted if member.lower() not in present)
