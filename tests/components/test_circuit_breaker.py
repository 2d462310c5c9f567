"""Circuit breakers: compared with a plain model of gobreaker, and what calls that nobody waits for mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components import COMPONENTS
from crossgate.components.circuit_breaker.breaker import Breaker, State, build_breaker
from crossgate.components.circuit_breaker.config import BreakerConfig
from crossgate.config import load_text
from crossgate.flow.fiber import Fiber, Signal, run_to_end
from crossgate.http.failure import UpstreamError
from crossgate.pipeline.proxy import ProxyResponse
from tests.support.clock import Clock


class Model:
    """sony/gobreaker with MaxRequests 1, as its source reads."""

    def __init__(self, interval: int, timeout: int, max_errors: int | None, now: float) -> None:
        self.interval, self.timeout, self.max_errors = interval, timeout, max_errors
        self.state, self.generation = "closed", 0
        self.renew(now)

    def renew(self, now: float) -> None:
        self.generation += 1
        self.requests = self.consecutive = 0
        length = {"closed": self.interval, "open": self.timeout, "half-open": 0}[self.state]
        self.expiry = now + length if length else None

    def turn(self, state: str, now: float) -> None:
        self.state = state
        self.renew(now)

    def current(self, now: float) -> str:
        if self.expiry is not None and self.expiry < now:
            if self.state == "closed":
                self.renew(now)
            else:
                self.turn("half-open", now)
        return self.state

    def before(self, now: float) -> int | str:
        state = self.current(now)
        if state == "open":
            return "circuit breaker is open"
        if state == "half-open" and self.requests >= 1:
            return "too many requests"
        self.requests += 1
        return self.generation

    def after(self, generation: int, success: bool, now: float) -> None:
        state = self.current(now)
        if generation != self.generation:
            return
        if success:
            self.consecutive = 0
            if state == "half-open":
                self.turn("closed", now)
        elif state == "half-open":
            self.turn("open", now)
        else:
            self.consecutive += 1
            if self.max_errors is not None and self.consecutive > self.max_errors:
                self.turn("open", now)


steps = st.lists(
    st.sampled_from(["enter", "enter", "fails", "fails", "fails", "succeeds"]) | st.sampled_from([0.5, 1, 3, 61]),
    max_size=60,
)


@given(st.sampled_from([0, 1, 60]), st.sampled_from([1, 60]), st.sampled_from([None, 0, 1, 2]), steps)
def test_it_decides_as_gobreaker_does(interval: int, timeout: int, max_errors: int | None, taken: list[Any]) -> None:
    clock = Clock()
    breaker = Breaker(BreakerConfig(interval, timeout, max_errors, "", logs=False), clock)
    model = Model(interval, timeout, max_errors, clock())
    calls: list[tuple[int, int]] = []
    for step in taken:
        if step == "enter":
            expected = model.before(clock())
            if isinstance(expected, int):
                calls.append((breaker.enter(), expected))
            else:
                with pytest.raises(UpstreamError, match=expected):
                    breaker.enter()
        elif isinstance(step, str) and calls:
            generation, of_model = calls.pop()
            (breaker.succeeded if step == "succeeds" else breaker.failed)(generation)
            model.after(of_model, step == "succeeds", clock())
        elif not isinstance(step, str):
            clock.advance(step)
        assert str(breaker.state) == model.current(clock())


def make(clock: Clock, told: list[tuple[State, State]]) -> Breaker:
    config = BreakerConfig(0, 5, 0, "", logs=True)
    return Breaker(config, clock, lambda before, after: told.append((before, after)))


def test_changes_are_told_and_counted() -> None:
    clock, told = Clock(), list[tuple[State, State]]()
    breaker = make(clock, told)
    breaker.failed(breaker.enter())
    with pytest.raises(UpstreamError) as refused:
        breaker.enter()
    assert refused.value.status == 503
    clock.advance(6)
    breaker.succeeded(breaker.enter())
    assert told == [
        (State.CLOSED, State.OPEN),
        (State.OPEN, State.HALF_OPEN),
        (State.HALF_OPEN, State.CLOSED),
    ]
    assert (breaker.opened, breaker.refused) == (1, 1)


def test_calls_that_are_given_up_do_not_open_the_circuit() -> None:  # DEV-BREAK-1
    breaker = make(Clock(), [])

    async def wait(_call: Any) -> ProxyResponse:
        await Signal[None]()
        raise AssertionError

    proxy = build_breaker(wait, breaker)
    for _ in range(5):
        call: Any = None
        Fiber(proxy(call)).start().cancel()
    assert breaker.state is State.CLOSED


def test_a_trial_that_is_given_up_leaves_the_circuit_open_and_the_next_one_possible() -> None:  # DEV-BREAK-1
    clock = Clock()
    breaker = make(clock, [])
    breaker.failed(breaker.enter())
    clock.advance(6)
    breaker.abandoned(breaker.enter())
    assert str(breaker.state) == "open"
    clock.advance(6)

    async def succeed(_call: Any) -> ProxyResponse:
        return ProxyResponse({}, is_complete=True)

    call: Any = None
    run_to_end(build_breaker(succeed, breaker)(call))
    assert str(breaker.state) == "closed"


def decoded(block: Any, version: int = 3) -> tuple[BreakerConfig | None, list[str]]:
    name = "qos/circuit-breaker" if version == 3 else "github.com/devopsfaith/krakend-circuitbreaker/gobreaker"
    backend = {"host": ["http://a.example"], "url_pattern": "/a", "extra_config": {name: block}}
    text = json.dumps({"version": version, "endpoints": [{"endpoint": "/a", "backend": [backend]}]}).encode()
    found = load_text(text, environ={}, components=COMPONENTS)
    assert found.config is not None
    codes = [each.code for each in found.diagnostics]
    return found.config.endpoints[0].backends[0].components.get("circuit_breaker"), codes


@pytest.mark.parametrize(
    ("block", "expected", "codes"),
    [
        ({}, None, ["CFG314"]),
        ({"interval": 0, "timeout": 0, "max_errors": 0}, None, ["CFG314"]),
        ([1], None, ["CFG217"]),
        ({"max_errors": 1.9}, BreakerConfig(0, 60, 1, "", False), []),
        ({"max_errors": -1}, BreakerConfig(0, 60, None, "", False), ["CFG314"]),
        ({"name": "x"}, BreakerConfig(0, 60, 0, "x", False), ["CFG314"]),
        ({"interval": -3, "timeout": "5s", "max_errors": 2}, BreakerConfig(0, 60, 2, "", False), ["CFG217"]),
        ({"log_status_change": True}, BreakerConfig(0, 60, 0, "", True), ["CFG314"]),
        ({"maxErrors": 3}, None, ["CFG314", "CFG206"]),
    ],
)
def test_a_breaker_is_what_krakend_makes_of_the_file(block: Any, expected: Any, codes: list[str]) -> None:
    assert decoded(block) == (expected, codes)


def test_old_files_have_their_own_names() -> None:
    block = {"interval": 60, "timeout": 10, "maxErrors": 1, "logStatusChange": True}
    assert decoded(block, version=2) == (BreakerConfig(60, 10, 1, "", True), [])
