"""Refusals that come later.

A client that asks again as soon as it is refused makes of every refusal the next request: a few hundred of them have a
gateway do nothing else. So only some refusals are given at once, as many as cost next to nothing; who comes after them
is answered later. Whoever waits for an answer asks for nothing meanwhile, and costs a place in a line.

Knows places; does not know the queue before them, or clocks.
"""

from collections.abc import Iterator

from crossgate.components.overload.line import Line, Place

AT_ONCE, TOO_MANY = 50, 250
"""Refusals in one step of the limiter, a tenth of a second: 500 in a second take half a hundredth of it; and how many
are no little matter."""
MOST_HELD, MOST_TRIED = 2_000, 10_000
"""So many are held, and so many where that helps (`step`). Beyond that, refusals come at once again."""
_HELPS = 0.7
"""Fewer come than this share of what came before: those who are held are those who came."""
_TRIAL_STEPS, _PAUSE_STEPS = 3, 100
_LEAST_RELEASED, _PACE = 20, 1.5


class Holding:
    """Those of one worker whose refusal is put off, for so many seconds at most; 0: nobody's is.

    To hold one more is of use where clients wait for answers. Where they do not, such as those who come once, another
    comes in its place, on one more connection, and the refusal only costs more when it comes. Which clients there are,
    only a trial can tell: see `step`.
    """

    __slots__ = ("_before", "_left", "_most", "_pause", "_seconds", "_trial", "held")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = AT_ONCE
        self._most = MOST_HELD
        self._trial = self._pause = 0  # steps that are left of them
        self._before = 0.0
        self.held = Line()

    def refuse(self) -> None:
        """One is refused at once."""
        self._left -= 1

    def step(self, came_per_second: float) -> None:
        """A step is over, in which so many came: how many may be refused at once, and held, in the next?

        If many more were refused at once than should be, for some steps nearly everybody is held. Where that makes no
        difference to how many come, it is of no use, and nobody is held for a while.
        """
        too_many, self._left = self._left < AT_ONCE - TOO_MANY, AT_ONCE
        if self._trial:
            self._trial -= 1
            if not self._trial and came_per_second > self._before * _HELPS:
                self._most = 0
                self._pause = _PAUSE_STEPS
        elif self._most == MOST_TRIED:
            if self.held.count < MOST_HELD // 2:
                self._most = MOST_HELD
        elif self._pause:
            self._pause -= 1
        elif too_many and self._seconds > 0:
            self._before = came_per_second
            self._trial = _TRIAL_STEPS
            self._most = MOST_TRIED
        else:
            self._most = MOST_HELD

    @property
    def overflows(self) -> bool:
        """Whether more are refused at once than should be."""
        return self._left < 0

    @property
    def is_due(self) -> bool:
        """Whether whoever would be refused now is to be held instead."""
        return self._left <= 0 and self._seconds > 0 and self.held.count < self._most

    def hold(self, place: Place, now_seconds: float) -> None:
        """Have it wait until its time is over, or until there is room."""
        place.at_seconds = now_seconds + self._seconds
        self.held.append(place)

    def released(self, now_seconds: float, since_seconds: float) -> Iterator[Place]:
        """Those whose time is over; the last were released so long ago.

        Not all of a rush in the same moment, but half as many again as are on the average: in a few turns those who
        came together are spread over the whole time.
        """
        held = self.held
        for _ in range(_LEAST_RELEASED + int(_PACE * held.count * since_seconds / max(self._seconds, since_seconds))):
            place = held.first()
            if place is None or place.at_seconds > now_seconds:
                return
            yield held.take()
