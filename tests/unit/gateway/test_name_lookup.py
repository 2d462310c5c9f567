"""SRV look-ups in a thread."""

import asyncio
import time

import pytest

from crossgate.flow.fiber import Fiber
from crossgate.gateway import name_lookup
from crossgate.pipeline.discovery import SrvRecord

RECORD = SrvRecord(1, 1, 80, "a")


def test_answer_arrives_on_the_loop_that_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_lookup, "lookup_srv", lambda name: [SrvRecord(1, 1, 80, name)])

    async def ask() -> object:
        fiber = Fiber(name_lookup.srv_resolver(asyncio.get_running_loop())("a")).start()
        return await arrived(fiber)

    assert asyncio.run(ask()) == [RECORD]


def test_failure_arrives_as_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> list[SrvRecord]:
        raise OSError("no such name")

    monkeypatch.setattr(name_lookup, "lookup_srv", fail)

    async def ask() -> object:
        fiber = Fiber(name_lookup.srv_resolver(asyncio.get_running_loop())("a")).start()
        return await arrived(fiber)

    with pytest.raises(OSError, match="no such name"):
        asyncio.run(ask())


def test_slow_resolver_does_not_hold_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> int:
        loop = asyncio.get_running_loop()
        gate = asyncio.Event()
        monkeypatch.setattr(
            name_lookup,
            "lookup_srv",
            lambda _: asyncio.run_coroutine_threadsafe(gate.wait(), loop).result() and [RECORD],
        )
        fiber = Fiber(name_lookup.srv_resolver(loop)("a")).start()
        begun = time.monotonic()
        await asyncio.sleep(0)
        assert not fiber.done.settled
        assert time.monotonic() - begun < 1
        gate.set()
        assert await arrived(fiber) == [RECORD]
        return 1

    assert asyncio.run(ask()) == 1


async def arrived(fiber: Fiber[object]) -> object:
    """The fiber's result, awaited by the loop."""
    over = asyncio.Event()
    fiber.done.wait_with(over.set)
    async with asyncio.timeout(5):
        await over.wait()
    try:
        fiber.done.__await__().send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError
