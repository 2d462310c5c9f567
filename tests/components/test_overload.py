"""Overload: who goes on, waits or is refused, with an injected clock; and what a file may say about it."""

import asyncio
import itertools
import json
import logging
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.overload.config import OverloadConfig, RequestBounds
from crossgate.components.overload.gradient import Gradient, Pace
from crossgate.components.overload.holding import AT_ONCE, MOST_HELD, TOO_MANY
from crossgate.components.overload.limiter import FULL, LATE, STEP_SECONDS, Limiter
from crossgate.components.overload.part import TELL_SECONDS, Told
from crossgate.components.survival import Survivors
from crossgate.config import load_text
from crossgate.flow.fiber import Fiber
from crossgate.flow.timers import Timers
from crossgate.transport.host_bounds import HostBounds, HostFullError, WaitingLine
from tests.support.clock import Clock

TICK_SECONDS = 0.025


class Gate:
    """A limiter with a clock, and requests that last until they are told to end."""

    def __init__(
        self,
        most: int = 2,
        queue: int = 2,
        *,
        least: int | None = None,
        seconds: float = 0.25,
        hold_seconds: float = 0.0,
    ) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        bounds = RequestBounds(most if least is None else least, most, queue, seconds, hold_seconds)
        self.limiter = Limiter(bounds, self.timers)
        self.pace = Pace()
        asyncio.run(self.limiter.start())

    def ask(self) -> "Fiber[str]":
        """A request that has come: what became of its wait, empty once it may go on."""

        async def enter() -> str:
            return "" if self.limiter.try_enter() else await self.limiter.wait()

        return Fiber(enter()).start()

    def end(self, seconds: float = 0.01) -> None:
        self.limiter.leave(self.pace, seconds)

    def pass_time(self, seconds: float, *, lag_seconds: float = 0.0) -> None:
        """In ticks, as a server does; the first one late by so much."""
        self.clock.advance(lag_seconds)
        for _ in range(max(1, round(seconds / TICK_SECONDS))):
            self.clock.advance(TICK_SECONDS)
            self.timers.sweep()


def outcome(fiber: "Fiber[str]") -> str:
    return fiber.done.result() if fiber.done.settled else "waits"


def test_as_many_as_may_be_under_way_go_on_then_some_wait_and_the_rest_is_refused() -> None:
    gate = Gate(most=2, queue=2)
    asked = [gate.ask() for _ in range(6)]
    assert [outcome(fiber) for fiber in asked] == ["", "", "waits", "waits", FULL, FULL]
    assert gate.limiter.is_full
    assert gate.limiter.refused == {FULL: 2, LATE: 0}


def test_refusals_are_told_at_once_and_then_together_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate(most=1, queue=0)
    gate.limiter.look = Told(gate.limiter, logging.getLogger()).look
    gate.ask()
    told = []
    for _ in range(4):
        gate.ask()
        gate.pass_time(TELL_SECONDS / 2 + STEP_SECONDS)
        told.append(len(caplog.records))
    assert told == [1, 2, 2, 3]
    assert [record.message[:33] for record in caplog.records] == [
        "[OVERLOAD] refused 1 with 503: 1 ",
        "[OVERLOAD] refused 1 with 503: 1 ",
        "[OVERLOAD] refused 2 with 503: 1 ",
    ]


def test_who_waits_goes_on_in_order_as_others_end() -> None:
    gate = Gate(most=1, queue=3)
    gate.ask()
    waiting = [gate.ask() for _ in range(3)]
    gate.end()
    assert [outcome(fiber) for fiber in waiting] == ["", "waits", "waits"]
    gate.end()
    assert [outcome(fiber) for fiber in waiting] == ["", "", "waits"]
    assert not gate.limiter.is_full
    gate.end()
    gate.end()
    assert not gate.limiter.is_busy
    assert (gate.limiter.in_flight, gate.limiter.queue.count) == (0, 0)


def test_nobody_waits_longer_than_the_time_for_it() -> None:
    gate = Gate(most=1, queue=3, seconds=0.25)
    gate.ask()
    first = gate.ask()
    gate.pass_time(0.125)
    second = gate.ask()
    gate.pass_time(0.15)
    assert (outcome(first), outcome(second)) == (LATE, "waits")
    gate.end()
    assert outcome(second) == ""
    assert gate.limiter.refused == {FULL: 0, LATE: 1}
    assert gate.limiter.queue.count == 0


