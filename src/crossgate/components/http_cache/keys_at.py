"""Which keys there are at each place. Nearly always it is one, so that one takes next to no memory."""

from collections.abc import Hashable


class KeysAt:
    """Keys by place, which is a number. Keys are no sets."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: dict[int, Hashable | set[Hashable]] = {}

    def add(self, place: int, key: Hashable) -> None:
        """One more."""
        known = self._at.setdefault(place, key)
        if isinstance(known, set):
            known.add(key)
        elif known is not key:
            self._at[place] = {known, key}

    def remove(self, place: int, key: Hashable) -> None:
        """One less; it has to be there."""
        known = self._at[place]
        if isinstance(known, set):
            known.discard(key)
        if not isinstance(known, set) or not known:
            del self._at[place]

    def keys(self, place: int) -> list[Hashable]:
        """All at a place."""
        known = self._at.get(place)
        return list(known) if isinstance(known, set) else [] if known is None else [known]
