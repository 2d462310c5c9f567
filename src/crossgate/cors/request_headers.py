"""Access-Control-Request-Headers: whether all that is asked for is allowed, and what is answered.

One class for each of the three ways of comparing. All are bounded by MAX_BYTES and linear in what they read. They know
nothing of origins and methods.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from crossgate.cors.decision import Reason
from crossgate.cors.origin_pattern import as_go_text

MAX_BYTES = 4096
"""Of all lines together; DEVIATION(DEV-CORS-4): more is refused unread."""
MAX_EMPTY_ELEMENTS = 16

UNPRINTABLE = re.compile(rb"[^\t\x20-\x7e]")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PLAIN_NAME = re.compile(rb"[0-9A-Za-z_-]+")

Answer = tuple[bytes, ...] | Reason
"""Values of Access-Control-Allow-Headers, none of them empty (often no value at all); or why the list is refused."""


class RequestHeaderRule(Protocol):
    """Judges the values of all Access-Control-Request-Headers lines, in order; none if there is no such line."""

    def judge(self, lines: Sequence[bytes]) -> Answer: ...


class SortedNames:
    """KrakenD 2.13: lower-case, sorted, unique, at most one blank on a side, at most 16 empty elements.

    Source: rs/cors 1.11.1, `internal/sortedset.go`, Accepts. The answer repeats the request's text.
    """

    __slots__ = ("_positions",)

    def __init__(self, allowed: Iterable[str] | None) -> None:
        """None allows every header, in any text."""
        self._positions: dict[bytes, int] | None = None
        if allowed is not None:
            names = sorted({as_go_text(name).lower() for name in allowed})
            self._positions = {name: position for position, name in enumerate(names)}

    def judge(self, lines: Sequence[bytes]) -> Answer:
        """The answer, or the reason of the first element that is refused."""
        if not lines:
            return ()
        if sum(map(len, lines)) > MAX_BYTES:
            return Reason.HEADERS_TOO_LONG
        if any(UNPRINTABLE.search(line) for line in lines):
            return Reason.HEADERS_MALFORMED  # DEVIATION(DEV-CORS-4): KrakenD repeats them if every header is allowed
        if self._positions is not None:
            refusal = self._refusal(lines, self._positions)
            if refusal is not None:
                return refusal
        # DEVIATION(DEV-CORS-3): a line without a value is not repeated. KrakenD looks at the first line only here.
        return tuple(filter(None, lines)) if lines[0] else ()

    @staticmethod
    def _refusal(lines: Sequence[bytes], positions: dict[bytes, int]) -> Reason | None:
        last = -1
        seen: set[int] = set()
        empty_elements = 0
        for line in lines:
            for element in line.split(b","):
                name = element.strip(b" \t")
                if len(element) > len(name) and _has_two_blanks_on_a_side(element):
                    return Reason.HEADERS_MALFORMED
                if not name:
                    empty_elements += 1
                    if empty_elements > MAX_EMPTY_ELEMENTS:
                        return Reason.HEADERS_MALFORMED
                    continue
                position = positions.get(name)
                if position is None:
                    return Reason.HEADER_NOT_LOWER_CASE if name.lower() in positions else Reason.HEADER_NOT_LISTED
                if position <= last:
                    return Reason.HEADER_REPEATED if position in seen else Reason.HEADERS_NOT_SORTED
                seen.add(position)
                last = position
        return None


class CanonicalNames:
    """KrakenD 1.4: any letter case and order, `Origin` implied, only the first line counts, odd bytes are dropped.

    Source: rs/cors 1.6.0, `utils.go`, parseHeaderList, and `cors.go`, areHeadersAllowed. The answer is in canonical
    letters, joined with a comma and a blank.
    """

    __slots__ = ("_allowed",)

    def __init__(self, allowed: Iterable[str] | None) -> None:
        """None allows every header. A name with a byte that the parser drops can never be asked for."""
        self._allowed: frozenset[bytes] | None = None
        if allowed is not None:
            names = (as_go_text(name) for name in allowed)
            self._allowed = frozenset(name.lower() for name in names if _PLAIN_NAME.fullmatch(name)) | {b"origin"}

    def judge(self, lines: Sequence[bytes]) -> Answer:
        """The answer, or HEADER_NOT_LISTED."""
        if not lines:
            return ()
        if sum(map(len, lines)) > MAX_BYTES:
            return Reason.HEADERS_TOO_LONG
        names = _parse_header_list(lines[0])
        if self._allowed is not None and not all(name.lower() in self._allowed for name in names):
            return Reason.HEADER_NOT_LISTED
        return (b", ".join(names),) if names else ()


class AnyOrderNames:
    """The Fetch standard's comparison: byte-case-insensitive, any order and any number of lines, tokens only."""

    __slots__ = ("_allowed",)

    def __init__(self, allowed: Iterable[str] | None) -> None:
        """None allows every header."""
        self._allowed = None if allowed is None else frozenset(as_go_text(name).lower() for name in allowed)

    def judge(self, lines: Sequence[bytes]) -> Answer:
        """The names asked for as one value, or the reason of the first that is refused."""
        if not lines:
            return ()
        if sum(map(len, lines)) > MAX_BYTES:
            return Reason.HEADERS_TOO_LONG
        names = [name for line in lines for element in line.split(b",") if (name := element.strip(b" \t"))]
        for name in names:
            if _TOKEN.fullmatch(name) is None:
                return Reason.HEADERS_MALFORMED
            if self._allowed is not None and name.lower() not in self._allowed:
                return Reason.HEADER_NOT_LISTED
        return (b", ".join(names),) if names else ()


def _has_two_blanks_on_a_side(element: bytes) -> bool:
    # The right side is cut first: of an element of blanks alone, the left side gets what the right one leaves.
    blanks_right = len(element) - len(element.rstrip(b" \t"))
    rest = element[: len(element) - min(blanks_right, 1)]
    blanks_left = len(rest) - len(rest.lstrip(b" \t"))
    return blanks_right > 1 or blanks_left > 1


def _parse_header_list(text: bytes) -> list[bytes]:
    """The names in a list as 1.4 reads it: letters, digits, `-` and `_` count, blanks and commas separate."""
    names: list[bytes] = []
    name = bytearray()
    upper = True
    for byte in text:
        char = byte | 0x20
        if 0x61 <= char <= 0x7A:  # a letter
            name.append(char & 0xDF if upper else char)
        elif 0x30 <= byte <= 0x39 or byte in b"-_":
            name.append(byte)
        if byte not in b" ,":
            upper = byte in b"-_"
        elif name:
            names.append(bytes(name))
            name.clear()
            upper = True
        # A separator after nothing leaves the state as it was: `!,a` gives `a`, not `A`.
    if name:
        names.append(bytes(name))
    return names
