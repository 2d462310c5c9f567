"""Deadlines around proxies, also nested ones, with a clock that is turned by hand."""

import pytest

from crossgate.flow.fiber import Cancelled, Fiber, Signal
from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.http.field_names import KnownNames
from crossgate.http.message import Request
from crossgate.pipeline.gates import RequestView
from tests.support.clock import Clock


def test_result_of_a_coroutine_that_never_waits_needs_no_timer() -> None:
    timers = Timers(Clock())

    async def at_once() -> int:
        return 7

    fiber = Fiber(timers.within(1.0, at_once())).start()
    assert fiber.done.settled
    assert len(timers) == 0


def test_deadline_is_raised_inside_and_its_signal_is_forgotten() -> None:
    clock = Clock()
    timers = Timers(clock)
    never: Signal[int] = Signal()
    seen: list[BaseException] = []

    async def waits() -> int:
        try:
            return await never
        except DeadlineExceededError as error:
            seen.append(error)
            raise

    fiber = Fiber(timers.within(1.0, waits())).start()
    clock.advance(1.0)
    timers.sweep()
    assert len(seen) == 1
    assert fiber.done.settled
    with pytest.raises(DeadlineExceededError):
        fiber.done.__await__().send(None)
    never.succeed(1)  # arrives for nobody
    assert len(timers) == 0


def test_inner_deadline_leaves_the_outer_one_running() -> None:
    clock = Clock()
    timers = Timers(clock)
    first: Signal[int] = Signal()
    second: Signal[int] = Signal()

    async def inner() -> int:
        return await first

    async def outer() -> int:
        try:
            await timers.within(0.5, inner())
        except DeadlineExceededError:
            return await second
        return 0

    fiber = Fiber(timers.within(1.0, outer())).start()
    clock.advance(0.5)
    timers.sweep()
    assert not fiber.done.settled
    second.succeed(3)
    assert fiber.done.settled
    assert len(timers) == 0


def test_nested_deadlines_due_in_one_sweep_end_from_the_inside() -> None:
    clock = Clock()
    timers = Timers(clock)
    timers.after(1.0, lambda: None).cancel()  # the longer length of time is known first
    never: Signal[int] = Signal()

    async def waits() -> int:
        return await never

    async def outer() -> str:
        try:
            await timers.within(0.85, waits())
        except DeadlineExceededError:
            return "partial"
        return "whole"

    fiber = Fiber(timers.within(1.0, outer())).start()
    clock.advance(5.0)
    timers.sweep()
    with pytest.raises(StopIteration) as end:
        fiber.done.__await__().send(None)
    assert end.value.value == "partial"


def test_cancelling_runs_the_finally_blocks_inside() -> None:
    timers = Timers(Clock())
    never: Signal[int] = Signal()
    closed: list[str] = []

    async def waits() -> int:
        try:
            return await never
        except Cancelled:
            closed.append("cancelled")
            raise

    fiber = Fiber(timers.within(1.0, waits())).start()
    fiber.cancel()
    assert closed == ["cancelled"]
    assert len(timers) == 0


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_time_that_is_over_from_the_start_begins_nothing(seconds: float) -> None:
    timers = Timers(Clock())
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)

    fiber = Fiber(timers.within(seconds, work())).start()
    with pytest.raises(DeadlineExceededError):
        fiber.done.__await__().send(None)
    assert begun == []


def test_a_request_that_gates_changed_keeps_its_limit() -> None:
    limits: list[float] = []
    request = Request(b"GET", b"/", None, [(b"a", b"1")])
    request.limit = limits.append
    view = RequestView(request, (), [], lambda _: "", KnownNames())
    view.set_field(b"a", b"2")
    changed = view.request()
    assert changed is not request
    assert changed.limit is not None
    changed.limit(3.0)
    assert limits == [3.0]
