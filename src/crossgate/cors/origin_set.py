"""The origins of one list, compiled: membership costs the same however many exact origins there are.

Knows whether an Origin is a member and by what; does not know what members may do.
"""

from collections.abc import Iterable

from crossgate.cors.config import OriginGrammar
from crossgate.cors.decision import Reason
from crossgate.cors.origin_pattern import OriginPattern, compile_krakend_entry, compile_safe_entry

MAX_ORIGIN_BYTES = 4096
"""Longer ones are refused unread. The longest that a browser sends is under 300 bytes."""

# What a reflected Origin may consist of. A line break would split the response's head; what is not ASCII no browser
# sends. KrakenD takes inner blanks, and they do no harm.
_REFLECTABLE = frozenset(range(0x20, 0x7F)) | {0x09}
_DELETE_REFLECTABLE = bytes(sorted(_REFLECTABLE))


def origin_defect(origin: bytes) -> Reason | None:
    """Why an Origin is refused whatever the list has, None if it is not.

    DEVIATION(DEV-CORS-5): bytes outside ASCII are refused. DEVIATION(DEV-CORS-9): so is a value over 4096 bytes.
    """
    if len(origin) > MAX_ORIGIN_BYTES:
        return Reason.ORIGIN_TOO_LONG
    if origin.translate(None, _DELETE_REFLECTABLE):
        return Reason.ORIGIN_MALFORMED
    return None


class OriginSet:
    """Exact origins and patterns of one grammar. Immutable."""

    __slots__ = ("_folds_case", "any_origin", "exact", "patterns")
    exact: frozenset[bytes]
    patterns: tuple[OriginPattern, ...]

    def __init__(self, entries: Iterable[str], grammar: OriginGrammar, *, any_origin: bool) -> None:
        """The set of valid entries. With `any_origin` it holds everything and the entries do not matter."""
        self.any_origin = any_origin
        self._folds_case = grammar is OriginGrammar.KRAKEND
        exact: set[bytes] = set()
        patterns: dict[OriginPattern, None] = {}
        for entry in () if any_origin else entries:
            compiled = compile_krakend_entry(entry) if self._folds_case else compile_safe_entry(entry)
            if not isinstance(compiled, bytes):
                patterns[compiled] = None
            elif origin_defect(compiled) is None:  # else no Origin that gets here can equal it
                exact.add(compiled)
        self.exact = frozenset(exact)
        self.patterns = tuple(patterns)

    def find(self, origin: bytes) -> Reason | None:
        """By what an Origin without defects is a member; None if it is not."""
        if self.any_origin:
            return Reason.ANY_ORIGIN
        if self._folds_case:
            origin = origin.lower()
        if origin in self.exact:
            return Reason.ORIGIN_LISTED
        for pattern in self.patterns:
            if pattern.matches(origin):
                return Reason.ORIGIN_MATCHES_PATTERN
        return None