def test_one_whose_client_is_gone_leaves_the_queue_and_takes_nobodys_turn() -> None:
    gate = Gate(most=1, queue=2)
    gate.ask()
    gone, stays = gate.ask(), gate.ask()
    assert outcome(gate.ask()) == FULL
    gone.cancel()
    assert outcome(gate.ask()) == "waits"
    gate.end()
    assert outcome(stays) == ""
    assert gate.limiter.refused[LATE] == 0


def test_one_that_is_found_to_be_gone_at_the_same_time_makes_no_call_in_the_place_of_another() -> None:
    gate, due = Gate(most=1, queue=9), []
    gate.limiter._soon = due.append
    gate.ask()
    gone, stays = gate.ask(), gate.ask()
    gate.end()
    gone.cancel()
    assert (outcome(stays), len(due)) == ("waits", 1)
    due.pop()()
    assert (outcome(stays), gate.limiter.in_flight, gate.limiter.queue.count) == ("", 1, 0)
    last = gate.ask()
    gate.end()
    due.pop()()
    assert outcome(last) == ""


def test_queues_hold_nothing_of_those_that_are_gone_while_nothing_ends() -> None:
    gate = Gate(most=1, queue=2, seconds=0.05)
    gate.ask()
    for _ in range(200):
        gate.ask()
        gate.pass_time(0.1)
    assert len(gate.limiter.queue._places) <= 2
    assert len(gate.timers) == 1  # the limiter's own look at things


def test_without_a_queue_whoever_finds_no_room_is_refused_and_room_is_found_again() -> None:
    gate = Gate(most=1, queue=0)
    gate.ask()
    assert outcome(gate.ask()) == FULL
    assert gate.limiter.is_busy
    gate.end()
    assert not gate.limiter.is_busy
    assert outcome(gate.ask()) == ""


def test_the_queue_is_as_long_as_can_be_served_in_the_time_for_it() -> None:
    gate = Gate(most=1, queue=1000, seconds=0.25)
    gate.ask()
    for _ in range(500):
        gate.ask()
    for _ in range(8):  # 40 a second are served: 10 in the time that one may wait
        for _ in range(4):
            gate.end()
        for _ in range(30):
            gate.ask()
        gate.pass_time(STEP_SECONDS)
    for _ in range(30):
        gate.ask()
    assert gate.limiter.is_full
    assert 9 <= gate.limiter.queue.count <= 12


def test_an_event_loop_that_is_late_leaves_less_time_to_wait() -> None:
    waited = []
    for lag_seconds in (0.0, 0.2):
        gate = Gate(most=1, queue=1000, seconds=0.25)
        gate.ask()
        for _ in range(900):
            gate.ask()
        for _ in range(3):
            for _ in range(100):
                gate.end()
            gate.pass_time(STEP_SECONDS)
        for _ in range(round(1000 * (STEP_SECONDS + lag_seconds))):  # at the same rate
            gate.end()
            gate.ask()
        gate.pass_time(STEP_SECONDS, lag_seconds=lag_seconds)
        waited.append(gate.limiter._may_wait)
    assert 0 < waited[1] < waited[0] / 2 < 200


def test_one_that_is_answered_at_once_lets_the_next_go_on_without_going_deeper() -> None:
    gate = Gate(most=1, queue=5000, seconds=10)
    gate.ask()

    async def whole() -> None:
        assert not await gate.limiter.wait()
        gate.end()

    fibers = [Fiber(whole()).start() for _ in range(4000)]
    gate.end()
    assert all(fiber.done.settled for fiber in fibers)
    assert (gate.limiter.in_flight, gate.limiter.queue.count) == (0, 0)


def run_gradient(gradient: Gradient, ratio: float, steps: int, *, lag_seconds: float = 0.0) -> int:
    for _ in range(steps):
        for _ in range(20):
            gradient.add(ratio)
        gradient.step(gradient.bound, lag_seconds)
    return gradient.bound


def test_a_bound_that_is_made_use_of_grows_while_latencies_stay_and_shrinks_when_they_rise() -> None:
    gradient = Gradient(8, 1000)
    first = gradient.bound
    grown = run_gradient(gradient, 1.0, 30)
    assert grown > first
    shrunk = run_gradient(gradient, 5.0, 10)
    assert shrunk < grown / 2
    assert run_gradient(gradient, 50.0, 200) >= 8
    assert run_gradient(gradient, 1.0, 2000) == 1000


