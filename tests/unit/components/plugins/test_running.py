"""How plugins are run: what holds the loop is named, threads are bounded, data comes back as the gateway keeps it."""

import asyncio
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components.component import StartError
from crossgate.components.plugins import instance
from crossgate.components.plugins.calling import Calling, Function
from crossgate.components.plugins.naming import Named
from crossgate.components.plugins.plain_data import given_back, plain
from crossgate.components.plugins.reasons import BUSY, REFUSED
from crossgate.components.plugins.threads import (
    STUCK_SECONDS,
    TOO_BUSY,
    WAITING_PER_THREAD,
    BusyError,
    StuckError,
    Threads,
)
from crossgate.components.plugins.translate import reason_of_refusal
from crossgate.components.plugins.watch import QUIET_SECONDS, Watch
from crossgate.flow.fiber import Fiber
from crossgate.flow.timers import DeadlineExceededError
from crossgate.golang.json_text import decode_json, encode_json
from crossgate.metrics.registry import Registry
from crossgate.pipeline.failure import PartFailedError
from crossgate.plugins import Refusal


class Log(logging.Handler):
    """Lines, and an event once there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.written = threading.Event()
        self.logger = logging.Logger("plugins")  # noqa: LOG001 # one of its own
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.written.set()


def test_a_function_that_does_not_come_back_is_named_with_the_line_it_is_at() -> None:
    log = Log()
    watch = Watch(log.logger, Registry(), 60.0, look_seconds=0.01)
    watch.start()
    try:
        began = watch.begin("endless")
        assert log.written.wait(60)
        watch.end(began)
    finally:
        watch.stop()
    assert log.lines[0].startswith("the plugin endless holds the event loop, and with it every request: it is at ")
    assert Path(threading.__file__).name in log.lines[0] or Path(__file__).name in log.lines[0]


def test_a_slow_function_is_counted_each_time_and_named_now_and_then() -> None:
    log, registry = Log(), Registry()
    times = iter([0.0, 0.2, 0.2, 1.0, 1.3, 1.3, 100.0, 100.2, 100.2 + QUIET_SECONDS])
    watch = Watch(log.logger, registry, 0.05, now=lambda: next(times))
    for _ in range(3):
        watch.end(watch.begin("slow"))
    assert [line[:50] for line in log.lines] == ["the plugin slow held the event loop for 200 ms: ma"] * 2
    counted = registry.count("crossgate_plugin_slow_calls_total", "", plugin="slow")
    assert counted.value == 3


async def ended(fiber: Fiber[Any]) -> Any:
    over = asyncio.get_running_loop().create_future()
    fiber.done.wait_with(lambda: over.set_result(None))
    await over
    return fiber.done.result()


class Blocks:
    """Work that says when it has begun and goes on until it may end."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    def __call__(self) -> str:
        self.begun.release()
        return "done" if self.may_end.wait(60) else "never"


def test_no_more_calls_wait_than_threads_can_be_expected_to_take() -> None:
    async def run() -> None:
        threads, work = Threads(1), Blocks()
        waiting = [Fiber(threads.run(work)).start() for _ in range(1 + WAITING_PER_THREAD)]
        with pytest.raises(BusyError):
            Fiber(threads.run(work)).start().done.result()
        work.may_end.set()
        assert {await ended(fiber) for fiber in waiting} == {"done"}
        assert await ended(Fiber(threads.run(work)).start()) == "done"
        threads.stop()

    asyncio.run(run())


def test_what_waits_for_a_thread_is_not_begun_once_nobody_wants_it() -> None:
    async def run() -> None:
        threads, work, calls = Threads(1), Blocks(), []
        first = Fiber(threads.run(work)).start()
        second = Fiber(threads.run(lambda: calls.append(2))).start()
        third = Fiber(threads.run(lambda: calls.append(3))).start()
        second.cancel()
        work.may_end.set()
        await ended(first)
        await ended(third)
        assert calls == [3]
        threads.stop()

    asyncio.run(run())


