"""People in a line, in the order in which they came. Knows places; does not know what they wait for."""

from collections import deque
from collections.abc import Callable

_FEW = 16


class Place:
    """One's place, until `at_seconds` at most. `call` is what is called when its wait is over: see Load."""

    __slots__ = ("at_seconds", "call", "line")

    def __init__(self, call: Callable[[str], None], at_seconds: float) -> None:
        self.call = call
        self.at_seconds = at_seconds
        self.line: Line | None = None

    def give_up(self) -> None:
        """Wait no more, and hear of nothing. Harmless where one has heard."""
        if self.line is not None:
            self.line.lose(self)


class Line:
    """Who waits. `count` knows those no more who have given up."""

    __slots__ = ("_places", "count")

    def __init__(self) -> None:
        self._places: deque[Place] = deque()
        self.count = 0

    def append(self, place: Place) -> None:
        """Behind all others."""
        place.line = self
        self._places.append(place)
        self.count += 1

    def first(self) -> Place | None:
        """Who came first of those who are still there."""
        places = self._places
        while places:
            place = places[0]
            if place.line is self:
                return place
            places.popleft()
        return None

    def take(self) -> Place:
        """`first`, which is in the line no more. Somebody has to be there."""
        place = self.first()
        assert place is not None  # noqa: S101 - says the caller
        self._places.popleft()
        place.line = None
        self.count -= 1
        return place

    def lose(self, place: Place) -> None:
        """One gives up."""
        place.line = None
        self.count -= 1
        if len(self._places) > 2 * self.count + _FEW:  # of whom nearly all are gone, behind one who is not
            self._places = deque(place for place in self._places if place.line is self)
