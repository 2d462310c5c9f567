"""The state of one circuit, and what it makes of calls. Does not know backends, files or logs.

Source: sony/gobreaker v1 `gobreaker.go`, with one trial at a time.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from crossgate.components.circuit_breaker.config import BreakerConfig
from crossgate.components.circuit_breaker.reasons import OPEN, PROBING
from crossgate.flow.fiber import Cancelled, Flow
from crossgate.http.failure import FailureKind, UpstreamError

Q = TypeVar("Q")
A = TypeVar("A")


class State(StrEnum):
    """What happens to calls."""

    CLOSED = "closed"  # they are made
    OPEN = "open"  # they are not
    HALF_OPEN = "half-open"  # one is, to see


class Breaker:
    """One backend's circuit. `now` is a monotonic clock in seconds, `tell` hears of each change (from, to).

    What a call says counts only in the generation in which it began: each change of state begins a new one, and so does
    the end of a closed circuit's interval. The counts are for whoever looks.
    """

    __slots__ = (
        "_config",
        "_expiry_seconds",
        "_failures",
        "_generation",
        "_is_trying",
        "_now",
        "_state",
        "_tell",
        "opened",
        "refused",
    )

    def __init__(
        self, config: BreakerConfig, now: Callable[[], float], tell: Callable[[State, State], None] = lambda *_: None
    ) -> None:
        self._config = config
        self._now = now
        self._tell = tell
        self._state = State.CLOSED
        self._generation = 0
        self._failures = 0  # in a row
        self._is_trying = False
        self._expiry_seconds: float | None = None
        self.opened = self.refused = 0
        self._begin(now())

    @property
    def state(self) -> State:
        """What a call would meet now."""
        self._pass_time(self._now())
        return self._state

    async def start(self) -> None:
        """Nothing runs beside calls (`Survivor`)."""

    async def stop(self) -> None:
        """Nothing to end."""

    def enter(self) -> int:
        """A call begins: its generation. Raises UpstreamError where it must not be made."""
        self._pass_time(self._now())
        if self._state is State.OPEN:
            self.refused += 1
            raise UpstreamError(FailureKind.NOT_ASKED, "circuit breaker is open", OPEN)
        if self._state is State.HALF_OPEN:
            if self._is_trying:
                self.refused += 1
                raise UpstreamError(FailureKind.NOT_ASKED, "too many requests", PROBING)
            self._is_trying = True
        return self._generation

    def succeeded(self, generation: int) -> None:
        """A call of that generation came to a good end."""
        now = self._now()
        if self._is_of_the_past(generation, now):
            return
        self._failures = 0
        if self._state is State.HALF_OPEN:
            self._change(State.CLOSED, now)

    def failed(self, generation: int) -> None:
        """It did not."""
        now = self._now()
        if self._is_of_the_past(generation, now):
            return
        if self._state is State.HALF_OPEN:
            self._change(State.OPEN, now)
            return
        self._failures += 1
        if self._config.max_errors is not None and self._failures > self._config.max_errors:
            self._change(State.OPEN, now)

    def abandoned(self, generation: int) -> None:
        """Nobody waits for it any more, which says nothing about the backend.

        DEVIATION(DEV-BREAK-1): KrakenD counts a failure. A trial that is given up leaves the circuit open here, too.
        """
        now = self._now()
        if not self._is_of_the_past(generation, now) and self._state is State.HALF_OPEN:
            self._change(State.OPEN, now)

    def _is_of_the_past(self, generation: int, now: float) -> bool:
        self._pass_time(now)
        return generation != self._generation

    def _pass_time(self, now: float) -> None:
        if self._expiry_seconds is None or now <= self._expiry_seconds:
            return
        if self._state is State.OPEN:
            self._change(State.HALF_OPEN, now)
        else:
            self._begin(now)

    def _change(self, state: State, now: float) -> None:
        before, self._state = self._state, state
        self.opened += state is State.OPEN
        self._begin(now)
        self._tell(before, state)

    def _begin(self, now: float) -> None:
        """A new generation."""
        self._generation += 1
        self._failures = 0
        self._is_trying = False
        seconds = {State.CLOSED: self._config.interval_seconds, State.OPEN: self._config.timeout_seconds}
        wait = seconds.get(self._state, 0)
        self._expiry_seconds = now + wait if wait else None


def build_breaker(call: Callable[[Q], Flow[A]], breaker: Breaker) -> Callable[[Q], Flow[A]]:
    """A call behind the breaker: every failure of it counts, whatever its kind."""

    async def broken(request: Q) -> A:
        generation = breaker.enter()
        try:
            answer = await call(request)
        except Exception:
            breaker.failed(generation)
            raise
        except (Cancelled, GeneratorExit):
            breaker.abandoned(generation)
            raise
        breaker.succeeded(generation)
        return answer

    return broken
