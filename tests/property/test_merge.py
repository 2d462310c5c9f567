"""Laws of merging: whatever backends do, there is one answer, in time, and nothing is left behind."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config.model import EndpointConfig
from crossgate.flow.body import Body
from crossgate.flow.fiber import Signal
from crossgate.http.failure import FailureKind, failed_call
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from tests.support.pipeline import JSON_FIELDS, Backend, Gateway, backend, body, endpoint, request, result, service

TIMEOUT_SECONDS = 1.0
SWEEP_SECONDS = 0.025


@dataclass(frozen=True)
class Behaviour:
    """What one call does: how long until its head, how it ends, how long its body then takes."""

    head_seconds: float | None  # None: never
    outcome: str
    body_seconds: float | None = 0.0


seconds = st.one_of(st.none(), st.sampled_from([0.0, 0.0, 0.3, 0.74, 0.76, 0.84, 0.86, 0.99, 1.5]))
behaviours = st.builds(
    Behaviour,
    seconds,
    st.sampled_from(["data", "data", "empty", "refused", "status", "garbage", "null", "raises"]),
    seconds,
)


class Scripted(Backend):
    """Backends that behave as told, in the order of the calls. Counts what is open."""

    def __init__(self, script: list[Behaviour]) -> None:
        super().__init__(self._reply_to)
        self._script = script
        self._calls = 0
        self.gateway: Gateway
        self.open_bodies = 0

    def _reply_to(self, _: UpstreamRequest) -> Any:
        number = self._calls
        self._calls += 1
        behaviour = self._script[number % len(self._script)]
        if behaviour.head_seconds == 0.0:
            return self._head(behaviour, number)
        arrival: Signal[UpstreamResponse] = Signal()
        if behaviour.head_seconds is not None:

            def arrive() -> None:
                if arrival._waiter is not None:  # the call still waits
                    head = self._head(behaviour, number)
                    arrival.fail(head) if isinstance(head, Exception) else arrival.succeed(head)

            self.gateway.timers.after(behaviour.head_seconds, arrive)
        return arrival

    def _head(self, behaviour: Behaviour, number: int) -> Any:
        if behaviour.outcome == "refused":
            return failed_call(FailureKind.CONNECT, b"GET", "http://h/", "connection refused")
        if behaviour.outcome == "raises":
            return RuntimeError("a fault of ours")
        texts = {"data": b'{"k%d":1}' % number, "empty": b"", "garbage": b"{", "null": b"null", "status": b"{}"}
        stream = self._stream(texts[behaviour.outcome], behaviour.body_seconds)
        return UpstreamResponse(500 if behaviour.outcome == "status" else 200, list(JSON_FIELDS), stream)

    def _stream(self, text: bytes, body_seconds: float | None) -> Body:
        self.open_bodies += 1
        stream = Body(on_abandon=self._close_body)

        def deliver() -> None:
            if not stream.ended:
                self._close_body()
                stream.feed(text)
                stream.end()

        if body_seconds == 0.0:
            deliver()
        elif body_seconds is not None:
            self.gateway.timers.after(body_seconds, deliver)
        return stream

    def _close_body(self) -> None:
        self.open_bodies -= 1


def run(config: EndpointConfig, script: list[Behaviour]) -> tuple[Gateway, Scripted, float]:
    """Answer one request and say how long it took."""
    scripted = Scripted(script)
    gateway = scripted.gateway = Gateway(service(config), scripted)
    fiber = gateway.start(request())
    while not fiber.done.settled:
        assert gateway.clock.seconds <= TIMEOUT_SECONDS + 2 * SWEEP_SECONDS, "no answer in time"
        gateway.clock.advance(SWEEP_SECONDS)
        gateway.timers.sweep()
    answered_seconds = gateway.clock.seconds
    response = result(fiber)
    assert response.status in (200, 500)
    if response.status == 200:
        assert isinstance(json.loads(body(response)), dict | None)  # a JSON null alone stays one, as in Go
    gateway.clock.advance(10.0)
    gateway.timers.sweep()
    gateway.clock.advance(10.0)
    gateway.timers.sweep()
    return gateway, scripted, answered_seconds


def several(count: int, **keys: Any) -> EndpointConfig:
    parts = [backend(f"/{index}", index, group=f"g{index}" if index % 2 else "") for index in range(count)]
    return endpoint("/e", *parts, timeout_seconds=TIMEOUT_SECONDS, **keys)


def check(make: Callable[[int], EndpointConfig], script: list[Behaviour]) -> tuple[Gateway, Scripted, float]:
    gateway, scripted, answered_seconds = run(make(len(script)), script)
    assert scripted.open_bodies == 0, "a body nobody reads was kept"
    assert len(gateway.timers) == 0, "a timer was left behind"
    return gateway, scripted, answered_seconds


@settings(max_examples=400, deadline=None)
@given(st.lists(behaviours, min_size=2, max_size=6))
def test_parallel_merge_always_answers_within_its_share_and_leaves_nothing(script: list[Behaviour]) -> None:
    _, scripted, answered_seconds = check(several, script)
    assert len(scripted.calls) == len(script)
    assert answered_seconds <= 0.85 * TIMEOUT_SECONDS + 2 * SWEEP_SECONDS


@settings(max_examples=400, deadline=None)
@given(st.lists(behaviours, min_size=2, max_size=5))
def test_sequence_always_answers_within_its_share_and_leaves_nothing(script: list[Behaviour]) -> None:
    _, scripted, answered_seconds = check(lambda count: several(count, sequential=True), script)
    assert 1 <= len(scripted.calls) <= len(script)
    assert answered_seconds <= 0.85 * TIMEOUT_SECONDS + 3 * SWEEP_SECONDS


@settings(max_examples=400, deadline=None)
@given(st.lists(behaviours, min_size=2, max_size=3), st.integers(2, 4))
def test_concurrent_calls_in_a_merge_leave_nothing(script: list[Behaviour], calls: int) -> None:
    _, scripted, answered_seconds = check(lambda count: several(count, concurrent_calls=calls), script)
    assert len(scripted.calls) == len(script) * calls
    assert answered_seconds <= 0.75 * TIMEOUT_SECONDS + 2 * SWEEP_SECONDS


@settings(max_examples=300, deadline=None)
@given(behaviours)
def test_single_backend_always_answers_in_time(behaviour: Behaviour) -> None:
    check(several, [behaviour])


@settings(max_examples=300, deadline=None)
@given(st.lists(behaviours, min_size=2, max_size=4), st.sampled_from([0.0, 0.2, 0.5, 0.8]), st.booleans())
def test_client_that_leaves_leaves_nothing_behind(
    script: list[Behaviour], leaves_seconds: float, ordered: bool
) -> None:
    scripted = Scripted(script)
    gateway = scripted.gateway = Gateway(
        service(several(len(script), sequential=ordered, concurrent_calls=2)), scripted
    )
    fiber = gateway.start(request())
    while gateway.clock.seconds < leaves_seconds:
        gateway.clock.advance(SWEEP_SECONDS)
        gateway.timers.sweep()
    fiber.cancel()
    assert fiber.done.settled
    assert scripted.open_bodies == 0
    for _ in range(2):
        gateway.clock.advance(10.0)
        gateway.timers.sweep()
    assert len(gateway.timers) == 0


@settings(max_examples=300, deadline=None)
@given(st.permutations(list(range(4))), st.lists(st.booleans(), min_size=4, max_size=4))
def test_merged_data_are_those_of_the_last_to_arrive(order: list[int], failing: list[bool]) -> None:
    arrivals: dict[int, Signal[UpstreamResponse]] = {index: Signal() for index in range(4)}
    parts = [backend(f"/{index}", index) for index in range(4)]
    gateway = Gateway(service(endpoint("/e", *parts)), Backend(lambda call: arrivals[int(call.target.decode()[1:])]))
    fiber = gateway.start(request())
    expected: dict[str, int] = {}
    for index in order:
        if failing[index]:
            arrivals[index].fail(failed_call(FailureKind.CLOSED, b"GET", "u", "EOF"))
        else:
            expected |= {"last": index, f"k{index}": index}
            text = b'{"last":%d,"k%d":%d}' % (index, index, index)
            arrivals[index].succeed(UpstreamResponse(200, list(JSON_FIELDS), text))
    response = result(fiber)
    if all(failing):
        assert response.status == 500
    else:
        assert json.loads(body(response)) == expected
        done = b"false" if any(failing) else b"true"
        assert (b"x-krakend-completed", done) in response.fields
