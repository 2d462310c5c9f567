"""Refusals that come later.

A client that asks again as soon as it is refused makes of every refusal the next request: a few hundred of them have a
gateway do nothing else. So only some refusals are given at once, as many as cost next to nothing; who comes after them
is answered later. Whoever waits for an answer asks for nothing meanwhile, and costs an entry in a list.

Knows deadlines; does not know who is kept waiting, or for what.
"""

from collections.abc import Callable

from crossgate.flow.timers import Deadline, Timer, Timers

AT_ONCE = 200
"""Refusals in one step of the limiter, a tenth of a second: 2,000 in a second take one or two hundredths of it."""
MOST_HELD = 2_000
"""Beyond that, refusals come at once again: who opens so many connections does not wait for answers."""
_TICK_SECONDS = 0.02


class Holding:
    """Those of one worker whose refusal is put off, for so many seconds at most; 0: nobody's is.

    `may_enter` says how many of them would find room now. `left` is how many may yet be refused at once; it is for the
    owner to take from with each refusal, and to fill up with AT_ONCE from time to time.
    """

    __slots__ = ("_held", "_may_enter", "_seconds", "_timer", "_timers", "left")

    def __init__(self, seconds: float, timers: Timers, may_enter: Callable[[], int]) -> None:
        self._seconds = seconds
        self._timers = timers
        self._may_enter = may_enter
        self._held: dict[Deadline, None] = {}
        self._timer: Timer | None = None
        self.left = AT_ONCE

    def __len__(self) -> int:
        return len(self._held)

    @property
    def is_due(self) -> bool:
        """Whether whoever would be refused now is to be held instead."""
        return self.left <= 0 and self._seconds > 0 and len(self._held) < MOST_HELD

    def hold(self, entry: Deadline) -> None:
        """Have it expire when its time is over, or before that, as soon as there is room."""
        entry.at_seconds = self._timers.now() + self._seconds
        self._held[entry] = None
        if self._timer is None:
            self._timer = self._timers.after(_TICK_SECONDS, self._release)

    def let_go(self, entry: Deadline) -> None:
        """It is not to expire any more. Harmless where it has."""
        self._held.pop(entry, None)

    def _release(self) -> None:
        """In the order in which they came: those for whom there is room, and those whose time is over."""
        self._timer = self._timers.after(_TICK_SECONDS, self._release)  # first: one that raises must not end it
        now_seconds, room = self._timers.now(), self._may_enter()
        released: list[Deadline] = []
        for entry in self._held:
            if len(released) >= room and entry.at_seconds > now_seconds:
                break
            released.append(entry)
        for entry in released:
            if self._held.pop(entry, entry) is None:
                entry.expire()
        if not self._held:
            self._timer.cancel()
            self._timer = None
