"""Deadlines without a timer each: a coarse sweep over lists that are already in order.

Entries of one length of time expire in the order they were made, so each length has a list of its own and a sweep
looks only at its head. Making and cancelling an entry cost a dictionary operation each; a timer of the event loop per
request cost 17 % of a proxied request. Does not read the clock: whoever owns this room passes the time in.
"""

from collections.abc import Callable, Generator
from typing import Any, Protocol, TypeVar

from crossgate.flow.fiber import Flow, Signal

T = TypeVar("T")


class DeadlineExceededError(Exception):
    """The time given to a fiber is over. Its text is Go's, since KrakenD shows it (`context.DeadlineExceeded`)."""

    def __init__(self) -> None:
        super().__init__("context deadline exceeded")


class Deadline(Protocol):
    """An entry in a list of deadlines."""

    at_seconds: float

    def expire(self) -> None:
        """Take the entry out of its list if it is still there, and do what it is for."""


class Timer:
    """One deadline, to be cancelled once it no longer matters."""

    __slots__ = ("_callback", "_queue", "at_seconds")

    def __init__(self, queue: dict[Deadline, None], at_seconds: float, callback: Callable[[], None]) -> None:
        self._queue = queue
        self._callback = callback
        self.at_seconds = at_seconds

    def cancel(self) -> None:
        """Forget it. Harmless on one that has expired."""
        self._queue.pop(self, None)

    def expire(self) -> None:
        """Remove it and do what it is for."""
        if self in self._queue:
            del self._queue[self]
            self._callback()


class Timers:
    """All deadlines of one worker.

    `now` is the worker's clock (monotonic seconds); it may be as coarse as the sweep. An entry expires at the first
    sweep after its time, never before it.
    """

    __slots__ = ("_queues", "now")

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._queues: dict[float, dict[Deadline, None]] = {}

    def after(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Have `callback` called once `seconds` have passed. Lengths of time should be few: they come from the plan."""
        queue = self.queue(seconds)
        timer = Timer(queue, self.now() + seconds, callback)
        queue[timer] = None
        return timer

    def queue(self, seconds: float) -> "dict[Deadline, None]":
        """The entries of that length of time, for who makes them itself: each is put at the end and taken away there.

        Its `at_seconds` must be the present plus `seconds`. For what happens on every request.
        """
        queue = self._queues.get(seconds)
        if queue is None:
            queue = self._queues[seconds] = {}
        return queue

    def sweep(self) -> None:
        """Expire what is due, earliest first. A callback that raises keeps no other from expiring; it is re-raised.

        The order matters where deadlines nest: a merge's share of the time must end before the whole of it does.
        """
        now = self.now()
        due: list[Deadline] = []
        for queue in self._queues.values():
            for timer in queue:
                if timer.at_seconds > now:
                    break
                due.append(timer)
        due.sort(key=_time_of)
        failure: BaseException | None = None
        for timer in due:
            try:
                timer.expire()
            except Exception as error:  # noqa: BLE001 # one bad callback must not stop the sweep
                failure = failure or error
        if failure is not None:
            raise failure

    def earliest(self) -> float | None:
        """When the next entry is due, None where there is none: for who moves the clock by hand."""
        firsts = [next(iter(queue)).at_seconds for queue in self._queues.values() if queue]
        return min(firsts) if firsts else None

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    async def sleep(self, seconds: float) -> None:
        """Wait until the time is over."""
        over: Signal[None] = Signal()
        timer = self.after(seconds, lambda: over.succeed(None))
        try:
            await over
        finally:
            timer.cancel()

    def within(self, seconds: float, coroutine: Flow[T]) -> Flow[T]:
        """The coroutine's result, or DeadlineExceededError raised inside it once the time is over.

        Zero or less: the time is over from the start, as in Go. The coroutine then is never begun.
        """
        return _within(self, seconds, coroutine)


class _Limit:
    """A deadline around a coroutine: the signal that it waits for, and whether the time is over.

    To be awaited in the signal's place.
    """

    __slots__ = ("_queue", "at_seconds", "is_over", "signal")

    def __init__(self, queue: dict[Deadline, None], at_seconds: float, signal: Signal[Any]) -> None:
        self._queue = queue
        self.at_seconds = at_seconds
        self.signal = signal
        self.is_over = False

    def expire(self) -> None:
        """See Deadline."""
        if self._queue.pop(self, self) is None:
            self.is_over = True
            self.signal.interrupt()

    def __await__(self) -> Generator[Signal[Any], None, None]:
        yield self.signal


async def _within(timers: Timers, seconds: float, coroutine: Flow[T]) -> T:
    """Steps the coroutine on its caller's fiber, since a fiber of its own would cost twice as much."""
    if seconds <= 0:
        coroutine.close()
        raise DeadlineExceededError
    try:
        signal = coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    queue = timers.queue(seconds)
    limit = _Limit(queue, timers.now() + seconds, signal)
    queue[limit] = None
    try:
        while True:
            try:
                await limit
            except BaseException as error:  # noqa: BLE001 # thrown in from outside: the coroutine's to deal with
                limit.signal = coroutine.throw(error)
            else:
                if limit.is_over:
                    limit.is_over = False
                    limit.signal = coroutine.throw(DeadlineExceededError())
                else:
                    limit.signal = coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        queue.pop(limit, None)


def _time_of(timer: Deadline) -> float:
    return timer.at_seconds