def test_a_bound_that_nobody_makes_use_of_stays() -> None:
    gradient = Gradient(8, 1000)
    first = gradient.bound
    for _ in range(50):
        for _ in range(20):
            gradient.add(1.0)
        gradient.step(3, 0.0)
    assert gradient.bound == first


def test_a_late_event_loop_shrinks_the_bound_whatever_latencies_say() -> None:
    gradient = Gradient(8, 1000)
    first = gradient.bound
    assert run_gradient(gradient, 1.0, 5, lag_seconds=0.2) < first
    assert run_gradient(gradient, 1.0, 100, lag_seconds=0.2) == 8


def test_a_slow_endpoint_is_not_taken_for_overload() -> None:
    quick, slow = Pace(), Pace()
    for _ in range(100):
        quick.compare(0.001, in_need=False)
        slow.compare(2.0, in_need=False)
    assert slow.compare(2.0, in_need=False) == pytest.approx(1.0)
    assert quick.compare(0.003, in_need=False) == pytest.approx(3.0)


def test_what_is_measured_in_need_hardly_changes_the_long_run() -> None:
    calm, needy = Pace(), Pace()
    for pace, in_need in ((calm, False), (needy, True)):
        for _ in range(50):
            pace.compare(0.01, in_need=False)
        for _ in range(200):
            pace.compare(0.1, in_need=in_need)
    assert needy.seconds < calm.seconds / 2


def test_a_limiter_that_adapts_lets_waiting_ones_go_on_when_its_bound_grows() -> None:
    gate = Gate(most=100, queue=100, least=4, seconds=10)
    before = gate.limiter.limit
    for _ in range(before + 5):
        gate.ask()
    assert gate.limiter.queue.count == 5
    for _ in range(20):
        for _ in range(20):
            gate.end(0.01)
            gate.ask()
        gate.pass_time(STEP_SECONDS)
    assert gate.limiter.limit > before
    assert gate.limiter.queue.count == 0


# -- refusals that are held


def flooded(*, hold_seconds: float = 0.5, queue: int = 0) -> Gate:
    """One is under way, the queue is full, and no refusal is given at once any more."""
    gate = Gate(most=1, queue=queue, seconds=10, hold_seconds=hold_seconds)
    for _ in range(1 + queue):
        gate.ask()
    asked = [gate.ask() for _ in range(AT_ONCE)]
    assert {outcome(fiber) for fiber in asked} == {FULL}
    return gate


def test_beyond_some_refusals_in_a_moment_others_come_once_their_time_is_over() -> None:
    gate = flooded()
    late = [gate.ask() for _ in range(3)]
    gate.pass_time(0.45)
    assert [outcome(fiber) for fiber in late] == ["waits"] * 3
    assert gate.limiter.holding.held.count == 3
    gate.pass_time(0.1)
    assert [outcome(fiber) for fiber in late] == [FULL] * 3
    assert gate.limiter.refused == {FULL: AT_ONCE + 3, LATE: 0}
    assert gate.limiter.holding.held.count == 0
    assert len(gate.timers) == 1  # the limiter's own look at things


def test_a_spinning_crowd_is_refused_no_more_often_than_the_time_to_hold_allows() -> None:
    gate, crowd = Gate(most=1, queue=0, hold_seconds=0.5), 1000
    gate.ask()
    fibers = [gate.ask() for _ in range(crowd)]
    for _ in range(200):  # five seconds, in each tick of which everybody who is refused asks again
        fibers = [gate.ask() if fiber.done.settled else fiber for fiber in fibers]
        gate.pass_time(TICK_SECONDS)
    assert gate.limiter.refused[FULL] <= 5 * (crowd / 0.5 + AT_ONCE / STEP_SECONDS)
    assert gate.limiter.refused[FULL] >= 5 * crowd


def test_who_is_held_goes_on_as_soon_as_there_is_room_in_order() -> None:
    gate = flooded()
    first, second = gate.ask(), gate.ask()
    gate.end()
    gate.pass_time(TICK_SECONDS)
    assert (outcome(first), outcome(second)) == ("", "waits")
    gate.end()
    gate.pass_time(TICK_SECONDS)
    assert (outcome(second), gate.limiter.in_flight, gate.limiter.holding.held.count) == ("", 1, 0)


