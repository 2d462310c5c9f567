"""How late the event loop is with what is due: the one number that says that a worker has more to do than it can."""

import asyncio
from collections import deque
from collections.abc import Callable

from crossgate.metrics.registry import Registry

STEP_SECONDS = 0.25
_REMEMBERED = 40  # ten seconds


class LoopLag:
    """Wakes up regularly and notes how late that was. `now` is in monotonic seconds."""

    def __init__(self, registry: Registry, now: Callable[[], float]) -> None:
        self._now = now
        self._late: deque[float] = deque([0.0], _REMEMBERED)
        self._handle: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        registry.read_at_scrape(
            "crossgate_event_loop_lag_seconds",
            "How late the event loop of the slowest worker was at most in the last ten seconds.",
            "gauge",
            (),
            lambda: [((), max(self._late))],
            takes_largest=True,
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin."""
        self._loop = loop
        self._wake_at(self._now() + STEP_SECONDS)

    def _wake_at(self, due: float) -> None:
        if self._loop is not None:
            self._handle = self._loop.call_later(STEP_SECONDS, self._woken, due)

    def _woken(self, due: float) -> None:
        now = self._now()
        self._late.append(max(0.0, now - due))
        self._wake_at(now + STEP_SECONDS)

    def stop(self) -> None:
        """End."""
        if self._handle is not None:
            self._handle.cancel()
