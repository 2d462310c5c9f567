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

TOUCHED_FIELDS = RESPONSE_FIELDS | {b"vary"}
"""The fields of a response that edits look at: one without any of them just gains `Edits.lines`."""

_WIRE_NAMES = {name: b"-".join(word.capitalize() for word in name.split(b"-")) for name in TOUCHED_FIELDS}


class Edits(NamedTuple):
    """Fields to set, members to merge into Vary, and both in the forms that writers want.

    `lines` are the fields to set and one Vary line, with lower-case names and values that are never empty; `block` is
    the same as wire text: right for a response that has no such fields of its own. `exclusive` says that the response's
    own CORS fields go whatever the policy's `upstream` is: answers to preflights are always ours. `hands_off` leaves
    the response as it is (report-only mode, CORS off).
    """

    lines: FieldLines
    vary: tuple[bytes, ...]
    block: bytes
    exclusive: bool = False
    hands_off: bool = False

    @property
    def set_fields(self) -> FieldLines:
        """`lines` without the Vary line."""
        return self.lines[:-1] if self.vary else self.lines

    def apply(
        self, fields: Sequence[tuple[bytes, bytes]], upstream: Literal["strip", "pass", "prefer"] = "strip"
    ) -> list[tuple[bytes, bytes]]:
        """The field lines of a response that may have CORS fields and a Vary of its own, after these edits.

        `strip` removes the response's CORS fields and sets ours. `pass` keeps them and adds none of ours. `prefer`
        keeps them if there is exactly one Access-Control-Allow-Origin, else acts as `strip`. Vary keeps every member it
        had, `*` included, and gains ours in one further line. Names are lower-case on both sides. Linear in the fields.
        """
        for line in fields:
            if line[0] in TOUCHED_FIELDS:
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


class WireLines(NamedTuple):
    """Field lines and their wire text."""

    lines: FieldLines
    block: bytes


def wire_lines(lines: FieldLines) -> WireLines:
    """Field lines, of fields that edits touch, with their text."""
    return WireLines(lines, b"".join([_WIRE_NAMES[name] + b": " + value + b"\r\n" for name, value in lines]))


def make_edits(set_fields: Iterable[tuple[bytes, bytes]], vary: tuple[bytes, ...], *, exclusive: bool = False) -> Edits:
    """Edits with their wire text."""
    lines, block = wire_lines((*set_fields, *vary_line(vary)))
    return Edits(lines, vary, block, exclusive)


def preflight_edits(allow_origin: bytes, rest: WireLines, vary: tuple[bytes, ...]) -> Edits:
    """The edits of one granted preflight: its origin and, made beforehand, all other lines with Vary as the last."""
    rest_lines, rest_block = rest
    block = b"Access-Control-Allow-Origin: " + allow_origin + b"\r\n" + rest_block
    return Edits(((ALLOW_ORIGIN, allow_origin), *rest_lines), vary, block, exclusive=True)


NO_EDITS = Edits((), (), b"")
HANDS_OFF = Edits((), (), b"", hands_off=True)


def vary_line(vary: tuple[bytes, ...]) -> FieldLines:
    """One Vary line with these members, or none."""
    return ((b"vary", b", ".join(vary)),) if vary else ()


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
