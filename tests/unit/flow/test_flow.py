"""Fibers, signals, races, timers and bodies: who is resumed when, and that nothing is left behind."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.flow.fiber import CallbackFiber, Cancelled, Fiber, Race, Signal, run_to_end
from crossgate.flow.timers import DeadlineExceededError, Timers


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def make_timers() -> tuple[Timers, Callable[[float], None]]:
    clock = Clock()
    timers = Timers(clock)

    def advance(seconds: float) -> None:
        clock.now += seconds
        timers.sweep()

    return timers, advance


async def plus_one(signal: Signal[int]) -> int:
    return await signal + 1


def test_fiber_runs_to_its_wait_and_ends_when_the_signal_arrives() -> None:
    signal: Signal[int] = Signal()
    fiber = Fiber(plus_one(signal)).start()
    assert not fiber.done.settled
    signal.succeed(1)
    assert fiber.done.result() == 2


def test_signal_that_arrived_before_is_not_waited_for_and_a_second_arrival_is_ignored() -> None:
    signal: Signal[int] = Signal()
    signal.succeed(1)
    signal.fail(ValueError())
    assert run_to_end(plus_one(signal)) == 2


def test_failed_signal_raises_where_it_is_awaited() -> None:
    signal: Signal[int] = Signal()
    fiber = Fiber(plus_one(signal)).start()
    signal.fail(KeyError("x"))
    with pytest.raises(KeyError):
        fiber.done.result()


def test_cancelled_fiber_runs_its_finally_blocks_and_no_longer_waits() -> None:
    signal: Signal[int] = Signal()
    seen = []

    async def waits() -> None:
        try:
            await signal
        finally:
            seen.append("finally")

    fiber = Fiber(waits()).start()
    fiber.cancel()
    assert seen == ["finally"]
    with pytest.raises(Cancelled):
        fiber.done.result()
    signal.succeed(1)
    fiber.cancel()
    assert seen == ["finally"]


def test_fiber_cannot_throw_into_itself() -> None:
    async def throws_into_itself() -> None:
        fiber.throw(KeyError())

    fiber = Fiber(throws_into_itself())
    fiber.start()
    with pytest.raises(RuntimeError, match="itself"):
        fiber.done.result()


@pytest.mark.parametrize("waits_again", [True, False])
def test_fiber_that_is_cancelled_while_it_runs_ends_where_it_waits_next(waits_again: bool) -> None:
    seen = []

    async def cancels_itself() -> int:
        fiber.cancel()
        seen.append("goes on")
        try:
            if waits_again:
                await Signal[None]()
        finally:
            seen.append("finally")
        return 1

    fiber = Fiber(cancels_itself())
    fiber.start()
    assert seen == ["goes on", "finally"]
    if waits_again:
        with pytest.raises(Cancelled):
            fiber.done.result()
    else:
        assert fiber.done.result() == 1


def test_race_is_won_by_who_was_woken_by_another_runner() -> None:
    """As when calls that are raced wait for one of them to fill a cache."""
    began: Signal[None] = Signal()
    woken: Signal[int] = Signal()

    async def wakes() -> int:
        await began
        woken.succeed(2)
        return 1

    async def first() -> int:
        with Race[int]() as race:
            race.start(wakes())
            race.start(plus_one(woken))
            return (await race.next_arrival()).done.result()

    fiber = Fiber(first()).start()
    began.succeed(None)
    assert fiber.done.result() == 3


def test_run_to_end_refuses_to_wait() -> None:
    with pytest.raises(RuntimeError, match="waits"):
        run_to_end(plus_one(Signal()))


@pytest.mark.parametrize("way", ["value", "error", "settled", "abandoned"])
def test_callback_fiber_tells_its_end_once_unless_abandoned(way: str) -> None:
    signal: Signal[int] = Signal()
    ends: list[tuple[int | None, BaseException | None]] = []
    coroutine = plus_one(signal)
    waiting_for = coroutine.send(None)
    if way == "settled":
        signal.succeed(1)
    fiber = CallbackFiber(coroutine, waiting_for, lambda value, error: ends.append((value, error)))
    if way == "abandoned":
        fiber.abandon()
    elif way == "error":
        signal.fail(KeyError())
    signal.succeed(1)
    if way == "abandoned":
        assert not ends
    elif way == "error":
        assert len(ends) == 1
        assert isinstance(ends[0][1], KeyError)
    else:
        assert ends == [(2, None)]


def test_race_gives_results_in_the_order_of_arrival_and_cancels_the_rest() -> None:
    signals: list[Signal[int]] = [Signal() for _ in range(3)]
    cancelled = []

    async def runner(index: int) -> int:
        try:
            return await signals[index]
        except Cancelled:
            cancelled.append(index)
            raise

    async def two_of_three() -> list[int]:
        with Race[int]() as race:
            for index in range(3):
                race.start(runner(index))
            return [(await race.next_arrival()).done.result() for _ in range(2)]

    fiber = Fiber(two_of_three()).start()
    signals[2].succeed(20)
    signals[0].succeed(0)
    assert fiber.done.result() == [20, 0]
    assert cancelled == [1]


def test_within_raises_inside_once_the_time_is_over_and_leaves_no_timer() -> None:
    timers, advance = make_timers()
    seen = []

    async def waits() -> int:
        try:
            return await Signal[int]()
        except DeadlineExceededError as error:
            seen.append(str(error))
            raise

    fiber = Fiber(timers.within(1.0, waits())).start()
    advance(0.9)
    assert not fiber.done.settled
    advance(0.2)
    with pytest.raises(DeadlineExceededError):
        fiber.done.result()
    assert seen == ["context deadline exceeded"]
    assert len(timers) == 0


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_time_that_is_over_from_the_start_lets_nothing_begin(seconds: float) -> None:
    timers, _ = make_timers()
    began = []

    async def begins() -> None:
        began.append(1)

    with pytest.raises(DeadlineExceededError):
        run_to_end(timers.within(seconds, begins()))
    assert not began


def test_within_that_ends_in_time_leaves_no_timer() -> None:
    timers, advance = make_timers()
    signal: Signal[int] = Signal()
    fiber = Fiber(timers.within(1.0, plus_one(signal))).start()
    signal.succeed(1)
    assert fiber.done.result() == 2
    assert len(timers) == 0
    advance(5)


def test_cancelling_a_fiber_with_a_deadline_leaves_no_timer() -> None:
    timers, _ = make_timers()
    fiber = Fiber(timers.within(1.0, plus_one(Signal()))).start()
    fiber.cancel()
    assert len(timers) == 0


def test_sweep_survives_a_callback_that_raises() -> None:
    timers, advance = make_timers()
    seen = []

    def fails() -> None:
        raise KeyError

    timers.after(1.0, fails)
    timers.after(1.0, lambda: seen.append(1))
    with pytest.raises(KeyError):
        advance(2)
    assert seen == [1]
    assert len(timers) == 0


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.booleans()), max_size=20))
def test_timers_expire_once_in_order_never_early_and_not_when_cancelled(plan: list[tuple[int, int, bool]]) -> None:
    timers, advance = make_timers()
    due: list[tuple[float, int]] = []
    expired: list[int] = []
    for number, (pause, seconds, cancel) in enumerate(plan):
        advance(pause)
        assert sorted(expired) == [one for at, one in due if at <= timers.now()]
        timer = timers.after(seconds, lambda number=number: expired.append(number))  # type: ignore[misc]
        if cancel:
            timer.cancel()
        else:
            due.append((timers.now() + seconds, number))
    advance(100)
    times = {number: at for at, number in due}
    assert sorted(expired) == sorted(times)
    assert [times[number] for number in expired] == sorted(times.values())
    assert len(timers) == 0


class Sink:
    def __init__(self) -> None:
        self.told: list[object] = []

    def feed(self, data: bytes) -> None:
        self.told.append(data)

    def end(self) -> None:
        self.told.append("end")

    def fail(self, error: Exception) -> None:
        self.told.append(error)


def test_body_holds_its_producer_until_somebody_takes_it() -> None:
    calls: list[str] = []
    body = Body(on_pause=lambda: calls.append("pause"), on_resume=lambda: calls.append("resume"))
    body.feed(b"a")
    assert calls == ["pause"]
    sink = Sink()
    body.stream_to(sink)
    assert calls == ["pause", "resume"]
    body.feed(b"b")
    body.end()
    body.feed(b"c")
    body.fail(ValueError())
    assert sink.told == [b"a", b"b", "end"]


def test_body_that_failed_says_so_after_what_arrived() -> None:
    body = Body()
    error = ValueError()
    body.feed(b"a")
    body.fail(error)
    sink = Sink()
    body.stream_to(sink)
    assert sink.told == [b"a", error]


def test_abandoned_body_tells_its_producer_once_and_its_sink_nothing() -> None:
    calls: list[str] = []
    body = Body(on_abandon=lambda: calls.append("abandon"))
    sink = Sink()
    body.stream_to(sink)
    body.abandon()
    body.abandon()
    body.feed(b"a")
    body.end()
    assert (calls, sink.told) == (["abandon"], [])


def test_whole_body_is_bounded() -> None:
    abandoned: list[int] = []
    body = Body(on_abandon=lambda: abandoned.append(1))
    fiber = Fiber(body.read_all(3)).start()
    body.feed(b"ab")
    body.feed(b"cd")
    with pytest.raises(BodyTooLargeError):
        fiber.done.result()
    assert abandoned == [1]
