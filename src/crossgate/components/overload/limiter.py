"""Who may go on, who waits, who is refused: one worker's requests under way, and the queue before them.

The queue is first come, first served, and as long as can be served in `queue_seconds` at the present rate: who would
wait longer is refused at once. So nobody is made to wait in vain, nothing is read, queued and then thrown away, and
what is served was never waiting for longer than that. (Newest first would be quicker for some, but has others wait to
no purpose, and a refusal costs least when it is made before a request is read.) How late the event loop is counts as
waiting, too: a request lies that long in its socket before anybody knows of it. Where too many would be refused at
once, they are held (`Holding`).

Knows flow signals and timers; does not know requests, files or metrics.
"""

from collections import deque
from collections.abc import Callable

from crossgate.components.overload.config import RequestBounds
from crossgate.components.overload.gradient import Gradient, Pace
from crossgate.components.overload.holding import AT_ONCE, Holding
from crossgate.flow.fiber import Signal
from crossgate.flow.timers import Deadline, Timer, Timers

STEP_SECONDS = 0.1
_TICK_SECONDS = 0.025  # how coarse timers are: being so late is no lag
FULL, LATE = "queue-full", "queue-timeout"


class _Waiting(Signal[str]):
    """One request in the queue: arrives with the reason of its refusal, empty where its turn has come."""

    __slots__ = ("_queue", "at_seconds")

    def __init__(self, queue: dict[Deadline, None], at_seconds: float) -> None:
        super().__init__()
        self._queue = queue
        self.at_seconds = at_seconds

    def expire(self) -> None:
        """See Deadline."""
        if self._queue.pop(self, self) is None:
            self.succeed(LATE)


class _Held(Signal[None]):
    """One whose refusal is put off: arrives when that is over, or there may be room."""

    __slots__ = ("at_seconds",)

    def __init__(self) -> None:
        super().__init__()
        self.at_seconds = 0.0

    def expire(self) -> None:
        """See Deadline."""
        self.succeed(None)


