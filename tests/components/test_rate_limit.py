"""Rate limits: buckets to the token, in several processes at once, and what a file may say about them."""

import asyncio
import json
import logging
import os
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.components import COMPONENTS
from crossgate.components.rate_limit.gate import RateLimitGate
from crossgate.components.rate_limit.model import BackendLimit, ClientLimit, RouterLimit
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.config import load_text
from crossgate.config.model import RouterConfig, ServiceConfig
from crossgate.gateway.generation import ServeOptions, plan_of
from crossgate.gateway.running import start_gateway
from crossgate.http.field_names import KnownNames
from crossgate.http.message import Request, Response
from crossgate.limits.bucket import Bucket, bucket_of
from crossgate.limits.shared_buckets import CLIENTS, SHELF, SharedBuckets, TooManyLimitsError
from crossgate.pipeline.addresses import bare, client_of, packed
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.gates import RequestView
from tests.support.recorded import ask

SECOND = 1_000_000_000


class Model:
    """KrakenD's bucket, and 1.4's, as their sources read: `allow` at a time in nanoseconds."""

    def __init__(self, bucket: Bucket, now: int) -> None:
        self.bucket = bucket
        self.tokens = bucket.initial
        self.last = now

    def allow(self, now: int) -> bool:
        interval, capacity = self.bucket.interval_ns, self.bucket.capacity
        if not self.bucket.refills_when_empty:
            new = (now - self.last) // interval
            self.last += new * interval
            self.tokens = min(capacity, self.tokens + new)
            allowed = self.tokens > 0
            self.tokens -= allowed
            return allowed
        if self.tokens > 0:
            self.tokens -= 1
            return True
        new = (now - self.last) // interval
        if new == 0:
            return False
        self.last += new * interval
        self.tokens = capacity if self.tokens + new > capacity else self.tokens + new - 1
        return True