def test_who_is_held_goes_into_a_queue_that_is_half_empty_and_not_into_a_full_one() -> None:
    gate = flooded(queue=4)
    held = [gate.ask() for _ in range(3)]
    gate.end()
    gate.pass_time(TICK_SECONDS)
    assert gate.limiter.queue.count == 3
    assert gate.limiter.holding.held.count == 3
    gate.end()
    gate.end()
    gate.pass_time(TICK_SECONDS)
    assert gate.limiter.queue.count == 2
    assert gate.limiter.holding.held.count == 2
    assert [outcome(fiber) for fiber in held] == ["waits"] * 3


def test_one_that_is_held_and_whose_client_is_gone_is_forgotten() -> None:
    gate = flooded()
    gone = gate.ask()
    gone.cancel()
    assert gate.limiter.holding.held.count == 0
    gate.pass_time(1.0)
    assert gate.limiter.refused[FULL] == AT_ONCE


def test_where_refusals_are_not_to_be_held_all_come_at_once() -> None:
    gate = flooded(hold_seconds=0.0)
    assert outcome(gate.ask()) == FULL


def test_after_a_moment_refusals_come_at_once_again() -> None:
    gate = flooded()
    assert outcome(gate.ask()) == "waits"
    gate.pass_time(STEP_SECONDS)
    assert outcome(gate.ask()) == FULL


def test_no_more_are_held_than_memory_allows() -> None:
    gate = flooded(hold_seconds=100.0)
    for _ in range(MOST_HELD):
        gate.ask()
    assert gate.limiter.holding.held.count == MOST_HELD
    assert outcome(gate.ask()) == FULL


def test_one_that_fails_as_it_is_released_keeps_no_other_from_it() -> None:
    def break_off(verdict: str) -> None:
        raise OSError(verdict)

    gate = flooded()
    gate.limiter.place(break_off)
    after = gate.ask()
    gate.clock.advance(1.0)
    with pytest.raises(OSError, match=FULL):
        gate.timers.sweep()
    gate.pass_time(TICK_SECONDS)
    assert outcome(after) == FULL


def test_those_who_came_together_are_not_all_refused_in_the_same_moment() -> None:
    gate = flooded()
    crowd = [gate.ask() for _ in range(1000)]
    refused = []
    for _ in range(60):
        gate.pass_time(TICK_SECONDS)
        refused.append(sum(fiber.done.settled for fiber in crowd))
    assert refused[18] == 0
    assert max(after - before for before, after in itertools.pairwise(refused)) < 200
    assert refused[-1] == 1000


def spin(gate: Gate, crowd: int, seconds: float) -> list[int]:
    """Everybody who is refused asks again in the next tick. How many were refused in each tick."""
    fibers, refused = [gate.ask() for _ in range(crowd)], []
    for _ in range(round(seconds / TICK_SECONDS)):
        before = gate.limiter.refused[FULL]
        fibers = [gate.ask() if fiber.done.settled else fiber for fiber in fibers]
        gate.pass_time(TICK_SECONDS)
        refused.append(gate.limiter.refused[FULL] - before)
    return refused


def test_of_a_crowd_that_asks_again_at_once_nearly_all_are_held() -> None:
    gate = Gate(most=1, queue=0, hold_seconds=0.5)
    gate.ask()
    crowd = 3 * MOST_HELD
    refused = spin(gate, crowd, 3)
    assert gate.limiter.holding.held.count > crowd - 3 * TOO_MANY
    assert sum(refused[40:]) < (3 - 1) * (crowd / 0.5 + AT_ONCE / STEP_SECONDS)


def test_of_a_crowd_that_comes_whether_or_not_others_are_held_nobody_is_until_it_is_gone() -> None:
    gate = Gate(most=1, queue=0, hold_seconds=0.5)
    gate.ask()
    held = []
    for _ in range(160):  # ten thousand in a second
        for _ in range(250):
            gate.ask()
        gate.pass_time(TICK_SECONDS)
        held.append(gate.limiter.holding.held.count)
    assert max(held) > MOST_HELD
    assert max(held[100:]) == 0
    gate.pass_time(15)
    for _ in range(AT_ONCE + 1):
        last = gate.ask()
    assert outcome(last) == "waits"


def test_when_a_crowd_is_gone_another_is_looked_at_anew() -> None:
    gate = Gate(most=1, queue=0, hold_seconds=0.5)
    gate.ask()
    spin(gate, 3 * MOST_HELD, 2)
    gate.pass_time(2)
    assert gate.limiter.holding.held.count == 0
    assert gate.limiter.holding._most == MOST_HELD


