"""Requests that wait for their turn before they are read, in the queue or held: whatever their clients do meanwhile."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.overload import holding
from crossgate.config.load import load_text
from crossgate.config.model import ServiceConfig
from crossgate.gateway.generation import plan_of
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway
from crossgate.server.unread import MOST_BYTES
from tests.support.clock import Clock
from tests.support.dataplane import Peer, backend, connected, get, live, until

QUEUED = {"max_in_flight": 1, "queue_timeout": "60s"}
OPTIONS = ServeOptions(port=0, components=COMPONENTS)
HELD = {"max_in_flight": 1, "queue": 0, "hold_refusals": "60s"}


class Slow:
    """A backend that answers with the path when it is told to. `paths` are who came."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.paths: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1]
            self.paths.append(path)
            await self.go.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path))


class Scene(NamedTuple):
    """A gateway whose only request under way is `first`'s."""

    gateway: RunningGateway
    slow: Slow
    clock: Clock
    first: Peer
    authority: str

    @property
    def waiting(self) -> list[Any]:
        """Of the connections whose request is not read yet: that."""
        unread = [connection._unread for connection in self.gateway._server._connections]
        return [one for one in unread if one is not None]

    async def wait(self, peer: Peer, data: bytes, count: int = 1) -> None:
        """Send what is to wait, until so many do."""
        peer.send(data)
        await until(lambda: len(self.waiting) == count)


def configuration(authority: str, overload: dict[str, object] | None, **server: object) -> ServiceConfig:
    def endpoint(path: str, method: str) -> dict[str, object]:
        one = {"url_pattern": path, "encoding": "no-op", "method": method, "host": [f"http://{authority}"]}
        return {"endpoint": path, "method": method, "output_encoding": "no-op", "backend": [one], "timeout": "90s"}

    text = {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "extra_config": {
            "router": {"disable_access_log": True},
            "crossgate/server": {"half_close": "answer", **server},
            **({} if overload is None else {"crossgate/overload": overload}),
        },
        "endpoints": [endpoint(f"/{name}", method) for name in "abc" for method in ("GET", "POST")],
    }
    loaded = load_text(json.dumps(text).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    return loaded.config


@contextlib.asynccontextmanager
async def scene(overload: dict[str, object], **server: object) -> AsyncIterator[Scene]:
    slow, clock = Slow(), Clock()
    clock.advance(1000)
    logger = logging.getLogger("crossgate.test.waiting")
    async with backend(slow) as authority:
        config = configuration(authority, overload, **server)
        gateway = await start_gateway(config, OPTIONS, environ={}, logger=logger, clock=clock)
        try:
            async with connected(gateway.port) as first:
                first.send(get(b"/a"))
                await until(lambda: len(slow.paths) == 1)
                yield Scene(gateway, slow, clock, first, authority)
        finally:
            await gateway.close()


@pytest.fixture(autouse=True)
def _no_refusal_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "AT_ONCE", 0)


def in_either_way(test: Callable[..., Coroutine[Any, Any, None]]) -> Any:
    """In the queue, and held."""
    return pytest.mark.parametrize("overload", [QUEUED, HELD], ids=["queued", "held"])(live(test))


@in_either_way
async def test_it_is_answered_when_its_turn_has_come_and_its_wait_counts(overload: dict[str, object]) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        told: list[float] = []
        on.gateway.application._records += (lambda *told_of: told.append(told_of[-1]),)
        await on.wait(peer, get(b"/b"))
        on.clock.advance(5)
        on.slow.go.set()
        assert (await on.first.answer()).status == 200
        assert (await turn_of(on, peer)).body == b"/b"
        await until(lambda: len(told) == 2)
        assert min(told) >= 5


async def turn_of(on: Scene, peer: Peer) -> Any:
    """The answer, while ticks pass."""
    task = asyncio.ensure_future(peer.answer())
    while not task.done():
        on.clock.advance(0.025)
        await asyncio.sleep(0.005)
    return task.result()


@in_either_way
async def test_what_its_client_sends_meanwhile_follows_it_and_does_not_cost_it_its_place(
    overload: dict[str, object],
) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer, connected(on.gateway.port) as behind:
        await on.wait(peer, get(b"/b"))
        await on.wait(behind, get(b"/c"), 2)
        more = get(b"/a") + get(b"/c")
        peer.send(more[:-9])
        await until(lambda: len(on.waiting[0].data + on.waiting[1].data) == 2 * len(get(b"/b")) + len(more) - 9)
        peer.send(more[-9:])
        on.slow.go.set()
        assert [(await turn_of(on, peer)).body for _ in range(3)] == [b"/b", b"/a", b"/c"]
        assert (await turn_of(on, behind)).body == b"/c"
        assert on.slow.paths[:2] == [b"/a", b"/b"]


@in_either_way
async def test_of_a_client_that_floods_no_more_is_taken_than_a_bound_until_its_turn(
    overload: dict[str, object],
) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b"))
        count = 40_000
        peer.send(get(b"/c") * count)
        connection = next(one for one in on.gateway._server._connections if one._unread is not None)
        await until(lambda: connection._reading_paused)
        assert MOST_BYTES < len(on.waiting[0].data) < 1 << 20
        on.slow.go.set()
        for _ in range(100):
            assert (await turn_of(on, peer)).status == 200


