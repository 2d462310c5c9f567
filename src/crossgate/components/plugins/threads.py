"""Threads for plugins that block: a bounded number, and a bounded number of calls that wait for one.

They are daemons: one that never comes back holds up nobody but those who would need it. Does not know what they run.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from crossgate.flow.fiber import Signal

WAITING_PER_THREAD = 16

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, Signal[Any]]


class Threads:
    """Begun as they are needed. A call that nobody waits for any more still counts while its thread is at it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._begun = 0
        self._under_way = 0
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()

    def run(self, work: Callable[[], Any]) -> Signal[Any] | None:
        """Have a thread do it: the signal has what it returned. None where too many wait. `work` raises nothing."""
        if self._under_way >= self._count * (1 + WAITING_PER_THREAD):
            return None
        self._under_way += 1
        if self._begun < min(self._count, self._under_way):
            self._begun += 1
            threading.Thread(target=self._serve, name=f"crossgate-plugin-{self._begun}", daemon=True).start()
        done: Signal[Any] = Signal()
        self._jobs.put((work, asyncio.get_running_loop(), done))
        return done

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, loop, done = job
            found = work()
            try:
                loop.call_soon_threadsafe(self._arrived, done, found)
            except RuntimeError:  # the loop is closed: nobody waits
                return

    def _arrived(self, done: Signal[Any], found: Any) -> None:
        self._under_way -= 1
        done.succeed(found)

    def stop(self) -> None:
        """Have them end once they have done what they are at."""
        for _ in range(self._begun):
            self._jobs.put(None)
        self._begun = 0
