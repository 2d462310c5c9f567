"""Threads for one plugin that blocks: a bounded number, and a bounded number of calls that wait for one.

They are daemons, and no other plugin needs them: one that never comes back holds up nobody else. Does not know what
they run.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from enum import Enum
from queue import SimpleQueue
from typing import Any

from crossgate.flow.fiber import Signal
from crossgate.flow.timers import DeadlineExceededError
from crossgate.plugins import Refusal

WAITING_PER_THREAD = 16
TOO_BUSY = "too many calls wait for this plugin"

STUCK_SECONDS = 10.0
"""After how long a call whose client has gone is taken for one that does not come back."""


class NoThreadError(Exception):
    """Nothing can be done for a call."""


class BusyError(NoThreadError):
    """Too many calls wait already."""


class StuckError(NoThreadError):
    """Every thread is at a call that is over for everybody else."""


class TooBusyRefusal(Refusal):
    """What becomes of such a call: the gateway's refusal in the place of the plugin."""

    def __init__(self) -> None:
        super().__init__(503, TOO_BUSY)


class _State(Enum):
    WAITED_FOR = 0
    LEFT = 1  # its client has gone
    LATE = 2  # its time is over


class _Job:
    __slots__ = ("began", "done", "loop", "state", "work")

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.done: Signal[Any] = Signal()
        self.state = _State.WAITED_FOR
        self.began = 0.0  # 0: not yet


class Threads:
    """Begun as they are needed. A call that nobody waits for any more still counts while its thread is at it."""

    def __init__(self, count: int, now: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._now = now
        self._begun = 0
        self._under_way: set[_Job] = set()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()

    async def run(self, work: Callable[[], Any]) -> Any:
        """Have a thread do it, and give what it returned. `work` raises nothing. Raises NoThreadError at once."""
        if len(self._under_way) >= self._count:
            if self._stuck_count() >= self._count:
                raise StuckError
            if len(self._under_way) >= self._count * (1 + WAITING_PER_THREAD):
                raise BusyError
        job = _Job(work)
        self._under_way.add(job)
        if self._begun < min(self._count, len(self._under_way)):
            self._begun += 1
            threading.Thread(target=self._serve, name=f"crossgate-plugin-{self._begun}", daemon=True).start()
        self._jobs.put(job)
        try:
            return await job.done
        except DeadlineExceededError:
            self._leave(job, _State.LATE)
            raise
        except BaseException:
            self._leave(job, _State.LEFT)
            raise

    def _leave(self, job: _Job, state: _State) -> None:
        job.state = state
        if not job.began:
            self._under_way.discard(job)  # no thread is going to do it

    def _stuck_count(self) -> int:
        latest = self._now() - STUCK_SECONDS
        return sum(
            job.state is _State.LATE or (job.state is _State.LEFT and job.began < latest)
            for job in self._under_way
            if job.began
        )

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.began = self._now()
            found = job.work() if job.state is _State.WAITED_FOR else None
            try:
                job.loop.call_soon_threadsafe(self._arrived, job, found)
            except RuntimeError:  # the loop is closed: nobody waits
                return

    def _arrived(self, job: _Job, found: Any) -> None:
        self._under_way.discard(job)
        job.done.succeed(found)

    def stop(self) -> None:
        """Have them end once they have done what they are at."""
        for _ in range(self._begun):
            self._jobs.put(None)
        self._begun = 0