buckets = st.builds(
    bucket_of,
    st.sampled_from([0.01, 0.4, 1, 2.5, 3, 1000, 1e9, 1e12]),
    st.integers(0, 4),
    initial=st.none() | st.integers(0, 4),
    refills_when_empty=st.booleans(),
)
pauses = st.lists(st.sampled_from([0, 1, SECOND // 3, SECOND, 4 * SECOND, 1000 * SECOND]), max_size=40)


@given(buckets, pauses)
def test_a_bucket_lets_through_what_krakends_does(bucket: Bucket, steps: list[int]) -> None:
    shared = SharedBuckets(limits=4, clients=16)
    now = 5 * SECOND
    place = shared.place("limit", bucket, now)
    of_all, of_one = Model(bucket, now), Model(bucket, now)
    for step in [0, *steps]:
        now += step
        left = shared.take(place, bucket, now)
        assert (left >= 0) == of_all.allow(now)
        if left < 0:  # there is one after exactly that time
            assert Model.allow(_copy(of_all), now - left)
            assert not Model.allow(_copy(of_all), now - left - 1)
        assert (shared.take_of(b"client", bucket, now) >= 0) == of_one.allow(now)


def _copy(model: Model) -> Model:
    copied = Model(model.bucket, model.last)
    copied.tokens = model.tokens
    return copied


def test_clients_have_buckets_of_their_own_at_each_limit() -> None:
    shared, bucket = SharedBuckets(clients=1024), bucket_of(0.001, 1)
    names = [shared.prefix(limit, bucket) + b"client %d" % number for limit in ("a", "b") for number in range(50)]
    assert all(shared.take_of(name, bucket, SECOND) >= 0 for name in names)
    assert all(shared.take_of(name, bucket, SECOND) < 0 for name in names)


def test_memory_is_bounded_and_the_oldest_client_is_forgotten_first() -> None:  # DEV-RATE-2
    shared, bucket = SharedBuckets(clients=16), bucket_of(0.001, 1)
    size = shared.bytes_reserved
    for number in range(1000):
        assert shared.take_of(b"%d" % number, bucket, SECOND + number) >= 0
    assert shared.bytes_reserved == size
    assert shared.take_of(b"999", bucket, SECOND + 1000) < 0
    assert SharedBuckets().bytes_reserved < 51 << 20


def test_no_client_loses_its_limit_to_a_million_others() -> None:
    shared, bucket = SharedBuckets(clients=CLIENTS), bucket_of(0.001, 1)
    prefix = shared.prefix("e", bucket)
    real = [prefix + b"real %d" % number for number in range(1000)]
    for name in real:
        assert shared.take_of(name, bucket, SECOND) >= 0
    for number in range(1_000_000):
        shared.take_of(prefix + b"%d" % number, bucket, SECOND + number)
    assert all(shared.take_of(name, bucket, SECOND + 1_000_000) < 0 for name in real), "the oldest of all"


@given(st.lists(st.integers(0, 40), max_size=200))
def test_clients_are_found_again_however_full_the_shelves_are(order: list[int]) -> None:
    shared, bucket = SharedBuckets(limits=8, clients=4 * SHELF), bucket_of(1e-9, 1_000_000)
    taken = dict.fromkeys(range(41), 0)
    few = [number for number in order if number < SHELF]  # so few that all have a place whatever their hashes
    for number in few:
        taken[number] += 1
        assert shared.take_of(b"%d" % number, bucket, SECOND) == 1_000_000 - taken[number]
    for number in order:  # the others drive each other out, and nothing breaks
        assert shared.take_of(b"%d" % number, bucket, SECOND) >= 0


def in_children(count: int, work: Callable[[], int]) -> list[int]:
    """What `work` gives in that many processes at once."""
    read, write = os.pipe()
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.write(write, work().to_bytes(8, "little"))
            os._exit(0)
        children.append(child)
    os.close(write)
    for child in children:
        os.waitpid(child, 0)
    found = os.read(read, 8 * count)
    os.close(read)
    return [int.from_bytes(found[at : at + 8], "little") for at in range(0, len(found), 8)]


def test_processes_that_take_at_the_same_time_get_each_token_once() -> None:
    shared, bucket = SharedBuckets(clients=1024), bucket_of(1e-9, 30_000)
    place = shared.place("limit", bucket, SECOND)

    def work() -> int:
        of_all = sum(shared.take(place, bucket, SECOND) >= 0 for _ in range(20_000))
        of_one = sum(shared.take_of(b"client", bucket, SECOND) >= 0 for _ in range(20_000))
        return of_all << 32 | of_one

    found = in_children(3, work)
    assert sum(each >> 32 for each in found) == 30_000
    assert sum(each & 0xFFFFFFFF for each in found) == 30_000


def test_a_worker_that_starts_again_finds_the_bucket_as_it_was() -> None:
    shared, bucket = SharedBuckets(limits=8, clients=16), bucket_of(1e-9, 2)
    for _ in range(2):
        assert shared.take(shared.place("limit", bucket, SECOND), bucket, SECOND) >= 0
    assert shared.take(shared.place("limit", bucket, SECOND), bucket, SECOND) < 0


def test_a_limit_that_changes_has_a_new_bucket_and_there_is_room_for_many() -> None:
    shared = SharedBuckets(limits=8, clients=16)
    buckets = [bucket_of(1e-9, capacity) for capacity in range(1, 10)]
    for bucket in buckets[:8]:
        assert shared.take(shared.place("limit", bucket, SECOND), bucket, SECOND) >= 0
    with pytest.raises(TooManyLimitsError):
        shared.place("limit", buckets[8], SECOND)


def test_a_lock_that_a_dead_process_holds_is_taken_over() -> None:
    shared, bucket = SharedBuckets(limits=8, clients=16), bucket_of(1e-9, 3)
    place = shared.place("limit", bucket, SECOND)

    def die() -> int:
        shared._lock.acquire()
        os._exit(0)

    in_children(1, die)
    assert [shared.take(place, bucket, SECOND) >= 0 for _ in range(4)] == [True, True, True, False]


class View:
    """A request as the gate sees it."""

    claims: Any = None
    method, path, query = b"GET", b"/a", None

    def __init__(self, fields: dict[bytes, bytes] | None = None, ip: str = "203.0.113.9", **values: bytes) -> None:
        self.fields, self.client_ip, self.values = fields or {}, ip, values
        self.answer_fields: list[tuple[bytes, bytes]] = []

    def first(self, name: bytes) -> bytes | None:
        return self.fields.get(name)

    def value(self, name: str) -> bytes | None:
        return self.values.get(name)

    def add_to_answer(self, fields: list[tuple[bytes, bytes]]) -> None:
        self.answer_fields += fields

    def set_field(self, *_: object) -> None: ...
    def set_param(self, *_: object) -> None: ...


def gate(strategy: str, key: str, *, is_honest: bool = False) -> RateLimitGate:
    limit = RouterLimit(None, ClientLimit(strategy, key, bucket_of(0.1, 1)))
    refusals = Refusals(limit, is_honest=is_honest)
    shared = SharedBuckets(limits=8, clients=64)
    return RateLimitGate(limit, shared, endpoint="GET /a", now=lambda: 7.0, refusals=refusals)


def statuses(limited: RateLimitGate, *views: View) -> list[int]:
    answers = [limited(view) for view in views]
    return [answer.status if isinstance(answer, Response) else 200 for answer in answers]


@pytest.mark.parametrize(
    ("strategy", "key", "views", "expected"),
    [
        ("ip", "", [View(), View(), View(ip="203.0.113.10"), View(ip="")], [200, 429, 200, 429]),
        ("ip", "X-Ip", [View({b"x-ip": b"1.2.3.4:80, 5.6.7.8"}), View({b"x-ip": b" 1.2.3.4"})], [200, 429]),
        ("ip", "X-Ip", [View({b"x-ip": b"2001:db8::1"}), View(), View({b"x-ip": b"[2001:db8::2]:1"})], [200, 200, 429]),
        ("ip", "X-Ip", [View({b"x-ip": b"no address"}), View({b"x-ip": b"\xff"})], [200, 429]),
        ("header", "X-Id", [View({b"x-id": b"a"}), View({b"x-id": b"a"}), View({b"x-id": b"b"})], [200, 429, 200]),
        ("header", "X-Id", [View(), View({b"x-id": b""})], [429, 429]),
        ("header", "Host", [View({b"host": b"a"})], [429]),
        ("header", "", [View({b"": b"a"})], [429]),
        ("param", "id", [View(id=b"1"), View(id=b"2"), View(id=b"1"), View()], [200, 200, 429, 429]),
        ("param", "Id", [View(id=b"1")], [429]),
    ],
)
def test_a_client_is_what_the_strategy_says(strategy: str, key: str, views: list[View], expected: list[int]) -> None:
    assert statuses(gate(strategy, key), *views) == expected


@pytest.mark.parametrize(
    ("key", "claims", "expected"),
    [
        ("sub", [{"sub": "a"}, {"sub": "a"}, {"sub": "b"}], [200, 429, 200]),
        ("realm.id", [{"realm": {"id": 7}}, {"realm": {"id": 7}}, {"realm.id": 7}], [200, 429, 429]),
        ("sub", [None, {}, {"sub": ""}, {"sub": None}], [429, 429, 429, 429]),
        ("sub.a", [{"sub": "a"}, {"sub": []}], [429, 429]),
        ("sub", [{"sub": ["a"]}, {"sub": {"a": 1}}, {"sub": False}, {"sub": "\udcff"}], [200, 200, 200, 200]),
    ],
)
def test_a_client_may_be_a_claim_of_its_token(key: str, claims: list[Any], expected: list[int]) -> None:
    views = [View() for _ in claims]
    for view, found in zip(views, claims, strict=True):
        view.claims = found
    assert statuses(gate("jwt", key), *views) == expected


def test_honest_refusals_say_how_long_to_wait_and_bare_ones_nothing() -> None:
    limited = gate("ip", "", is_honest=True)
    view = View()
    assert limited(view) is None
    assert dict(view.answer_fields)[b"ratelimit"] == b'"client";r=0'
    refused = limited(View())
    assert isinstance(refused, Response)
    fields = dict(refused.fields)
    assert fields[b"retry-after"] == b"10"
    assert fields[b"ratelimit"] == b'"client";r=0;t=10'
    assert fields[b"ratelimit-policy"] == b'"client";q=1;w=10'
    assert isinstance(refused.body, bytes)
    assert json.loads(refused.body)["status"] == 429
    bare = gate("ip", "")
    assert bare(View()) is None
    answer = bare(View())
    assert isinstance(answer, Response)
    assert (answer.fields, answer.body) == ([], b"")


def test_decisions_are_counted() -> None:
    limited = gate("ip", "")
    statuses(limited, View(), View(), View(ip=""))
    counted = limited.decisions
    assert (counted.passed.value, counted.refused_of_client.value, counted.refused_of_all.value) == (1, 2, 0)


def test_limits_that_one_request_meets_have_names_of_their_own() -> None:
    """A client could not tell else which of several policies an item of RateLimit is about."""
    names = {
        Refusals(RouterLimit(bucket_of(1, 1), None, name=name), is_honest=True, is_service=is_service).fields(0, 0)[1]
        for name in ("", "redis", "tier gold")
        for is_service in (False, True)
    }
    expected = ("total", "shared-total", "tier-total", "service-total", "service-shared-total", "service-tier-total")
    assert names == {(b"ratelimit", f'"{name}";r=0'.encode()) for name in expected}


def loaded(block: Any, version: int = 3, where: str = "endpoint", name: str = "") -> Any:
    """What is made of the block, and the codes of what is wrong with it."""
    names = {
        (3, "endpoint"): "qos/ratelimit/router",
        (3, "backend"): "qos/ratelimit/proxy",
        (2, "endpoint"): "github.com/devopsfaith/krakend-ratelimit/juju/router",
        (2, "backend"): "github.com/devopsfaith/krakend-ratelimit/juju/proxy",
    }
    extra = {"extra_config": {name or names[version, where]: block}}
    backend = {"host": ["http://a.example"], "url_pattern": "/a"} | (extra if where == "backend" else {})
    endpoint = {"endpoint": "/a", "backend": [backend]} | (extra if where == "endpoint" else {})
    known_proxies = {"extra_config": {"router": {"trusted_proxies": ["10.0.0.0/8"]}}} if version == 3 else {}
    text = json.dumps({"version": version, "endpoints": [endpoint], **known_proxies}).encode()
    found = load_text(text, environ={}, components=COMPONENTS)
    codes = [each.code for each in found.diagnostics]
    if found.config is None:
        return None, codes
    owner = found.config.endpoints[0]
    return (owner if where == "endpoint" else owner.backends[0]).components.get("rate_limit"), codes


@pytest.mark.parametrize(
    ("where", "block"),
    [
        ("endpoint", [1]),
        ("endpoint", "100"),
        ("endpoint", {"max_rate": "1"}),
        ("endpoint", {"max_rate": True}),
        ("endpoint", {"max_rate": 1, "capacity": -1}),
        ("endpoint", {"client_max_rate": "1", "strategy": "ip"}),
        ("endpoint", {"client_max_rate": 1}),
        ("endpoint", {"client_max_rate": 1, "strategy": "cookie"}),
        ("endpoint", {"client_max_rate": 1, "client_capacity": -5, "strategy": "ip"}),
        ("endpoint", {"max_rates": 1}),
        ("endpoint", {"clientmaxrate": 1, "strategy": "ip"}),
        ("backend", [1]),
        ("backend", {"max_rate": "1", "capacity": 1}),
        ("backend", {"max_rate": 1, "every": "0s"}),
        ("backend", {"max_rate": 1, "every": "-1s"}),
        ("backend", {"maxrate": 1}),
    ],
)
def test_a_limit_that_would_silently_be_off_does_not_start(where: str, block: Any) -> None:  # DEV-RATE-1
    value, codes = loaded(block, where=where)
    assert value is None
    assert "CFG406" in codes


@pytest.mark.parametrize("block", [{}, {"max_rate": 0}, {"max_rate": None}, {"max_rate": -1}])
def test_a_limit_that_nobody_set_is_none(block: Any) -> None:
    value, codes = loaded(block)
    assert value is None
    assert "CFG406" not in codes


def total(block: dict[str, Any], **keys: Any) -> tuple[int, int]:
    value, _ = loaded(block, **keys)
    bucket = value.bucket if isinstance(value, BackendLimit) else value[0].total
    return bucket.interval_ns, bucket.capacity


def test_rates_are_counted_in_a_second_and_the_capacity_is_one_at_least() -> None:
    assert total({"max_rate": 3, "every": "1m"}) == (20 * SECOND, 1)
    assert total({"max_rate": 3.9}) == (256_410_256, 3)
    assert total({"max_rate": 2, "every": "1ms"}) == (SECOND // 2, 2)
    assert total({"max_rate": 2, "every": 60}) == (SECOND // 2, 2)
    assert total({"max_rate": 2, "capacity": 2.9}) == (SECOND // 2, 2)
    assert total({"max_rate": 120, "every": "1m", "capacity": "1"}) == (SECOND // 2, 2)
    assert total({"max_rate": 2, "every": "100ms"}, where="backend") == (SECOND // 20, 20)
    assert total({"max_rate": 2, "every": "x"}, where="backend") == (SECOND // 2, 2)
    assert total({"max_rate": 1e300, "capacity": 1e300})[0] == 1


def test_a_client_limit_has_krakends_odd_default_capacity() -> None:
    def bucket(**block: Any) -> Bucket:
        value, _ = loaded({"strategy": "IP", **block})
        found: Bucket = value[0].client.bucket
        return found

    assert bucket(client_max_rate=5).capacity == 1
    assert bucket(client_max_rate=5, max_rate=1).capacity == 5
    starts_empty = bucket(client_max_rate=40, max_rate=600, every="1m")
    assert (starts_empty.capacity, starts_empty.initial) == (1, 0)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"max_rate": 30, "every": "1m"}, ["CFG314"]),
        ({"max_rate": 30, "every": "1m", "capacity": 30}, []),
        ({"max_rate": 30}, []),
        ({"max_rate": 0.5}, []),
        ({"client_max_rate": 10, "strategy": "ip"}, ["CFG314"]),
        ({"client_max_rate": 10, "max_rate": 0.5, "strategy": "ip"}, ["CFG314"]),
        ({"client_max_rate": 10, "max_rate": 50, "strategy": "ip"}, []),
        ({"client_max_rate": 10, "client_capacity": 1, "strategy": "ip"}, []),
        ({"client_max_rate": 1, "strategy": "header"}, ["CFG407"]),
        ({"client_max_rate": 1, "strategy": "header", "key": "Host"}, ["CFG407"]),
        ({"client_max_rate": 1, "strategy": "header", "key": "X-Id"}, []),
        ({"client_max_rate": 1, "strategy": "param", "key": "id"}, ["CFG407"]),
        ({"max_rate": 1, "capacity": "5"}, ["CFG217"]),
        ({"max_rate": 1, "every": 60}, ["CFG217"]),
        ({}, ["CFG314"]),
        ({"max_rate": 0}, ["CFG314"]),
        ({"max_rate": -5}, ["CFG314"]),
        ({"max_rate": 5, "client_max_rate": -1, "strategy": "ip"}, ["CFG314"]),
        ({"capacity": 10}, ["CFG314"]),
        ({"strategy": "ip", "client_capacity": 10}, ["CFG314"]),
        ({"max_rate": 50, "client_capacity": 5, "strategy": "ip"}, ["CFG314"]),
        ({"client_max_rate": 5, "client_capacity": 5, "capacity": 50, "strategy": "ip"}, ["CFG314"]),
        ({"max_rate": 5, "client_max_rate": 50, "client_capacity": 50, "strategy": "ip"}, ["CFG314"]),
        ({"max_rate": 5, "client_max_rate": 50, "client_capacity": 1, "strategy": "ip"}, []),
        ({"max_rate": 5, "client_max_rate": 5, "strategy": "ip"}, []),
        ({"max_rate": 5, "strategy": "ip"}, []),
    ],
)
def test_a_limit_that_is_not_what_it_looks_like_is_told(block: Any, expected: list[str]) -> None:
    assert loaded(block)[1] == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [({}, ["CFG314"]), ({"capacity": 3}, ["CFG314"]), ({"max_rate": 0}, ["CFG314"]), ({"max_rate": -1}, ["CFG314"])],
)
def test_a_limit_of_calls_that_limits_nothing_is_told(block: Any, expected: list[str]) -> None:
    assert loaded(block, where="backend") == (None, expected)


def test_old_files_have_the_ordinary_bucket_under_their_own_names() -> None:
    value, codes = loaded({"maxRate": 0.5, "clientMaxRate": 3, "strategy": "ip"}, version=2)
    assert codes == ["CFG318", "CFG314"], "clients choose their address, and one may send more than all"
    assert value[0].total == bucket_of(0.5, 1, refills_when_empty=False)
    assert value[0].client.bucket == bucket_of(3, 3, refills_when_empty=False)
    value, codes = loaded({"maxRate": 10, "capacity": 4}, version=2, where="backend")
    assert (value.bucket, codes) == (bucket_of(10, 4, refills_when_empty=False), [])


json_values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["max_rate", "capacity", "client_max_rate", "client_capacity", "strategy", "key", "every"]),
        json_values | st.sampled_from(["ip", "header", "1m", "-3s"]) | st.lists(json_values, max_size=2),
    ),
    st.sampled_from(["endpoint", "backend"]),
)
def test_any_block_gives_buckets_that_work_or_does_not_start(block: dict[str, Any], where: str) -> None:
    value, codes = loaded(block, where=where)
    if value is None:
        return
    assert "CFG406" not in codes
    found = (
        [value.bucket]
        if isinstance(value, BackendLimit)
        else [value[0].total, value[0].client and value[0].client.bucket]
    )
    shared = SharedBuckets(limits=8, clients=16)
    for bucket in found:
        if bucket is not None:
            assert bucket.interval_ns >= 1
            assert bucket.capacity >= 1
            assert bucket.initial <= bucket.capacity
            shared.take(shared.place("limit", bucket, SECOND), bucket, SECOND)


def test_a_reload_keeps_buckets_of_limits_and_circuits_that_it_leaves_alone() -> None:
    async def scenario() -> list[int]:
        async with asyncio.timeout(30):
            options = ServeOptions(port=0, components=COMPONENTS)
            logger = logging.Logger("reload")  # noqa: LOG001 # one of its own, that goes nowhere
            gateway = await start_gateway(service_of(limit=1, name="a"), options, environ={}, logger=logger)
            try:
                found = [await status(gateway.port, path) for path in ("/limited", "/limited", "/broken")]
                after = service_of(limit=1, name="b")
                gateway.adopt(await gateway.prepare(after, plan_of(after, options, {})))
                found += [await status(gateway.port, path) for path in ("/limited", "/broken")]
                changed = service_of(limit=2, name="b")
                gateway.adopt(await gateway.prepare(changed, plan_of(changed, options, {})))
                return [*found, *[await status(gateway.port, "/limited") for _ in range(3)]]
            finally:
                await gateway.close()

    assert uvloop.run(scenario()) == [502, 503, 502, 503, 503, 502, 502, 503]


def test_a_backend_that_has_moved_is_asked_though_the_circuit_of_its_former_host_is_open() -> None:
    async def scenario() -> list[int]:
        async with asyncio.timeout(30):
            options = ServeOptions(port=0, components=COMPONENTS)
            logger = logging.Logger("reload")  # noqa: LOG001 # one of its own, that goes nowhere
            config = service_of(limit=1, name="a")
            gateway = await start_gateway(config, options, environ={}, logger=logger)
            try:
                found = [await status(gateway.port, "/broken") for _ in range(2)]
                moved = service_of(limit=1, name="a", host="http://127.0.0.1:98")
                gateway.adopt(await gateway.prepare(moved, plan_of(moved, options, {})))
                return [*found, *[await status(gateway.port, "/broken") for _ in range(2)]]
            finally:
                await gateway.close()

    assert uvloop.run(scenario()) == [502, 503, 502, 503]


def service_of(*, limit: int, name: str, host: str = "http://127.0.0.1:99") -> ServiceConfig:
    """An endpoint with a limit, and one that opens its circuit at the first call, in honest style."""
    nobody = {"host": [host], "url_pattern": "/"}
    failing = {**nobody, "extra_config": {"qos/circuit-breaker": {"timeout": 600}}}
    limited = {"qos/ratelimit/router": {"max_rate": 1, "capacity": limit, "every": "24h"}}
    tree = {
        "version": 3,
        "name": name,
        "listen_ip": "127.0.0.1",
        "extra_config": {"crossgate/errors": {"style": "http"}},
        "endpoints": [
            {"endpoint": "/limited", "backend": [nobody], "extra_config": limited},
            {"endpoint": "/broken", "backend": [failing]},
        ],
    }
    config = load_text(json.dumps(tree).encode(), environ={}, components=COMPONENTS).config
    assert config is not None
    return config


async def status(port: int, path: str) -> int:
    answer = await ask(port, {"method": "GET", "target": path})
    found: int = answer["status"]
    return found


@pytest.mark.parametrize(
    ("spellings", "client"),
    [
        (
            [
                "192.0.2.1",
                " 192.0.2.1\t",
                "192.0.2.1:567",
                "::ffff:192.0.2.1",
                "::FFFF:c000:201",
                "[::ffff:192.0.2.1]:5",
            ],
            b"192.0.2.1",
        ),
        (
            [
                *("2001:db8::1", "2001:DB8:0:0::1", "2001:0db8::0001", "[2001:db8::1]", "[2001:db8::1]:80"),
                *("2001:db8::1%eth0", "2001:db8::ffff:1:2:3"),
            ],
            b"20010db800000000",
        ),
        (["2001:db8:0:1::1", "2001:db8:0:1:ffff::"], b"20010db800000001"),
        (["", "a", "192.0.2", "192.0.2.1.", "1:2:3", "[", "[]:1", ":5", "%", "192.0.2.256"], b""),
    ],
)
def test_an_address_is_one_client_however_it_is_written(spellings: list[str], client: bytes) -> None:  # DEV-RATE-5
    assert {client_of(packed(bare(text))) for text in spellings} == {client}
    limited = gate("ip", "X-Ip") if client else gate("ip", "")
    told = [View({b"x-ip": text.encode()}) if client else View(ip=text) for text in spellings if text]
    assert statuses(limited, *told) == ([200] + [429] * (len(told) - 1) if client else [200] * len(told))


@pytest.mark.parametrize(("strategy", "key"), [("ip", ""), ("ip", "X-Who"), ("header", "X-Who")])
def test_any_number_of_made_up_clients_leaves_nothing_behind(strategy: str, key: str) -> None:
    client_ip, known = build_client_ip(RouterConfig()), KnownNames()
    limited = gate(strategy, key)

    def ask_as(number: int) -> None:
        padding = "x" * 8000 if strategy == "header" else f", {'x' * 8000}"
        who = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1{padding}".encode()
        fields = [(b"x-who", who), (b"x-forwarded-for", b"10.%d.%d.1" % divmod(number & 0xFFFF, 256))]
        request = Request(
            b"GET", b"/a", None, fields, peer_host=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        )
        limited(RequestView(request, (), [], client_ip, known))

    for number in range(9_000):  # until all that is remembered is full
        ask_as(number)
    tracemalloc.start()
    try:
        for number in range(9_000, 18_000):
            ask_as(number)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 2 << 20