def rush(gate: Gate, fibers: "list[Fiber[str]]", seconds: float) -> "list[Fiber[str]]":
    """One is answered in each millisecond; who was answered or refused asks again in the next tick."""
    for _ in range(round(seconds / TICK_SECONDS)):
        for _ in range(25):
            gate.end()
        fibers = [gate.ask() if fiber.done.settled else fiber for fiber in fibers]
        gate.pass_time(TICK_SECONDS)
    return fibers


def test_a_queue_that_stays_full_while_others_are_refused_becomes_shorter_but_does_not_run_empty() -> None:
    gate = Gate(most=25, queue=1000, hold_seconds=0.5)
    rush(gate, [gate.ask() for _ in range(1000)], 3)
    assert gate.limiter._may_wait < 125  # in the time that one may wait 250 are served
    assert gate.limiter.in_flight == 25
    assert gate.limiter.holding.held.count > 800


def test_a_queue_in_which_all_find_room_stays_as_it_is_and_takes_in_who_was_held() -> None:
    gate = Gate(most=25, queue=1000, hold_seconds=0.5)
    fibers = rush(gate, [gate.ask() for _ in range(1000)], 3)
    for fiber in fibers[200:]:
        if not fiber.done.settled:
            fiber.cancel()
    fibers = rush(gate, fibers[:200], 1)
    refused = gate.limiter.refused.copy()
    rush(gate, fibers, 3)
    assert gate.limiter.refused == refused
    assert gate.limiter.holding.held.count == 0


# -- requests that wait before they are read


def test_the_turn_of_who_makes_nothing_of_it_is_the_next_ones() -> None:
    gate, called = Gate(most=1, queue=5), []
    gate.ask()
    gate.limiter.place(called.append)  # a path that is not there
    behind = gate.ask()
    gate.end()
    assert (called, outcome(behind), gate.limiter.in_flight) == ([""], "", 1)


def test_what_is_read_when_its_turn_has_come_goes_on_in_its_own_place() -> None:
    gate, read = Gate(most=1, queue=5), []
    gate.ask()
    gate.limiter.place(lambda _: read.append(gate.ask()))
    behind = gate.ask()
    gate.end()
    assert ([outcome(fiber) for fiber in read], outcome(behind)) == ([""], "waits")
    assert gate.limiter.in_flight == 1


def test_what_is_read_once_it_is_refused_is_refused_and_does_not_wait_again() -> None:
    gate, read = Gate(most=1, queue=1, seconds=0.25), []
    gate.ask()
    for _ in range(2):  # the first is late, there is no room for the second
        gate.limiter.place(lambda verdict: read.append((verdict, gate.ask())))
    gate.pass_time(0.3)
    assert [(verdict, outcome(fiber)) for verdict, fiber in read] == [(FULL, FULL), (LATE, LATE)]
    assert gate.limiter.refused == {FULL: 1, LATE: 1}
    assert (gate.limiter.in_flight, gate.limiter.queue.count) == (1, 0)


def test_a_line_keeps_nothing_of_those_who_have_given_up_behind_one_who_has_not() -> None:
    gate = Gate(most=1, queue=100_000, seconds=1000)
    gate.ask()
    stays = gate.ask()
    for _ in range(1000):
        gate.ask().cancel()
    assert len(gate.limiter.queue._places) < 50
    gate.end()
    assert outcome(stays) == ""


# -- hosts


def in_line(line: WaitingLine[str], bounds: HostBounds) -> "Fiber[str]":
    return Fiber(line.wait(bounds)).start()


def test_calls_wait_for_a_connection_in_order_and_within_bounds() -> None:
    clock = Clock()
    timers = Timers(clock)
    line: WaitingLine[str] = WaitingLine(timers)
    bounds = HostBounds(1, 3, 1.0)
    first, gone, second, refused = (in_line(line, bounds) for _ in range(4))
    with pytest.raises(HostFullError, match="3 calls wait") as full:
        refused.done.result()
    assert full.value.reason == "host-queue-full"
    gone.cancel()
    assert line.give("a")
    assert line.give("b")
    assert not line.give("c")
    assert (first.done.result(), second.done.result()) == ("a", "b")
    late = in_line(line, bounds)
    clock.advance(1.1)
    timers.sweep()
    with pytest.raises(HostFullError, match="none was free in time"):
        late.done.result()
    assert (line.waiting, len(timers)) == (0, 0)


