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

import msgspec
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.changes import Changes
from crossgate.components.http_cache.control import keeping_seconds, terms_of
from crossgate.components.http_cache.keys import place_asked
from crossgate.components.http_cache.shelf import MAX_VALUE_BYTES, RedisShelf
from crossgate.components.http_cache.store import Store
from crossgate.flow.fiber import Signal, run_to_end
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
    """What makes caches, each as of a gateway of its own. One connection: nobody waits for what is to be forgotten, and
    over another one could ask before that."""
    client = RedisClient(
        StoreConfig(port=port, timeout_seconds=10, pool_size=1), logging.getLogger("t"), Random(), Registry()
    )
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


class Written:
    """A Redis in which somebody has written."""

    config = StoreConfig()
    is_up = True

    def __init__(self, text: bytes = b"") -> None:
        self.text = text

    async def ask(self, command: str, _name: bytes, *words: Any) -> Any:
        if command == "SET":
            self.text = words[0]
        return self.text if command == "GET" else None


GET = (b"GET", "http", "backend", b"", b"/x", (), b"")
LINES = b"\r\nDate: x\r\nContent-Length: 2"
SOUND = (200, LINES, b"ab", ((b"origin", None),), NOW, 2, False)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 99),
        (0, 600),
        (0, -200),
        (1, b"Content-Length: 2"),
        (1, LINES + b"\r\n"),
        (1, LINES + b"\r\n\r\nHTTP/1.1 200 OK"),
        (1, LINES + b"\r\nX-A: 1\nX-B: 2"),
        (1, LINES + b"\r\nX-A: \0"),
        (1, LINES + b"\r\nX A: 1"),
        (1, LINES + b"\r\nTransfer-Encoding: chunked"),
        (1, b"\r\nContent-Length: 3"),
        (1, b"\r\nContent-Length: +2"),
        (1, b"\r\nDate: x"),
        (1, [(b"date", b"x\r\nset-cookie: a=1")]),
        (1, [(b"da te", b"x")]),
        (1, [(b"transfer-encoding", b"chunked")]),
        (1, [(b"content-length", b"3")]),
        (2, b"abc"),
        (2, b""),
        (4, float("nan")),
        (4, float("inf")),
        (5, None),
        (5, 1),
        (6, None),
    ],
)
def test_who_writes_into_redis_cannot_write_past_the_end_of_an_answer(at: int, value: Any) -> None:
    def found(parts: list[Any]) -> Any:
        return run_to_end(RedisShelf(Written(b"3" + msgspec.msgpack.encode(parts))).get(GET))  # type: ignore[arg-type]

    parts: list[Any] = list(SOUND)
    assert found(parts).body == b"ab"
    parts[at] = value
    assert found(parts) is None


@given(st.binary(max_size=40))
def test_whatever_is_in_redis_is_an_answer_or_none(text: bytes) -> None:
    for begin in (b"", b"3", b"3\x97\xcc\xc8"):
        found = run_to_end(RedisShelf(Written(begin + text)).get(GET))  # type: ignore[arg-type]
        assert found is None or found.status in range(200, 600)


def test_an_answer_comes_from_redis_as_it_was_kept_and_says_its_age() -> None:  # DEV-CACHE-5
    redis, now = Written(), [NOW]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        lines = b"".join([b"\r\n%b: %b" % field for field in [*FRESH, (b"Content-Length", b"2")]])
        return UpstreamResponse(200, None, b"ab", lines=lines, length_bytes=2, is_encoded=False)

    def cache() -> Cache:
        shelf = RedisShelf(redis)  # type: ignore[arg-type]
        return Cache(send, Store(10, 1000), lambda: now[0], shelf, is_no_op=True, keeps_errors=True)

    run_to_end(cache()(ask()))
    now[0] += 7
    other = cache()
    for _ in range(2):
        found = run_to_end(other(ask()))
        assert found.lines is not None
        assert found.lines.endswith(b"\r\nContent-Length: 2\r\nAge: %d" % int(now[0] - float(int(NOW))))
        assert (found.body, found.length_bytes, found.is_encoded) == (b"ab", 2, False)
    assert (other.counts.hits.value, other.counts.misses.value) == (2, 0)


def test_what_was_changed_is_forgotten_in_redis_by_who_changed_it_and_who_brings_nothing() -> None:  # DEV-CACHE-6
    gone: list[bytes] = []

    class Asked(Written):
        async def ask(self, command: str, name: bytes, *words: Any) -> Any:
            gone.append(name) if command == "UNLINK" else kept.append(name) if command == "SET" else None

    kept: list[bytes] = []
    shelf = RedisShelf(Asked())  # type: ignore[arg-type]
    behind = Backend()
    here, elsewhere = [
        Cache(behind, Store(10, 1000), lambda: NOW, shelf, is_no_op=True, keeps_errors=True) for _ in range(2)
    ]
    place, ann, bob = [(b"X-Forwarded-Host", b"h"), (b"Authorization", b"ann"), (b"Authorization", b"bob")]
    for fields in ([place], [place, ann], [place, bob]):
        run_to_end(elsewhere(ask(*fields)))
    change = ask(place, ann)
    change.method = b"POST"
    for key in here.keys_of(change):
        here.forget_elsewhere(key)
    assert set(kept[:2]) <= set(gone)
    assert kept[2] not in gone


def test_what_redis_has_of_before_a_change_is_not_taken_after_it() -> None:  # DEV-CACHE-6
    redis, now, behind = Written(), [NOW], Backend()

    def cache(changes: Changes) -> Cache:
        shelf = RedisShelf(redis)  # type: ignore[arg-type]
        return Cache(behind, Store(10, 1000, changes), lambda: now[0], shelf, is_no_op=True, keeps_errors=True)

    assert run_to_end(cache(Changes())(ask())).body == b"1"
    assert run_to_end(cache(Changes())(ask())).body == b"1"
    changes = Changes()
    changes.note(place_asked(ask()), NOW + 1)
    now[0] += 2
    assert run_to_end(cache(changes)(ask())).body == b"2"
    assert run_to_end(cache(changes)(ask())).body == b"2"


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
