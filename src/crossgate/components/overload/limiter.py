"""Who may go on, who waits, who is refused: one worker's requests under way, and the queue before them.

The queue is first come, first served, and as long as can be served in `queue_seconds` at the present rate: who would
wait longer is refused at once. So nobody is made to wait in vain, nothing is read, queued and then thrown away, and
what is served was never waiting for longer than that. (Newest first would be quicker for some, but has others wait to
no purpose, and a refusal costs least when it is made before a request is read.) How late the event loop is counts as
waiting, too: a request lies that long in its socket before anybody knows of it. Where too many would be refused at
once, they are held (`Holding`).

A queue evens out what comes in bursts. One that stays full while others are refused does not: everybody waits as
long as may be, and a thousand requests and connections, touched in turn, are in no cache of the processor when it is
their turn. So, while there are refusals and they are held, what the queue never fell below is taken off it by and by;
but not where all who wait, or are held, would find room in it.

Knows flow signals and timers; does not know requests, files or metrics.
"""

from collections import deque
from collections.abc import Callable

from crossgate.components.overload.config import RequestBounds
from crossgate.components.overload.gradient import Gradient, Pace
from crossgate.components.overload.holding import Holding
from crossgate.components.overload.line import Line, Place
from crossgate.flow.fiber import Signal
from crossgate.flow.timers import Timer, Timers

STEP_SECONDS = 0.1
_TICK_SECONDS = 0.02
_LEAST_QUEUE = 8
_LATE_SECONDS = 0.025  # how coarse timers are: being so late is no lag
TURN, FULL, LATE = "", "queue-full", "queue-timeout"