def test_a_plugin_whose_threads_do_not_come_back_fails_at_once_and_no_other_notices() -> None:
    async def run() -> None:
        log, registry, work = Log(), Registry(), Blocks()
        calling = Calling(log.logger, registry, 60.0, 2)
        function = Function("stuck", work, calling, is_blocking=True)
        late = [Fiber(function.result()).start() for _ in range(2)]
        for fiber in late:
            assert work.begun.acquire(timeout=60)
            fiber.throw(DeadlineExceededError())
        for _ in range(2):
            with pytest.raises(PartFailedError):
                Fiber(function.result()).start().done.result()
        assert [line for line in log.lines if line.endswith("none of its 2 threads comes back from earlier calls")] == [
            log.lines[-1]
        ]
        assert registry.count("crossgate_plugin_failures_total", "", plugin="stuck", reason="stuck").value == 2
        other = Function("other", lambda: "well", calling, is_blocking=True)
        assert await ended(Fiber(other.result()).start()) == "well"
        work.may_end.set()
        while True:  # until the first thread is back
            fiber = Fiber(function.result()).start()
            try:
                assert await ended(fiber) == "done"
            except PartFailedError:
                await asyncio.sleep(0)
                continue
            break
        calling.stop()

    asyncio.run(run())


def test_a_thread_whose_client_has_gone_counts_as_lost_after_a_while_only() -> None:
    async def run() -> None:
        now, work = [100.0], Blocks()
        threads = Threads(1, lambda: now[0])
        gone = Fiber(threads.run(work)).start()
        assert work.begun.acquire(timeout=60)
        gone.cancel()
        waits = Fiber(threads.run(work)).start()
        assert not waits.done.settled
        now[0] += STUCK_SECONDS + 1
        with pytest.raises(StuckError):
            Fiber(threads.run(work)).start().done.result()
        work.may_end.set()
        assert await ended(waits) == "done"
        threads.stop()

    asyncio.run(run())


def test_what_waits_for_a_thread_that_is_never_free_is_refused() -> None:
    async def run() -> None:
        log, work = Log(), Blocks()
        calling = Calling(log.logger, Registry(), 60.0, 1)
        function = Function("slow", work, calling, is_blocking=True)
        fibers = [Fiber(function.result()).start() for _ in range(1 + WAITING_PER_THREAD)]
        refused = Fiber(function.result()).start()
        with pytest.raises(Refusal, match=TOO_BUSY) as raised:
            refused.done.result()
        assert reason_of_refusal(raised.value) is BUSY
        assert reason_of_refusal(Refusal(503, TOO_BUSY)) is REFUSED  # a plugin's own
        for fiber in fibers:
            fiber.cancel()
        work.may_end.set()
        calling.stop()

    asyncio.run(run())


@pytest.mark.parametrize("error", [ValueError("secret"), SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_whatever_a_function_raises_is_an_id_for_the_client_and_a_line_in_the_log(error: BaseException) -> None:
    log = Log()

    def fails() -> None:
        raise error

    with pytest.raises(PartFailedError) as failed:
        Function("x", fails, Calling(log.logger, Registry(), 60.0, 1))()
    assert "secret" not in str(failed.value)
    assert log.lines == [f"error {failed.value.error_id}: the plugin x failed"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_data_that_is_not_touched_comes_back_as_it_was(data: dict[str, Any]) -> None:
    text = encode_json(given_back(data))
    assert encode_json(given_back(plain(decode_json(text)))) == text


def test_nobody_else_holds_what_a_plugin_gave() -> None:
    mine: dict[str, Any] = {"list": [{"a": 1}], "pair": (1, 2)}
    taken = given_back(mine)
    mine["list"][0]["a"] = 2
    assert taken == {"list": [{"a": 1}], "pair": [1, 2]}


def test_deep_and_endless_data_ends() -> None:
    deep: dict[str, Any] = {}
    for _ in range(9_000):
        deep = {"a": deep}
    assert given_back(deep)
    endless: dict[str, Any] = {}
    endless["a"] = [endless, endless]
    for wrong in (endless, {"a": {1: 2}}, {"a": object()}, [], None, {"a": float("inf")}):
        with pytest.raises((ValueError, TypeError)):
            given_back(wrong)


def test_a_plugin_that_never_begins_prevents_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless:
        async def __aenter__(self) -> None:
            await asyncio.Event().wait()

        async def __aexit__(self, *_: object) -> None:
            pass

        def gate(self, request: object) -> None:
            pass

    monkeypatch.setattr(instance, "load", lambda _named: lambda _setup: Endless())
    monkeypatch.setattr(instance, "ENTER_SECONDS", 0.01)
    named = Named("endless", "a:b", "file", "service", "", path="$", block="{}")
    with pytest.raises(StartError, match="cannot begin: TimeoutError: not within"):
        asyncio.run(instance.Instance(named, "plugin/http-server", logging.getLogger("test")).start())