@in_either_way
async def test_who_half_closes_while_it_waits_is_answered_where_the_file_says_so(overload: dict[str, object]) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b"))
        peer.writer.write_eof()
        await until(lambda: any(one._half_closed for one in on.gateway._server._connections))
        on.slow.go.set()
        answer = await turn_of(on, peer)
        assert (answer.body, answer.one(b"connection")) == (b"/b", b"close")
        assert await peer.ended()
        await until(lambda: on.gateway._server.connection_count == 1)


@in_either_way
async def test_who_half_closes_behind_half_a_request_has_the_whole_one_answered(overload: dict[str, object]) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b"))
        peer.send(get(b"/c")[:-2])
        peer.writer.write_eof()
        await until(lambda: any(one._half_closed for one in on.gateway._server._connections))
        on.slow.go.set()
        assert (await turn_of(on, peer)).body == b"/b"
        assert await peer.ended()
        assert b"/c" not in on.slow.paths


@in_either_way
async def test_who_half_closes_is_gone_where_the_file_says_nothing_else(overload: dict[str, object]) -> None:
    async with scene(overload, half_close="cancel") as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b"))
        peer.writer.write_eof()
        assert await peer.rest() == b""
        on.slow.go.set()
        assert (await on.first.answer()).status == 200
        assert (await turn_of(on, on.first.send(get(b"/c")))).body == b"/c"
        assert on.slow.paths == [b"/a", b"/c"]


@in_either_way
async def test_when_its_time_is_over_it_is_refused_and_may_ask_again(overload: dict[str, object]) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer, connected(on.gateway.port) as half:
        await on.wait(peer, get(b"/b"))
        await on.wait(half, get(b"/c"), 2)
        half.writer.write_eof()
        await until(lambda: any(one._half_closed for one in on.gateway._server._connections))
        on.clock.advance(61)
        refused = await turn_of(on, peer)
        assert (refused.status, refused.one(b"retry-after"), refused.one(b"connection")) == (503, b"1", None)
        last = await turn_of(on, half)
        assert (last.status, last.one(b"connection")) == (503, b"close")
        assert await half.ended()
        await on.wait(peer, get(b"/b"))
        on.slow.go.set()
        assert (await turn_of(on, peer)).body == b"/b"
        assert on.slow.paths == [b"/a", b"/b"]


@in_either_way
async def test_what_came_with_others_is_refused_for_itself_alone(overload: dict[str, object]) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b") + get(b"/nowhere"))
        on.clock.advance(61)
        assert [(await turn_of(on, peer)).status for _ in range(2)] == [503, 404]


@in_either_way
async def test_old_clients_and_bodies_wait_as_any(overload: dict[str, object]) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as old, connected(on.gateway.port) as posting:
        await on.wait(old, get(b"/b", version=b"1.0"))
        posting.send(get(b"/c", b"Content-Length: 3", b"Expect: 100-continue", method=b"POST"))
        await until(lambda: len(on.gateway._server.under_way()) == 2)
        on.slow.go.set()
        answer = await turn_of(on, old)
        assert (answer.body, answer.one(b"connection")) == (b"/b", b"close")
        assert (await turn_of(on, posting)).status == 100
        assert (await turn_of(on, posting.send(b"abc"))).body == b"/c"


@in_either_way
async def test_a_gateway_that_drains_answers_all_who_wait(overload: dict[str, object]) -> None:
    async with scene(overload) as on, contextlib.AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(connected(on.gateway.port)) for _ in range(150)]
        for peer in crowd:
            peer.send(get(b"/b"))
        await until(lambda: len(on.waiting) == len(crowd))
        draining = asyncio.ensure_future(on.gateway._server.drain(0))
        await until(lambda: on.gateway._server._context.draining)
        on.slow.go.set()
        for peer in (on.first, *crowd):
            answer = await turn_of(on, peer)
            assert (answer.status, answer.one(b"connection")) == (200, b"close")
        assert await draining


@pytest.mark.parametrize("changed", [None, {"max_in_flight": 2}, {"max_in_flight": 1, "hold_refusals": "1s"}])
@in_either_way
async def test_whoever_waits_while_the_bounds_change_is_answered(
    overload: dict[str, object], changed: dict[str, object] | None
) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b"))
        config = configuration(on.authority, changed)
        on.gateway.adopt(await on.gateway.prepare(config, plan_of(config, OPTIONS, {})))
        on.slow.go.set()
        assert (await on.first.answer()).status == 200
        assert (await turn_of(on, peer)).body == b"/b"
        await until(lambda: on.gateway.former_count == 0)


@in_either_way
async def test_whoever_waits_when_no_bounds_are_left_is_not_refused_for_those_that_were(
    overload: dict[str, object],
) -> None:
    async with scene(overload) as on, connected(on.gateway.port) as peer:
        await on.wait(peer, get(b"/b"))
        config = configuration(on.authority, None)
        on.gateway.adopt(await on.gateway.prepare(config, plan_of(config, OPTIONS, {})))
        on.clock.advance(61)
        on.slow.go.set()
        assert (await turn_of(on, peer)).body == b"/b"