# -- files


def decoded(block: Any) -> tuple[OverloadConfig | None, list[tuple[str, str, str]]]:
    file = {
        "version": 3,
        "host": ["http://a"],
        "extra_config": {"crossgate/overload": block},
        "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/"}]}],
    }
    loaded = load_text(json.dumps(file).encode(), components=COMPONENTS)
    found = [
        (one.code, str(one.severity), one.path.rpartition('"crossgate/overload"]')[2])
        for one in loaded.diagnostics
        if "crossgate/overload" in one.path
    ]
    return loaded.config.components.get("overload") if loaded.config else None, found


def test_a_file_says_what_is_bounded() -> None:
    assert decoded({"max_in_flight": 200}) == (OverloadConfig(RequestBounds(200, 200, 1000, 0.25, 0.5), None, 1), [])
    assert decoded({"adaptive": True}) == (OverloadConfig(RequestBounds(8, 1000, 1000, 0.25, 0.5), None, 1), [])
    block = {"max_in_flight": 50, "min_in_flight": 4, "adaptive": True, "queue": 0, "queue_timeout": "1s"}
    assert decoded(block | {"retry_after": "3s"})[0] == OverloadConfig(RequestBounds(4, 50, 0, 1.0, 0.5), None, 3)
    hosts = {"max_connections": 7, "queue": 3, "queue_timeout": "2s"}
    assert decoded({"hosts": hosts}) == (OverloadConfig(None, HostBounds(7, 3, 2.0), 1), [])


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ([], [("CFG220", "error", "")]),
        ({"max_in_flight": 0}, [("CFG220", "error", ".max_in_flight")]),
        ({"max_in_flight": 5, "queue": -1}, [("CFG220", "error", ".queue")]),
        ({"max_in_flight": 5, "queue_timeout": "0s"}, [("CFG220", "error", ".queue_timeout")]),
        ({"max_in_flight": 5, "min_in_flight": 6, "adaptive": True}, [("CFG220", "error", ".min_in_flight")]),
        ({"max_in_flight": "many"}, [("CFG220", "error", ".max_in_flight")]),
        ({"hosts": {"max_connections": -1}}, [("CFG220", "error", ".hosts.max_connections")]),
        ({}, [("CFG316", "warning", "")]),
        ({"queue": 100}, [("CFG316", "warning", ".queue")]),
        ({"queue_timeout": "1s"}, [("CFG316", "warning", ".queue_timeout")]),
        ({"adaptive": False, "queue": 10}, [("CFG316", "warning", ".queue")]),
        ({"max_in_flight": 50, "min_in_flight": 5}, [("CFG316", "warning", ".min_in_flight")]),
        ({"max_in_flight": 5, "hosts": {"queue": 5}}, [("CFG316", "warning", ".hosts.queue")]),
        ({"hosts": {"queue": 5}}, [("CFG316", "warning", ".hosts.queue")]),
        ({"max_in_flight": 5, "queue": 0}, []),
        ({"max_in_flight": 5, "hosts": {"max_connections": 5}}, []),
    ],
)
def test_what_bounds_nothing_is_told_and_what_is_no_bound_is_an_error(block: Any, found: Any) -> None:
    assert decoded(block)[1] == found


def test_a_limiter_survives_a_reload_that_leaves_its_bounds_as_they_are() -> None:
    bounds = RequestBounds(1, 1, 1, 1.0, 0.5)
    timers, before = Timers(Clock()), Survivors()
    first = before.keep("overload", ("requests", bounds), lambda: Limiter(bounds, timers))
    after = Survivors(before)
    assert after.keep("overload", ("requests", bounds), lambda: Limiter(bounds, timers)) is first


def test_a_file_says_how_long_refusals_are_held() -> None:
    for written, seconds in (("2s", 2.0), ("0s", 0.0)):
        bounds = RequestBounds(5, 5, 1000, 0.25, seconds)
        assert decoded({"max_in_flight": 5, "hold_refusals": written}) == (OverloadConfig(bounds, None, 1), [])
    for bad in ("-1s", "soon", 5):
        assert [code for code, _, place in decoded({"max_in_flight": 5, "hold_refusals": bad})[1]] == ["CFG220"]
    assert decoded({"hold_refusals": "1s"})[1] == [("CFG316", "warning", ".hold_refusals")]
    assert decoded({"max_in_flight": 5, "hold_refusal": "1s"})[1]  # misspelt
