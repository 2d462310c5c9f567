"""Fibers: coroutines driven by hand, and the signals they wait for.

Rules for this file. A fiber's coroutine awaits only signals (through any depth of coroutines). A signal has at most one
waiter and arrives at most once. Resuming happens inside `succeed` or `fail`, on the caller's stack: whoever settles a
signal must have put its own state in order before. A fiber that never waits costs one `send`.
"""

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Flow = Coroutine["Signal[Any]", None, T]
"""What a fiber runs: a coroutine that awaits nothing but signals."""


class Cancelled(BaseException):
    """Thrown into a fiber whose result nobody wants. Not an Exception, so that no stage takes it for a fault."""


class Signal(Generic[T]):
    """A value or an exception that arrives once, for one waiter.

    Settling it again is ignored (an upstream may fail after its answer was complete); `settled` tells.
    """

    __slots__ = ("_error", "_value", "_waiter", "settled")

    def __init__(self) -> None:
        self.settled = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._waiter: Callable[[], None] | None = None

    def succeed(self, value: T) -> None:
        """Arrive with a value and resume the waiter, if there is one."""
        if not self.settled:
            self._value = value
            self._settle()

    def fail(self, error: BaseException) -> None:
        """Arrive with an exception, raised where the signal is awaited."""
        if not self.settled:
            self._error = error
            self._settle()

    def _settle(self) -> None:
        self.settled = True
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter()

    def interrupt(self) -> None:
        """Resume the waiter before anything arrived: what it awaits on top of this one knows why (a deadline)."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter()

    def wait_with(self, waiter: Callable[[], None] | None) -> None:
        """Have `waiter` called on arrival, at once if it has arrived; None stops waiting."""
        if self.settled and waiter is not None:
            waiter()
        else:
            self._waiter = waiter

    def result(self) -> T:
        """The value, or the exception raised. Only once it is settled."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value] # settled without an error means the value is there

    def __await__(self) -> Generator["Signal[Any]", None, T]:
        if not self.settled:
            yield self
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value] # settled without an error means the value is there


class Fiber(Generic[T]):
    """A coroutine on its way. `done` settles with its result, after its last `finally` has run."""

    __slots__ = ("_coroutine", "_ended", "_is_cancelled", "_running", "_waiting_for", "done")

    def __init__(self, coroutine: Flow[T]) -> None:
        self._coroutine = coroutine
        self._waiting_for: Signal[Any] | None = None
        self._running = self._ended = self._is_cancelled = False
        self.done: Signal[T] = Signal()

    def start(self) -> "Fiber[T]":
        """Run to the first wait, or to the end."""
        self._resume()
        return self

    def throw(self, error: BaseException) -> None:
        """Raise `error` where the fiber waits. Nothing happens to a fiber that has ended.

        A fiber cannot throw into itself while it runs: there is no place where it waits.
        """
        if self._ended:
            return
        if self._running:
            raise RuntimeError("a fiber cannot throw into itself")
        if self._waiting_for is not None:
            self._waiting_for.wait_with(None)
            self._waiting_for = None
        self._step(error)

    def cancel(self) -> None:
        """End the fiber: its `finally` blocks run now, its result is dropped.

        One that runs, having settled a signal whose waiter wants no more of it, ends where it would wait next.
        """
        if self._running:
            self._is_cancelled = True
        else:
            self.throw(Cancelled())

    def _resume(self) -> None:
        self._waiting_for = None
        self._step(None)

    def _step(self, error: BaseException | None) -> None:
        coroutine = self._coroutine
        while True:
            self._running = True
            try:
                signal = coroutine.send(None) if error is None else coroutine.throw(error)
            except StopIteration as end:
                self._running = False
                self._ended = True
                self._end(end.value, None)
                return
            except BaseException as failure:  # noqa: BLE001 # whatever it is belongs to who waits for the result
                self._running = False
                self._ended = True
                self._end(None, failure)
                return
            self._running = False
            if self._is_cancelled:
                self._is_cancelled = False
                error = Cancelled()
                continue
            if not signal.settled:
                self._waiting_for = signal
                signal.wait_with(self._resume)
                return
            error = None

    def _end(self, value: T | None, error: BaseException | None) -> None:
        if error is None:
            self.done.succeed(value)  # type: ignore[arg-type] # None is a value where there is no error
        else:
            self.done.fail(error)


class CallbackFiber(Fiber[T]):
    """A fiber whose coroutine was stepped once by its owner, who is called with its result instead of a signal.

    That saves a quarter of what a fiber costs where there is one for each request. `on_end` gets the value and None, or
    None and the exception. `done` does not exist.
    """

    __slots__ = ("_on_end",)

    def __init__(
        self,
        coroutine: Flow[T],
        waiting_for: Signal[Any],
        on_end: Callable[[T | None, BaseException | None], None],
    ) -> None:
        self._coroutine = coroutine
        self._running = self._ended = self._is_cancelled = False
        self._waiting_for = waiting_for
        self._on_end: Callable[[T | None, BaseException | None], None] | None = on_end
        waiting_for.wait_with(self._resume)

    def abandon(self) -> None:
        """Cancel it without hearing of its end."""
        self._on_end = None
        self.cancel()

    def _end(self, value: T | None, error: BaseException | None) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(value, error)


class Race(Generic[T]):
    """Several fibers side by side; their results are taken in the order of arrival.

    Use as a context manager: fibers still on their way when the block is left are cancelled.
    """

    __slots__ = ("_arrived", "_fibers", "_wake")

    def __init__(self) -> None:
        self._fibers: list[Fiber[T]] = []
        self._arrived: list[Fiber[T]] = []
        self._wake: Signal[None] | None = None

    def start(self, coroutine: Flow[T]) -> Fiber[T]:
        """Start one more runner."""
        fiber = Fiber(coroutine)
        self._fibers.append(fiber)
        fiber.start()
        fiber.done.wait_with(lambda: self._arrive(fiber))
        return fiber

    def _arrive(self, fiber: Fiber[T]) -> None:
        self._arrived.append(fiber)
        wake, self._wake = self._wake, None
        if wake is not None:
            wake.succeed(None)

    async def next_arrival(self) -> Fiber[T]:
        """The next fiber that ended, its `done` settled. Must not be called more often than fibers were started."""
        if not self._arrived:
            self._wake = Signal()
            await self._wake
        return self._arrived.pop(0)

    def __enter__(self) -> "Race[T]":
        return self

    def __exit__(self, *_: object) -> None:
        for fiber in self._fibers:
            fiber.done.wait_with(None)
            fiber.cancel()


def run_to_end(coroutine: Flow[T]) -> T:
    """The result of a coroutine that never has to wait. Raises RuntimeError if it does."""
    fiber = Fiber(coroutine).start()
    if not fiber.done.settled:
        fiber.cancel()
        raise RuntimeError("the coroutine waits for something")
    return fiber.done.result()
