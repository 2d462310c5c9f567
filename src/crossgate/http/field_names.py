"""The names of a message's field lines, apart from the values: few kinds of messages share them, in the same order.

What can be said of a message by its names alone is worked out once for each kind. Knows no values.
"""

from collections.abc import Iterable
from typing import Final

_OF_FRAMING: Final = frozenset((b"connection", b"content-length", b"expect", b"transfer-encoding"))


class FieldNames:
    """Lower-case names in the order of the wire, and where each stands.

    `are_lone` says that none of them is there twice. `has_framing` that one of them is about how the message is framed,
    or about what becomes of its connection.
    """

    __slots__ = ("are_lone", "at", "has_framing", "names")

    def __init__(self, names: Iterable[bytes]) -> None:
        self.names = tuple(names)
        self.at = {name: index for index, name in enumerate(self.names)}
        self.are_lone = len(self.at) == len(self.names)
        self.has_framing = not _OF_FRAMING.isdisjoint(self.at)


class KnownNames:
    """Names as they are written -> FieldNames. Names come from peers: what is remembered of them is bounded."""

    __slots__ = ("_known",)
    MEMO_SIZE: Final = 512
    LONGEST_KEPT: Final = 2048

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, ...], FieldNames] = {}

    def of(self, written: tuple[bytes, ...]) -> FieldNames:
        """Those of a head."""
        names = self._known.get(written)
        if names is None:
            names = FieldNames([name.lower() for name in written])
            if sum(map(len, written)) <= self.LONGEST_KEPT:
                if len(self._known) >= self.MEMO_SIZE:
                    self._known.clear()  # so that the names of today find room among yesterday's
                self._known[written] = names
        return names
