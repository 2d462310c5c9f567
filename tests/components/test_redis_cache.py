"""A cache that gateways share by a Redis: what one has kept another gives, and to nobody whom it is not for."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from random import Random
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.control import keeping_seconds, terms_of
from crossgate.components.http_cache.shelf import MAX_VALUE_BYTES, RedisShelf
from crossgate.components.http_cache.store import Store
from crossgate.flow.fiber import Signal
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse
from crossgate.metrics.registry import Registry
from crossgate.redis.client import RedisClient
from crossgate.redis.store import StoreConfig
from tests.support.arrived import arrived
from tests.support.process import backend, gateway
from tests.support.redis_server import RedisServer, needs_redis, redis_server

NOW = time.time()
FRESH = [(b"date", formatdate(NOW, usegmt=True).encode()), (b"cache-control", b"max-age=60")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


class Backend:
    """Answers with the number of the call."""

    def __init__(self, *more: tuple[bytes, bytes], status: int = 200, body: bytes = b"") -> None:
        self.calls = 0
        self.fields: Fields = [*FRESH, *more]
        self.status = status
        self.body = body
        self.hold: Signal[None] | None = None

    async def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        self.calls += 1
        number = self.calls
        if self.hold is not None:
            await self.hold
        return UpstreamResponse(self.status, list(self.fields), self.body or b"%d" % number)


def ask(*fields: tuple[bytes, bytes], target: bytes = b"/x") -> UpstreamRequest:
    return UpstreamRequest(b"GET", "http", "backend", target, list(fields))


Caches = Callable[[], Cache]


@asynccontextmanager
async def gateways(port: int, behind: Backend) -> AsyncIterator[tuple[Caches, RedisClient]]:
    """What makes caches, each as of a gateway of its own."""
    client = RedisClient(StoreConfig(port=port, timeout_seconds=10), logging.getLogger("t"), Random(), Registry())
    await client.start()

    def make() -> Cache:
        store = Store(100, 4 * MAX_VALUE_BYTES)
        return Cache(behind, store, lambda: NOW, RedisShelf(client), is_no_op=False, keeps_errors=False)

    try:
        yield make, client
    finally:
        await client.stop()


def run(server: RedisServer | None, behind: Backend, test: Callable[[Caches], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with gateways(server.port if server else 1, behind) as (make, _):
            await test(make)

    if server:
        server.ask("FLUSHALL")
    uvloop.run(whole())


async def body(cache: Cache, *fields: tuple[bytes, bytes]) -> Any:
    return (await arrived(cache(ask(*fields)))).body


@needs_redis
def test_what_one_gateway_has_kept_another_gives(server: RedisServer) -> None:
    async def test(make: Caches) -> None:
        assert await body(make()) == b"1"
        assert await body(make()) == b"1"

    behind = Backend()
    run(server, behind, test)
    assert behind.calls == 1
    (key,) = server.ask("KEYS", "*cache*").split("\n")
    assert 0 < int(server.ask("TTL", key)) <= 60


@needs_redis
@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ([(b"vary", b"Origin")], (b"Origin", b"https://b.example")),
        ([(b"access-control-allow-origin", b"https://a.example")], (b"Origin", b"https://b.example")),
        ([], (b"Authorization", b"Bearer b")),
        ([], (b"Cookie", b"a=1")),
    ],
)
def test_nobody_gets_what_is_for_another(server: RedisServer, more: Fields, fields: tuple[bytes, bytes]) -> None:
    async def test(make: Caches) -> None:
        assert await body(make(), (b"Origin", b"https://a.example")) == b"1"
        assert await body(make(), fields) == b"2"

    run(server, Backend(*more), test)
    assert "Bearer" not in server.ask("KEYS", "*")


@needs_redis
def test_what_is_not_to_be_kept_any_more_is_forgotten_by_all(server: RedisServer) -> None:
    async def test(make: Caches) -> None:
        assert await body(make()) == b"1"
        behind.fields = [*FRESH[:1], (b"cache-control", b"no-store")]
        assert await body(make(), (b"cache-control", b"no-cache")) == b"2"
        assert await body(make()) == b"3"

    behind = Backend()
    run(server, behind, test)
    assert server.ask("KEYS", "*cache*") == ""


@needs_redis
def test_a_stampede_makes_one_call_at_each_gateway(server: RedisServer) -> None:
    async def test(make: Caches) -> None:
        cache, behind.hold = make(), Signal()
        waiting = [asyncio.create_task(body(cache)) for _ in range(50)]
        async with asyncio.timeout(20):
            while not behind.calls:
                await asyncio.sleep(0.005)
        behind.hold.succeed(None)
        assert await asyncio.gather(*waiting) == [b"1"] * 50

    behind = Backend()
    run(server, behind, test)


@needs_redis
@pytest.mark.parametrize("size", [MAX_VALUE_BYTES // 2, MAX_VALUE_BYTES + 1])
def test_large_answers_are_kept_by_workers_alone(server: RedisServer, size: int) -> None:
    async def test(make: Caches) -> None:
        cache = make()
        for _ in range(2):
            assert await body(cache) == behind.body

    behind = Backend(body=bytes(size))
    run(server, behind, test)
    assert behind.calls == 1
    assert (server.ask("KEYS", "*cache*") == "") == (size > MAX_VALUE_BYTES)


@needs_redis
@pytest.mark.parametrize("text", ["", "1", "1\u0094", "2\u0094\u00cc", "garbage"])
def test_what_is_none_of_ours_is_a_miss(server: RedisServer, text: str) -> None:
    async def test(make: Caches) -> None:
        assert await body(make()) == b"1"
        (key,) = server.ask("KEYS", "*cache*").split("\n")
        server.ask("SET", key, text)
        assert await body(make()) == b"2"
        server.ask("DEL", key)
        server.ask("LPUSH", key, text or "x")
        assert await body(make()) == b"3"

    run(server, Backend(), test)


def test_without_redis_each_keeps_for_itself() -> None:
    async def test(make: Caches) -> None:
        first, second = make(), make()
        assert [await body(cache) for cache in (first, second, first, second)] == [b"1", b"2", b"1", b"2"]

    run(None, Backend(), test)


@needs_redis
def test_gateways_share_what_the_file_says_is_shared(server: RedisServer, tmp_path: Path) -> None:
    server.ask("FLUSHALL")
    headers = {"Date": formatdate(usegmt=True), "Cache-Control": "max-age=600", "Content-Type": "application/json"}
    with backend({"/x": (200, headers, b'{"a": 1}')}) as host:
        cached = {"host": [host.url], "url_pattern": "/x"}
        shared = {**cached, "extra_config": {"qos/http-cache": {"shared": True}}}
        alone = {**cached, "extra_config": {"qos/http-cache": {}}}
        file = tmp_path / "krakend.json"
        redis = {"url": server.url, "share": ["cache"], "timeout": "10s"}
        endpoints = [{"endpoint": "/shared", "backend": [shared]}, {"endpoint": "/alone", "backend": [alone]}]
        file.write_text(json.dumps({"version": 3, "extra_config": {"crossgate/redis": redis}, "endpoints": endpoints}))
        with gateway(file) as one, gateway(file) as other:
            assert [running.ask("GET", "/shared", {"Host": "api.example"})[0] for running in (one, other)] == [200, 200]
            assert len(server.ask("KEYS", "crossgate:cache:*").split("\n")) == 1
            assert [running.ask("GET", "/alone", {})[0] for running in (one, other)] == [200, 200]
            assert len(server.ask("KEYS", "crossgate:cache:*").split("\n")) == 1


seconds = st.integers(-(10**6), 10**6)


@given(seconds, st.none() | seconds, st.none() | seconds, st.booleans())
def test_an_answer_is_kept_no_longer_than_it_is_of_use_and_a_day(
    age: int, max_age: int | None, on_error: int | None, has_validator: bool
) -> None:
    said = [f"max-age={max_age}"] * (max_age is not None) + [f"stale-if-error={on_error}"] * (on_error is not None)
    fields = [
        (b"date", formatdate(1e9 - age, usegmt=True).encode()),
        (b"cache-control", ", ".join(said).encode()),
        *([(b"etag", b'"a"')] if has_validator else []),
    ]
    found = keeping_seconds(terms_of(fields, None), has_validator, 1e9)
    use = max(max_age or 0, on_error or 0, 0) - age
    assert found == max(0, min(86_400, max(use, 600 if has_validator else 0)))
