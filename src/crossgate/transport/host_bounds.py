"""How many connections one backend host may have, and what becomes of calls that find them all busy.

Knows neither connections nor requests. Source of the idea: Go's `http.Transport.MaxConnsPerHost`, which has no bound on
who waits; KrakenD leaves it at none.
"""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from crossgate.flow.fiber import Signal
from crossgate.flow.timers import Timers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HostBounds:
    """Of each host, for one worker. `queue` 0: no call waits."""

    max_connections: int
    queue: int
    queue_seconds: float


class HostFullError(Exception):
    """A host's connections are all busy, and it does no good to wait. `str()` is why, `reason` the same for metrics."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class WaitingLine(Generic[T]):
    """Who waits, first come first served. What they wait for is given by `give`."""

    __slots__ = ("_signals", "_timers", "waiting")

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._signals: deque[Signal[T]] = deque()
        self.waiting = 0

    async def wait(self, bounds: HostBounds) -> T:
        """What is given. Raises HostFullError where too many wait already, or when it took too long."""
        if self.waiting >= bounds.queue:
            text = f"all {bounds.max_connections} connections are busy, and {self.waiting} calls wait for one"
            raise HostFullError("host-queue-full", text)
        signal: Signal[T] = Signal()
        text = f"all {bounds.max_connections} connections are busy, and none was free in time"
        too_late = HostFullError("host-queue-timeout", text)
        timer = self._timers.after(bounds.queue_seconds, lambda: signal.fail(too_late))
        self._signals.append(signal)
        self.waiting += 1
        try:
            return await signal
        finally:
            timer.cancel()
            self.waiting -= 1
            if not signal.settled:
                signal.fail(too_late)  # its place in the line is nobody's
            while self._signals and self._signals[0].settled:
                self._signals.popleft()

    def give(self, value: T) -> bool:
        """Give it to the first in the line; False where nobody waits."""
        while self._signals:
            signal = self._signals.popleft()
            if not signal.settled:
                signal.succeed(value)
                return True
        return False