class Limiter:
    """One worker's. `look` is called after each step, with the seconds since the last.

    `sheds`: whoever comes now is refused. `refused` are the refusals so far, by reason. Lives through reloads.

    With `soon`, whose turn it is goes on when what else happens at the same time is over: of a thousand clients that
    are found to be gone, one after the other, none is to make a call in the place of the one before.
    """

    def __init__(
        self, bounds: RequestBounds, timers: Timers, soon: Callable[[Callable[[], None]], object] | None = None
    ) -> None:
        self._soon = soon
        self._is_due = False
        self._bounds = bounds
        self._timers = timers
        self._gradient = Gradient(bounds.least, bounds.most) if bounds.least < bounds.most else None
        self.limit = bounds.most if self._gradient is None else self._gradient.bound
        self.in_flight = self.queued = 0
        self.sheds = False
        self.refused = {FULL: 0, LATE: 0}
        self.holding = Holding(bounds.hold_seconds, timers, self._may_enter)
        self.look: Callable[[float], None] = lambda _: None
        self._queue: deque[_Waiting] = deque()
        self._deadlines = timers.queue(bounds.queue_seconds)
        self._may_wait = bounds.queue
        self._most_in_flight = 0
        self._ended = 0
        self._served: deque[tuple[float, int]] = deque()  # of the steps since requests have to wait: seconds, how many
        self._was_full = False
        self._is_admitting = False
        self._timer: Timer | None = None
        self._looked_seconds = 0.0

    # -- requests

    def try_enter(self) -> bool:
        """Whether a request may go on at once; it has to `leave` then."""
        if self.queued or self.in_flight >= self.limit:
            return False
        self.in_flight = count = self.in_flight + 1
        if count > self._most_in_flight:
            self._most_in_flight = count
        return True

    async def wait(self) -> str:
        """Wait for one's turn. The reason of the refusal; empty: the turn has come, and one has to `leave`."""
        self._was_full = True
        if self.queued >= self._may_wait:
            self.sheds = True
            if self.holding.is_due:
                await self._hold()
                if self.try_enter():
                    return ""
            if self.queued >= self._may_wait:
                self.shed()
                return FULL
        waiting = _Waiting(self._deadlines, self._timers.now() + self._bounds.queue_seconds)
        self._deadlines[waiting] = None
        self._queue.append(waiting)
        self.queued += 1
        self.sheds = self.queued >= self._may_wait
        reason = LATE
        try:
            reason = await waiting
        finally:
            if reason:
                self._lose(waiting)
        if reason:
            self.refused[LATE] += 1
        return reason

    async def _hold(self) -> None:
        held = _Held()
        self.hold(held)
        try:
            await held
        finally:
            self.holding.let_go(held)

    def hold(self, entry: Deadline) -> None:
        """Have one that is refused hear of it later: see Holding."""
        self._was_full = True
        self.holding.hold(entry)

    def _may_enter(self) -> int:
        """How many of those who are held would find room.

        The queue has to be half empty: as long as new ones keep it full, the held would only take their places.
        """
        return self.limit - self.in_flight + self._may_wait // 2 - self.queued

    def _lose(self, waiting: _Waiting) -> None:
        """One's turn has not come: the time is over, or the client is gone."""
        self._deadlines.pop(waiting, None)
        waiting.succeed(LATE)
        self.queued -= 1
        queue = self._queue
        while queue and queue[0].settled:
            queue.popleft()
        self._judge()

    def leave(self, pace: Pace, seconds: float) -> None:
        """A request is answered after so long; 0 where that says nothing about how long answers take."""
        self.in_flight -= 1
        self._ended += 1
        if self._gradient is not None and seconds > 0:
            self._gradient.add(pace.compare(seconds, in_need=self.queued > 0))
        if self.queued:
            if self._soon is None:
                self._admit()
            elif not self._is_due:
                self._is_due = True
                self._soon(self._admit)
        elif self.sheds:
            self._judge()

    def _admit(self) -> None:
        """Have those go on whose turn it is. One that is answered at once calls this again, and must not go deeper."""
        if self._is_admitting:
            return
        self._is_due = False
        self._is_admitting = True
        queue = self._queue
        try:
            while queue and self.in_flight < self.limit:
                waiting = queue.popleft()
                if waiting.settled:
                    continue
                self._deadlines.pop(waiting, None)
                self.queued -= 1
                self.in_flight += 1
                waiting.succeed("")
        finally:
            self._is_admitting = False
        self._most_in_flight = max(self._most_in_flight, self.in_flight)
        self._judge()

    def _judge(self) -> None:
        self.sheds = self.in_flight >= self.limit and self.queued >= self._may_wait

    def shed(self) -> None:
        """A request is refused, read or not."""
        self._was_full = True
        self.holding.left -= 1
        self.refused[FULL] += 1

    # -- time

    async def start(self) -> None:
        """Begin to look at how things are (`Survivor`)."""
        self._looked_seconds = self._timers.now()
        self._timer = self._timers.after(STEP_SECONDS, self._step)

    async def stop(self) -> None:
        """End that."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step(self) -> None:
        now_seconds = self._timers.now()
        seconds = now_seconds - self._looked_seconds
        self._looked_seconds = now_seconds
        self._timer = self._timers.after(STEP_SECONDS, self._step)
        lag_seconds = max(0.0, seconds - STEP_SECONDS - _TICK_SECONDS)
        self._count_on(seconds, lag_seconds)
        if self._gradient is not None:
            self.limit = self._gradient.step(self._most_in_flight, lag_seconds)
        self._most_in_flight = self.in_flight
        self._was_full = self.queued > 0
        self._ended = 0
        self.holding.left = AT_ONCE
        if self.queued:
            self._admit()
        self._judge()
        self.look(seconds)

    def _count_on(self, seconds: float, lag_seconds: float) -> None:
        """How many may wait: as many as were served lately in the time that one may wait for."""
        bounds, served = self._bounds, self._served
        self._may_wait = bounds.queue
        if not self._was_full:
            served.clear()
            return
        served.append((seconds, self._ended))
        in_all = sum(step for step, _ in served)
        while in_all - served[0][0] >= bounds.queue_seconds:
            in_all -= served.popleft()[0]
        if in_all >= bounds.queue_seconds:
            patience = max(0.0, bounds.queue_seconds - lag_seconds)
            self._may_wait = min(bounds.queue, int(sum(count for _, count in served) * patience / in_all) + 1)
