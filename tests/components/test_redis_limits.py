"""Limits over a Redis: what its script lets through, what a file may say, and what holds while it is away."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.model import ServiceConfig
from crossgate.flow.timers import Timers
from crossgate.gateway.generation import ServeOptions, plan_of
from crossgate.gateway.running import start_gateway
from crossgate.limits.bucket import Bucket, bucket_of
from crossgate.limits.redis_buckets import TAKE, RedisBuckets, bucket_words
from crossgate.metrics.registry import Registry
from crossgate.redis.client import RedisClient, Script
from crossgate.redis.failure import RedisLateError, RedisRefusalError
from crossgate.redis.store import StoreConfig
from tests.support.arrived import arrived
from tests.support.limited_gateways import asked, tree
from tests.support.recorded import ask
from tests.support.redis_server import RedisServer, needs_redis, redis_server

pytestmark = needs_redis
EPOCH = 1_767_225_600
NEVER = {"max_rate": 1, "every": "24h"}
EACH = {"client_max_rate": 1, "client_capacity": 1, "strategy": "header", "key": "X"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(autouse=True)
def empty(server: RedisServer) -> None:
    server.ask("FLUSHALL")


@asynccontextmanager
async def connected(server: RedisServer) -> AsyncIterator[RedisClient]:
    client = RedisClient(
        StoreConfig(port=server.port, timeout_seconds=10), logging.getLogger("t"), Random(), Registry()
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


# ---- the script, with a clock of the test's own

AT = Script(
    TAKE.text.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}").replace(
        "math.ceil((full - now) / 1000)",
        "1e9",  # Redis ends keys by its own clock
    )
)
buckets = st.builds(bucket_of, st.sampled_from([0.01, 0.4, 1, 3, 7.5, 1000, 33_333, 1e6]), st.integers(1, 5))
pauses = st.lists(st.sampled_from([0, 0, 1, 1000, 333_334, 1_000_000, 4_000_000, 10**9]), max_size=40)


class Exact:
    """A bucket that fills steadily, in whole numbers."""

    def __init__(self, bucket: Bucket) -> None:
        self.interval = Fraction(bucket.interval_ns, 1000)
        self.capacity = bucket.capacity
        self.tokens = Fraction(bucket.capacity)
        self.now = 0

    def wait(self, now: int) -> Fraction:
        """Take a token and give 0, or the microseconds until there is one."""
        self.tokens = min(Fraction(self.capacity), self.tokens + (now - self.now) / self.interval)
        self.now = now
        if self.tokens >= 1:
            self.tokens -= 1
            return Fraction(0)
        return (1 - self.tokens) * self.interval


@given(buckets, pauses)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_script_is_a_bucket_that_fills_steadily(server: RedisServer, bucket: Bucket, steps: list[int]) -> None:
    async def test() -> None:
        async with connected(server) as client:
            await client_asks(client)

    async def client_asks(client: RedisClient) -> None:
        await arrived(client.ask("DEL", "one"))
        exact, now, passed = Exact(bucket), 10**12, list[int]()
        exact.now = now
        for step in [0, *steps]:
            now += step
            clock = (EPOCH + now // 1_000_000, now % 1_000_000)
            (left,) = await arrived(client.run(AT, ("one",), (*bucket_words(bucket), *clock)))
            wait = exact.wait(now)
            if 0 < wait < 1:  # a microsecond is too short to tell
                return
            assert (left >= 0) == (wait == 0)
            if left >= 0:
                assert left == int(exact.tokens + Fraction(1, 1000))
                passed.append(now)
            else:
                assert abs(-left - wait) <= 1
        for first, begin in enumerate(passed):
            for last, end in enumerate(passed[first:], first):
                most = bucket.capacity + (end - begin) / exact.interval
                assert last - first + 1 <= most + Fraction(1, 100)

    uvloop.run(test())


def test_a_clock_that_is_set_back_makes_nobody_wait_for_longer_than_an_empty_bucket(server: RedisServer) -> None:
    async def test() -> None:
        bucket = bucket_of(1, 2)
        async with connected(server) as client:
            for second, expected in ((10**6, 1), (10**6, 0), (10**6, -1_000_000), (5, -1_000_000), (6, 0)):
                found = await arrived(client.run(AT, ("one",), (*bucket_words(bucket), EPOCH + second, 0)))
                assert found == [expected]

    uvloop.run(test())


def test_who_has_no_token_costs_the_others_none_and_keys_go_by_themselves(server: RedisServer) -> None:
    async def test() -> list[Sequence[int]]:
        one, of_all = bucket_of(0.001, 1), bucket_of(0.001, 2)
        async with connected(server) as client:
            kept = RedisBuckets(client, "GET /a")
            words = bucket_words(one) + bucket_words(of_all)
            return [
                await arrived(kept.take((kept.key_of(name), kept.key_of_all()), words))
                for name in (b"a", b"a", b"b", b"c")
            ]

    first, second, third, fourth = uvloop.run(test())
    assert first == [0, 1]
    assert len(second) == 1
    assert second[0] < 0
    assert third == [0, 0]
    assert fourth[0] == 0
    assert fourth[1] < 0
    keys = server.ask("KEYS", "crossgate:limit:*").split("\n")
    assert len(keys) == 4
    assert all(0 < int(server.ask("PTTL", key)) <= 2_000_001 for key in keys)


def test_names_of_clients_may_have_any_bytes_and_redis_never_sees_them(server: RedisServer) -> None:
    names = [b"", b"\x00", b"a\r\nb", b"x" * 100_000, "ä".encode(), b"\xff{}*", b"Bearer secret"]

    async def test() -> None:
        async with connected(server) as client:
            kept, words = RedisBuckets(client, "GET /a"), bucket_words(bucket_of(0.001, 1))
            for expected in (True, False):
                for name in names:
                    found = await arrived(kept.take((kept.key_of(name),), words))
                    assert (found[0] >= 0) == expected

    uvloop.run(test())
    text = server.ask("KEYS", "*")
    assert len(text.split("\n")) == len(names) + 1
    assert "secret" not in text


@pytest.mark.parametrize(("rate", "capacity"), [(1e-9, 1), (1e-9, 1 << 62), (1e9, 1 << 62), (1e9, 1)])
def test_extreme_limits_are_kept(server: RedisServer, rate: float, capacity: int) -> None:
    async def test() -> None:
        async with connected(server) as client:
            kept = RedisBuckets(client, "GET /a")
            found = await arrived(kept.take((kept.key_of_all(),), bucket_words(bucket_of(rate, capacity))))
            assert found[0] >= 0

    uvloop.run(test())


# ---- gateways


def own(server: RedisServer, **keys: Any) -> dict[str, Any]:
    return {"crossgate/redis": {"url": server.url, "timeout": "10s", **keys}}


def pools(server: RedisServer) -> dict[str, Any]:
    one = {"name": "one", "address": f"127.0.0.1:{server.port}"}
    return {"redis": {"connection_pools": [one]}, **own(server, share=[])}


def test_limits_of_krakends_own_are_shared_by_all_gateways(server: RedisServer) -> None:
    file = tree({"qos/ratelimit/router": {**NEVER, "capacity": 4}}, own(server))
    assert asked(file, *[{}] * 9, gateways=3) == [502] * 4 + [503] * 5


def test_limits_of_backends_are_shared_too(server: RedisServer) -> None:
    file = tree({}, own(server), {"qos/ratelimit/proxy": {**NEVER, "capacity": 2}})
    assert asked(file, *[{}] * 5, gateways=2) == [502] * 2 + [503] * 3


def test_what_is_not_to_be_shared_is_not(server: RedisServer) -> None:
    file = tree({"qos/ratelimit/router": {**NEVER, "capacity": 1}}, own(server, share=["revocations"]))
    assert asked(file, *[{}] * 4, gateways=2) == [502] * 2 + [503] * 2


def test_each_client_has_a_bucket_of_its_own(server: RedisServer) -> None:
    limit = {"client_max_rate": 1, "client_capacity": 1, "every": "24h", "strategy": "header", "key": "X-Id"}
    file = tree({"qos/ratelimit/router": limit}, own(server))
    a, b = {"X-Id": "a"}, {"X-Id": "b"}
    assert asked(file, a, a, b, b, {}, gateways=2) == [502, 429, 502, 429, 429]


@pytest.mark.parametrize("name", ["connection_name", "connection_pool"])
def test_enterprises_limit_of_an_endpoint_names_its_redis(server: RedisServer, name: str) -> None:
    file = tree({"qos/ratelimit/router/redis": {**NEVER, "capacity": 2, name: "one"}}, pools(server))
    assert asked(file, *[{}] * 4, gateways=2) == [502, 502, 503, 503]


def test_limits_of_the_service_hold_for_everything_but_health(server: RedisServer) -> None:
    limit = {**NEVER, "capacity": 2}
    file = tree({}, {"qos/ratelimit/service/redis": {**limit, "connection_name": "one"}, **pools(server)})
    assert asked(file, *[{}] * 4, gateways=2) == [502, 502, 503, 503]
    assert asked(tree({}, {"qos/ratelimit/service": limit}), *[{}] * 4) == [502, 502, 503, 503]


def test_tiers_have_limits_of_their_own_and_the_first_that_fits_counts(server: RedisServer) -> None:
    def limit(capacity: int) -> dict[str, Any]:
        return {**NEVER, "capacity": capacity}

    tiers = [
        {"tier_value": "gold", "ratelimit_redis": {**limit(2), "connection_name": "one"}},
        {"tier_value": "gold", "ratelimit": limit(9)},
        {"tier_value": "silver", "ratelimit": limit(1)},
        {"tier_value": "free as air", "ratelimit": {"max_rate": 0}},
        {
            "tier_value_as": "*",
            "ratelimit": {**limit(0), "max_rate": 0, "client_max_rate": 1, "client_capacity": 1, "strategy": "ip"},
        },
    ]
    file = tree({"qos/ratelimit/tiered": {"tier_key": "X-Tier", "tiers": tiers}}, pools(server))
    gold, silver, free, other = ({"X-Tier": tier} for tier in ("gold", "silver", "free as air", "GOLD"))
    requests = [gold, gold, gold, silver, silver, free, free, other, {}]
    assert asked(file, *requests) == [502, 502, 503, 502, 503, 502, 502, 502, 429]


def test_a_tier_whose_value_is_a_star_shares_nothing_with_that_of_all_others() -> None:
    tiers = [{"tier_value": "*", "ratelimit": NEVER}, {"tier_value_as": "*", "ratelimit": NEVER}]
    file = tree({"qos/ratelimit/tiered": {"tier_key": "X-Tier", "tiers": tiers}}, {})
    star, other = {"X-Tier": "*"}, {"X-Tier": "gold"}
    assert asked(file, star, star, other, other) == [502, 503, 502, 503]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [({}, [502, 502, 503]), ({"on_failure": "allow"}, [502] * 3), ({"on_failure": "refuse"}, [503] * 3)],
)
def test_without_redis_a_limit_does_what_it_was_told(keys: dict[str, str], expected: list[int]) -> None:
    service = {"crossgate/redis": {"address": "127.0.0.1:1", **keys}}
    assert asked(tree({"qos/ratelimit/router": {**NEVER, "capacity": 2}}, service), *[{}] * 3) == expected


@pytest.mark.parametrize(  # DEV-RATE-4
    ("keys", "expected"),
    [({}, [502, 502, 503]), ({"on_failure_allow": True}, [502] * 3), ({"on_failure_allow": False}, [503] * 3)],
)
def test_without_redis_enterprises_limit_does_what_it_was_told(keys: dict[str, bool], expected: list[int]) -> None:
    service = {"redis": {"connection_pools": [{"name": "one", "address": "127.0.0.1:1"}]}}
    limit = {**NEVER, "capacity": 2, "connection_name": "one", **keys}
    assert asked(tree({"qos/ratelimit/router/redis": limit}, service), *[{}] * 3) == expected


def keyed(rate: float, service: dict[str, Any]) -> dict[str, Any]:
    keys = {"keys": [{"key": "one", "roles": ["a"]}, {"key": "two", "roles": ["a"]}]}
    return tree({"auth/api-keys": {"client_max_rate": rate}}, {"auth/api-keys": keys, **service})


ONE_KEY, OTHER_KEY, NO_KEY = {"Authorization": "one"}, {"Authorization": "Bearer two"}, {"Authorization": "three"}


@pytest.mark.parametrize("shared", [False, True])
def test_each_api_key_has_a_limit_of_its_own(server: RedisServer, shared: bool) -> None:
    file = keyed(0.00001, own(server) if shared else {})
    expected = [502, 429, 502, 429, 401]
    assert asked(file, ONE_KEY, ONE_KEY, OTHER_KEY, OTHER_KEY, NO_KEY, gateways=2 if shared else 1) == expected
    assert asked(keyed(0, {}), *[ONE_KEY] * 3) == [502] * 3


@pytest.mark.parametrize(
    ("keys", "expected"),
    [({}, [502, 429]), ({"on_failure": "allow"}, [502] * 2), ({"on_failure": "refuse"}, [429] * 2)],
)
def test_without_redis_the_limit_of_a_key_does_what_it_was_told(keys: dict[str, str], expected: list[int]) -> None:
    file = keyed(0.00001, {"crossgate/redis": {"address": "127.0.0.1:1", **keys}})
    assert asked(file, ONE_KEY, ONE_KEY) == expected


def test_who_has_less_time_than_redis_does_not_wait_for_it(server: RedisServer) -> None:
    """Redis sleeps for longer than the test has patience."""

    async def test() -> None:
        async with connected(server) as client:
            timers = Timers(asyncio.get_running_loop().time)
            kept = RedisBuckets(client, "GET /a", timers, deadline_seconds=0.01)
            server.ask("CLIENT", "PAUSE", "60000", "WRITE")
            waiting = asyncio.ensure_future(arrived(kept.take((kept.key_of_all(),), bucket_words(bucket_of(1, 1)))))
            async with asyncio.timeout(20):
                while not waiting.done():
                    await asyncio.sleep(0.005)
                    timers.sweep()
            with pytest.raises(RedisLateError):
                await waiting

    try:
        uvloop.run(test())
    finally:
        server.ask("CLIENT", "UNPAUSE")


def test_the_limit_of_a_backend_without_redis_counts_here() -> None:
    service = {"crossgate/redis": {"address": "127.0.0.1:1"}}
    file = tree({}, service, {"qos/ratelimit/proxy": {**NEVER, "capacity": 1}})
    assert asked(file, *[{}] * 3) == [502, 503, 503]


def test_a_key_of_somebody_elses_is_not_believed(server: RedisServer) -> None:
    server.ask("LPUSH", "crossgate:limit:GET /a", "a")
    file = tree({"qos/ratelimit/router": {**NEVER, "capacity": 1}}, own(server))
    assert asked(file, {}, {}) == [502, 503], "counted here alone"


@pytest.mark.parametrize("given", ["nil", "true", "{}", "{1, 2, 3}", "{'a'}", "{5}"])
def test_an_answer_that_is_not_the_scripts_is_counted_and_told(
    server: RedisServer, given: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        bucket = bucket_words(bucket_of(1, 1))
        async with connected(server) as client:
            kept = RedisBuckets(client, "GET /a")
            for _ in range(2):
                with pytest.raises(RedisRefusalError):
                    await arrived(kept.take((kept.key_of(b"a"), kept.key_of_all()), bucket + bucket))
            assert client.is_up

    monkeypatch.setattr("crossgate.limits.redis_buckets.TAKE", Script(f"return {given}"))
    uvloop.run(test())
    assert caplog.text.count("it does not do what it is asked: ANSWER that is none of the script's") == 1


def test_a_redis_that_never_answers_keeps_nobody_waiting(server: RedisServer) -> None:
    """It takes commands and says nothing for a minute: longer than the test would wait."""
    file = tree({"qos/ratelimit/router": {**NEVER, "capacity": 3}}, own(server, timeout="100ms"))

    def pause() -> None:
        server.ask("CLIENT", "PAUSE", "60000", "ALL")

    try:
        assert asked(file, {}, pause, *[{}] * 8) == [502, *[502] * 2, *[503] * 6], "counted here, from there on"
    finally:
        server.kill()
        server.start()


@pytest.mark.parametrize(
    ("endpoint", "backend", "fields", "expected"),
    [
        ({"qos/ratelimit/router": {**NEVER, "capacity": 2}}, {}, [{}] * 5, [502, 502, 503, 503, 503]),
        ({}, {"qos/ratelimit/proxy": {**NEVER, "capacity": 2}}, [{}] * 5, [502, 502, 503, 503, 503]),
        (
            {"qos/ratelimit/router": {**NEVER, "capacity": 3, **EACH}},
            {},
            [{"X": "a"}, {"X": "a"}, {"X": "a"}, {"X": "b"}, {"X": "c"}, {"X": "d"}],
            [502, 429, 429, 502, 502, 503],
        ),
    ],
)  # fmt: skip
def test_who_has_used_up_a_limit_gets_no_new_one_because_redis_dies(
    server: RedisServer, endpoint: Any, backend: Any, fields: list[Any], expected: list[int]
) -> None:
    file = tree(endpoint, own(server, timeout="10s"), backend)
    try:
        assert asked(file, *fields[:2], server.kill, *fields[2:]) == expected
    finally:
        server.start()


def test_who_has_used_up_the_limit_of_a_key_gets_no_new_one_either(server: RedisServer) -> None:
    try:
        assert asked(keyed(0.00001, own(server)), ONE_KEY, server.kill, ONE_KEY, OTHER_KEY) == [502, 429, 502]
    finally:
        server.start()


def test_a_reload_keeps_the_connections_of_a_redis_that_it_leaves_alone(server: RedisServer) -> None:
    def file(capacity: int, prefix: str) -> ServiceConfig:
        text = tree({"qos/ratelimit/router": {**NEVER, "capacity": capacity}}, own(server, prefix=prefix))
        config = load_text(json.dumps(text).encode(), environ={}, components=COMPONENTS).config
        assert config is not None
        return config

    def connections() -> set[str]:
        listed = server.ask("CLIENT", "LIST").split("\n")
        return {line.partition(" ")[0] for line in listed if "cmd=client" not in line}

    async def until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0.01)

    async def test() -> None:
        options = ServeOptions(port=0, components=COMPONENTS)
        logger = logging.Logger("t")  # noqa: LOG001 # one of its own, that goes nowhere
        gateway = await start_gateway(file(1, "a:"), options, environ={}, logger=logger)

        async def adopt(config: ServiceConfig) -> None:
            gateway.adopt(await gateway.prepare(config, plan_of(config, options, {})))

        try:
            await until(lambda: len(connections()) == 2)
            before = connections()
            await adopt(file(2, "a:"))
            assert [(await ask(gateway.port, {"method": "GET", "target": "/a"}))["status"] for _ in range(3)] == [
                502, 502, 503,
            ]  # fmt: skip
            assert connections() == before
            await adopt(file(2, "b:"))
            await until(lambda: len(connections()) == 2 and not connections() & before)
        finally:
            await gateway.close()
        await until(lambda: not connections())

    uvloop.run(test())


# ---- files


def test_how_long_a_request_waits_for_a_pool_is_said_once_for_all() -> None:
    file = tree({}, {**ONE, "crossgate/redis": {"address": "a", "timeout": "7s"}})
    found = load_text(json.dumps(file).encode(), environ={}, components=COMPONENTS).config
    assert found is not None
    assert [store.timeout_seconds for store in found.components["redis"].by_name.values()] == [7, 7]


def codes(file: dict[str, Any], **environ: str) -> list[str]:
    found = load_text(json.dumps(file).encode(), environ=environ, components=COMPONENTS)
    assert all("hunter2" not in str(each) for each in found.diagnostics)
    assert found.config is None or "hunter2" not in repr(found.config)
    return [each.code for each in found.diagnostics]


def tiered(*tiers: Any) -> dict[str, Any]:
    return {"qos/ratelimit/tiered": {"tier_key": "X", "tiers": [*tiers]}}


ONE = {
    "redis": {
        "connection_pools": [{"name": "one", "address": "a.example"}],
        "clusters": [{"name": "many", "addresses": ["b.example"]}],
    }
}


@pytest.mark.parametrize(
    ("endpoint", "service"),
    [
        ({"qos/ratelimit/router/redis": {"max_rate": 1, "connection_name": "one"}}, {}),
        ({"qos/ratelimit/router/redis": {"max_rate": 1, "connection_name": "two"}}, ONE),
        ({"qos/ratelimit/router/redis": {"max_rate": 1, "connection_name": "manny"}}, ONE),
        ({"qos/ratelimit/router/redis": {"max_rate": 1}}, ONE),
        ({"qos/ratelimit/router/redis": {"max_rate": 1, "connection_name": "one", "on_failure_allow": "yes"}}, ONE),
        ({"qos/ratelimit/router/redis": {"max_rat": 1, "connection_name": "one"}}, ONE),
        ({"qos/ratelimit/router/redis": [1]}, ONE),
        ({"qos/ratelimit/tiered": {"tiers": [{"tier_value": "a", "ratelimit": {"max_rate": 1}}]}}, {}),
        (tiered({"tier_value": "a"}), {}),
        (tiered("a"), {}),
        (
            {"qos/ratelimit/tiered": {"tier_key": "X", "tiers": [{"tier_value": "a", "ratelimit": {"max_rate": "1"}}]}},
            {},
        ),
        (
            {
                "qos/ratelimit/tiered": {
                    "tier_key": "X",
                    "tiers": [{"tier_value_as": "policy", "ratelimit": {"max_rate": 1}}],
                }
            },
            {},
        ),
        ({}, {"qos/ratelimit/service": {"max_rate": "1"}}),
        ({}, {"qos/ratelimit/service/redis": {"max_rate": 1, "connection_name": "one"}}),
        ({}, {"redis": {"connection_pools": [{"name": "one"}]}}),
        ({}, {"redis": {"connection_pools": [{"name": "one", "address": "a b"}]}}),
        ({}, {"redis": {"connection_pools": [{"name": "one", "address": "a"}, {"name": "one", "address": "b"}]}}),
        ({}, {"redis": {"connection_pools": [{"name": "one", "address": "a", "tls": {"ca_certs": ["no/such"]}}]}}),
        ({}, {"redis": {"connection_pool": []}}),
        ({}, {"crossgate/redis": {}}),
        ({}, {"crossgate/redis": []}),
        ({}, {"crossgate/redis": {"url": "redis://a", "address": "b"}}),
        ({}, {"crossgate/redis": {"url": "http://me:hunter2@a"}}),
        ({}, {"crossgate/redis": {"url": "redis://me:hunter2@a:port"}}),
        ({}, {"crossgate/redis": {"url": "redis://me:hunter2@a/x"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "timeout": "0s"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "timeout": "soon"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "pool_size": 1000}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "share": ["everything"]}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "on_failure": "hope"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "ca_file": "no/such"}}),
        ({}, {"crossgate/redis": {"url": "rediss://a", "ca_file": "no/such"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "password_env": "NO_SUCH"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "password_env": "SET", "password": "hunter2"}}),
        ({}, {"crossgate/redis": {"url": "redis://a", "shared": ["limits"]}}),
    ],
)
def test_what_cannot_be_kept_as_it_is_written_does_not_start(endpoint: Any, service: Any) -> None:
    assert "CFG406" in codes(tree(endpoint, service), SET="hunter2")


VALIDATED = {"auth/validator": {"alg": "RS256", "jwk_url": "https://issuer.example/keys"}}
BY_FIELD = {"qos/ratelimit/service": {"client_max_rate": 1, "strategy": "ip", "key": "X-Real-Ip"}}
ANY_TIER = {"tier_value_as": "*", "ratelimit": {"max_rate": 1}}


def tier(value: str) -> dict[str, Any]:
    return {"tier_value": value, "ratelimit": {"max_rate": 1}}


def of_claims(**more: str) -> dict[str, Any]:
    return {"qos/ratelimit/router/redis": {"client_max_rate": 1, "strategy": "jwt", **more}}


@pytest.mark.parametrize(
    ("endpoint", "service", "expected"),
    [
        ({"qos/ratelimit/router/redis": {"max_rate": 1, "connection_name": "one"}}, ONE, []),
        ({"qos/ratelimit/router/redis": {"max_rate": 1, "connection_name": "many"}}, ONE, []),
        ({}, {"crossgate/redis": {"url": "redis://me:hunter2@a:7/2", "share": ["limits", "cache"]}}, []),
        ({}, {"crossgate/redis": {"url": "rediss://a", "password_env": "SET", "user": "me"}}, []),
        ({}, {"crossgate/redis": {"url": "unix:///run/redis.sock?db=3"}}, []),
        ({}, {"crossgate/redis": {"address": "[::1]:7"}}, []),
        (tiered({"tier_value": "a", "ratelimit": {"max_rate": 1}}), {}, ["CFG314"]),
        (of_claims(key="sub") | VALIDATED, "own", []),
        (of_claims() | VALIDATED, "own", ["CFG407"]),
        (of_claims(key="sub"), "own", ["CFG407"]),
        (tiered(tier("gold"), tier("silver"), ANY_TIER), {}, []),
        (tiered(tier("gold"), tier("gold"), ANY_TIER), {}, ["CFG314"]),
        ({}, {"qos/ratelimit/service": {"client_max_rate": 1, "strategy": "jwt", "key": "sub"}}, ["CFG407"]),
        ({}, {"qos/ratelimit/service": {"client_max_rate": 1, "strategy": "param", "key": "id"}}, ["CFG407"]),
        ({}, {"qos/ratelimit/service": {"client_max_rate": 1, "strategy": "ip"}}, ["CFG318"]),
        ({}, BY_FIELD | {"router": {"trusted_proxies": ["127.0.0.1"]}}, ["CFG318"]),
    ],
)
def test_what_starts_says_what_is_odd_about_it(endpoint: Any, service: Any, expected: list[str]) -> None:
    given = {"crossgate/redis": {"address": "a"}} if service == "own" else service
    assert codes(tree(endpoint, given), SET="hunter2") == expected


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossgate.redis.config.find_spec", lambda name: None)
    found = load_text(json.dumps(tree({}, {"crossgate/redis": {"address": "a"}})).encode(), components=COMPONENTS)
    assert [(each.code, each.hint) for each in found.diagnostics] == [("CFG406", "pip install crossgate[redis]")]