class Limiter:
    """One worker's. `look` is called after each step, with the seconds since the last.

    `refused` are the refusals so far, by reason. Lives through reloads.

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
        self.in_flight = 0
        self.refused = {FULL: 0, LATE: 0}
        self.queue = Line()
        self.holding = Holding(bounds.hold_seconds)
        self.look: Callable[[float], None] = lambda _: None
        self._may_wait = bounds.queue
        self._verdict: str | None = None  # of whom is being called
        self._most_in_flight = 0
        self._ended = 0
        self._served: deque[tuple[float, int]] = deque()  # of the steps since requests have to wait: seconds, how many
        self._was_full = self._has_refused = False
        self._came = self._least_queued = 0
        self._is_admitting = False
        self._timer: Timer | None = None
        self._ticking: Timer | None = None
        self._looked_seconds = self._ticked_seconds = 0.0

    # -- requests

    @property
    def is_busy(self) -> bool:
        """Whether whoever comes now has to wait."""
        return self.queue.count > 0 or self.in_flight >= self.limit

    def try_enter(self) -> bool:
        """Whether a request may go on at once; it has to `leave` then."""
        if self.queue.count or self.in_flight >= self.limit:
            if self._verdict != TURN:
                return False
            self._verdict = None  # it has been counted
            return True
        self.in_flight = count = self.in_flight + 1
        if count > self._most_in_flight:
            self._most_in_flight = count
        return True

    async def wait(self) -> str:
        """Wait for one's turn. The reason of the refusal; empty: the turn has come, and one has to `leave`."""
        if self._verdict is not None:  # which has been refused before it was read
            verdict, self._verdict = self._verdict, None
            return verdict
        called: Signal[str] = Signal()
        place = self.place(called.succeed)
        try:
            verdict = await called
        finally:
            place.give_up()
        if not verdict:
            self._verdict = None  # it is this one who goes on
        return verdict

    def place(self, call: Callable[[str], None]) -> Place:
        """Have one wait: see Load."""
        now_seconds = self._timers.now()
        place = Place(call, now_seconds + self._bounds.queue_seconds)
        if self.is_full:
            self.count_refused()
            self._call(place, FULL)
            return place
        self._was_full = True
        self._came += 1
        if self.queue.count < self._may_wait:
            self.queue.append(place)
        else:
            self.holding.hold(place, now_seconds)
        if self._ticking is None:
            self._ticked_seconds = now_seconds
            self._ticking = self._timers.after(_TICK_SECONDS, self._tick)
        return place

    @property
    def is_full(self) -> bool:
        """Whether whoever would have to wait now is refused at once."""
        return self.queue.count >= self._may_wait and not self.holding.is_due

    def count_refused(self) -> None:
        """One was refused at once."""
        self._was_full = True
        self._came += 1
        self.holding.refuse()
        self._count(FULL)

    def _count(self, reason: str) -> None:
        self.refused[reason] += 1
        self._has_refused = True

    def _call(self, place: Place, verdict: str) -> None:
        """Tell one what has become of its wait. What is not made use of in that call is over with it."""
        before, self._verdict = self._verdict, verdict
        try:
            place.call(verdict)
        finally:
            if verdict == TURN and self._verdict is not None:
                self.in_flight -= 1
            self._verdict = before

    def leave(self, pace: Pace, seconds: float) -> None:
        """A request is answered after so long; 0 where that says nothing about how long answers take."""
        self.in_flight -= 1
        self._ended += 1
        if self._gradient is not None and seconds > 0:
            self._gradient.add(pace.compare(seconds, in_need=self.queue.count > 0))
        if self.queue.count or self.holding.held.count:
            if self._soon is None:
                self._admit()
            elif not self._is_due:
                self._is_due = True
                self._soon(self._admit)

    def _admit(self) -> None:
        """Have those go on whose turn it is. One that is answered at once calls this again, and must not go deeper."""
        if self._is_admitting:
            return
        self._is_due = False
        self._is_admitting = True
        queue, held = self.queue, self.holding.held
        try:
            while self.in_flight < self.limit and (queue.count or held.count):
                place = queue.take() if queue.count else held.take()
                if queue.count < self._least_queued:
                    self._least_queued = queue.count
                self.in_flight += 1
                self._call(place, TURN)
        finally:
            self._is_admitting = False
        self._most_in_flight = max(self._most_in_flight, self.in_flight)

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
        lag_seconds = max(0.0, seconds - STEP_SECONDS - _LATE_SECONDS)
        self._count_on(seconds, lag_seconds)
        if self._gradient is not None:
            self.limit = self._gradient.step(self._most_in_flight, lag_seconds)
        self._most_in_flight = self.in_flight
        self._was_full = self.queue.count > 0
        self._ended = 0
        self.holding.step(self._came / seconds if seconds > 0 else 0.0)
        self._came = 0
        self._admit()
        self.look(seconds)

    def _tick(self) -> None:
        """While anybody waits: whose time is over is refused, and who is held goes on if there is room."""
        self._ticking = self._timers.after(_TICK_SECONDS, self._tick)  # first: one that raises must not end it
        queue, holding, now_seconds = self.queue, self.holding, self._timers.now()
        while (place := queue.first()) is not None and place.at_seconds <= now_seconds:
            self._count(LATE)
            self._call(queue.take(), LATE)
        # The queue has to be half empty: as long as new ones keep it full, the held would only take their places.
        room = self._may_wait // 2 - queue.count
        for _ in range(min(room, holding.held.count)):
            place = holding.held.take()
            place.at_seconds = now_seconds + self._bounds.queue_seconds
            queue.append(place)
        since_seconds, self._ticked_seconds = now_seconds - self._ticked_seconds, now_seconds
        for place in holding.released(now_seconds, since_seconds):
            self._count(FULL)
            self._call(place, FULL)
        self._admit()
        if not queue.count and not holding.held.count and self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    def _count_on(self, seconds: float, lag_seconds: float) -> None:
        """How many may wait: see above."""
        most, least_queued, has_refused = self._servable(seconds, lag_seconds), self._least_queued, self._has_refused
        self._least_queued, self._has_refused = self.queue.count, False
        holding = self.holding
        spins = self._bounds.hold_seconds == 0  # who is refused may ask again at once, and is better kept in the queue
        have_room = not holding.overflows and self.queue.count + holding.held.count < most
        if spins or have_room or not has_refused:
            self._may_wait = most
        elif least_queued:
            self._may_wait = min(most, max(_LEAST_QUEUE, self._may_wait - least_queued // 2))
        else:
            self._may_wait = min(most, self._may_wait + self._may_wait // 4 + 1)

    def _servable(self, seconds: float, lag_seconds: float) -> int:
        """How many were served lately in the time that one may wait for."""
        bounds, served = self._bounds, self._served
        if not self._was_full:
            served.clear()
            return bounds.queue
        served.append((seconds, self._ended))
        in_all = sum(step for step, _ in served)
        while in_all - served[0][0] >= bounds.queue_seconds:
            in_all -= served.popleft()[0]
        if in_all < bounds.queue_seconds:
            return bounds.queue
        patience = max(0.0, bounds.queue_seconds - lag_seconds)
        return min(bounds.queue, int(sum(count for _, count in served) * patience / in_all) + 1)
