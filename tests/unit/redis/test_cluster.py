"""The client of a Redis cluster, in front of a real one whose members hand keys over, die and take over."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from crossgate.config.secret import Secret
from crossgate.limits.bucket import bucket_of
from crossgate.limits.redis_buckets import TAKE, RedisBuckets, bucket_words
from crossgate.metrics.registry import Registry
from crossgate.redis import cluster as cluster_module
from crossgate.redis.client import Script
from crossgate.redis.cluster import ClusterClient
from crossgate.redis.failure import RedisAwayError, RedisError, RedisLateError, RedisRefusalError
from crossgate.redis.store import StoreConfig, StoreTls
from crossgate.redis.topology import SLOTS, SlotRange, key_in, ranges_in, redirected, slot_of, without_braces
from tests.support.arrived import arrived
from tests.support.children import free_port
from tests.support.redis_cluster import RedisCluster, redis_cluster
from tests.support.redis_server import RedisServer, needs_redis

PATIENT = 10.0
COUNT = Script("return redis.call('INCR', KEYS[1])")


@asynccontextmanager
async def client(config: StoreConfig, registry: Registry | None = None) -> AsyncIterator[ClusterClient]:
    made = ClusterClient(config, logging.getLogger("tests.redis"), Random(1), registry or Registry())
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)


def config(cluster: RedisCluster, **keys: Any) -> StoreConfig:
    host, port = cluster.places[0]
    return StoreConfig(
        **({"host": host, "port": port, "timeout_seconds": PATIENT, "cluster": tuple(cluster.places)} | keys)
    )


def run(test: Awaitable[None]) -> None:
    async def whole() -> None:
        await test

    uvloop.run(whole())


@pytest.fixture(scope="module")
def of_three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@needs_redis
def test_each_key_is_asked_for_where_it_is(of_three: RedisCluster) -> None:
    async def test() -> None:
        async with client(config(of_three)) as redis:
            assert redis.is_whole
            keys = [b"key-%d" % number for number in range(200)] + [b"", b"\x00{}\r\n", b"{a}b", b"{}{a}"]
            for key in keys:
                await arrived(redis.ask("SET", key, key))
            for key in keys:
                assert await arrived(redis.ask("GET", key)) == key
            assert await arrived(redis.run(COUNT, (b"n",), ())) == 1, "a script that is not known is sent along"
            assert await arrived(redis.run(COUNT, (b"n",), ())) == 2
            await arrived(redis.ask("XADD", "told", "*", "d", "1"))
            assert len(await arrived(redis.ask("XREAD", "COUNT", 5, "STREAMS", "told", "0-0"))) == 1
            with pytest.raises(RedisRefusalError):
                await arrived(redis.run(COUNT, (b"told",), ()))
            assert redis.is_whole

    run(test())
    assert all(int(each.ask("DBSIZE")) > 30 for each in of_three.primaries)
    assert sum(redis_moved(each) for each in of_three.primaries) == 0, "nobody was asked in vain"
    of_three.flush()


def redis_moved(member: RedisServer) -> int:
    """How often it sent somebody elsewhere."""
    return sum(
        int(line.partition("=")[2])
        for line in member.ask("INFO", "errorstats").split("\n")
        if line.startswith(("errorstat_MOVED", "errorstat_ASK"))
    )


@needs_redis
@given(st.binary())
def test_slots_are_those_of_redis(of_three: RedisCluster, key: bytes) -> None:
    async def test() -> None:
        async with client(config(of_three)) as redis:
            member = next(iter(redis._members.values()))
            for asked in (key, b"{" + key, b"a{" + key + b"}b{c}"):
                future = asyncio.get_running_loop().create_future()
                signal = member.begin(("CLUSTER", "KEYSLOT", asked))
                signal.wait_with(lambda future=future: future.set_result(None))
                await future
                assert signal.result() == slot_of(asked)

    run(test())


@needs_redis
def test_a_bucket_goes_on_while_its_slot_is_handed_over(of_three: RedisCluster) -> None:
    """ASK for what is there already, MOVED afterwards: each token is given once."""
    bucket = bucket_words(bucket_of(1e-6, 40))

    async def test() -> None:
        async with client(config(of_three)) as redis:
            kept = RedisBuckets(redis, "GET /a/{id}")
            key = kept.key_of(b"somebody")
            source = of_three.primary_of(key.decode())
            target = next(each for each in of_three.primaries if each is not source)
            left: list[int] = []

            async def take(times: int) -> None:
                left.extend([(await arrived(kept.take((key,), bucket)))[0] for _ in range(times)])

            await take(10)
            slot = slot_of(key)
            of_three.move(slot, source, target, is_done=False)
            await take(10)
            of_three.move(slot, source, target)
            await take(10)
            of_three.move(slot, target, source)
            await take(10)
            assert left == list(range(39, -1, -1))
            assert (await arrived(kept.take((key,), bucket)))[0] < 0

    run(test())
    of_three.flush()


@needs_redis
def test_clients_are_spread_over_members_unless_one_script_takes_of_all_too(of_three: RedisCluster) -> None:
    async def test() -> None:
        async with client(config(of_three)) as redis:
            alone = RedisBuckets(redis, "GET /a/{id}")
            together = RedisBuckets(redis, "GET /a/{id}", are_together=True)
            names = [b"%d" % number for number in range(50)]
            assert len({slot_of(alone.key_of(name)) for name in names}) > 40
            assert {slot_of(together.key_of(name)) for name in names} == {slot_of(together.key_of_all())}
            words = bucket_words(bucket_of(1e-6, 1)) + bucket_words(bucket_of(1e-6, 2))
            for name, expected in ((b"a", [0, 1]), (b"b", [0, 0])):
                assert await arrived(together.take((together.key_of(name), together.key_of_all()), words)) == expected

    run(test())
    of_three.flush()


@needs_redis
def test_all_steps_of_a_question_together_take_no_longer_than_one(of_three: RedisCluster) -> None:
    """A member leads on to another, which says nothing."""

    async def test() -> None:
        async with client(config(of_three)) as redis:
            source = of_three.primary_of("led-on")
            target = next(each for each in of_three.primaries if each is not source)
            of_three.move(slot_of(b"led-on"), source, target)
            target.pause()
            try:
                redis.config = replace(redis.config, timeout_seconds=0.2)
                with pytest.raises(RedisLateError):
                    await asyncio.wait_for(arrived(redis.ask("GET", "led-on")), PATIENT / 2)
            finally:
                target.resume()
            of_three.move(slot_of(b"led-on"), target, source)

    run(test())


@needs_redis
def test_members_that_send_each_other_are_not_asked_for_ever(
    of_three: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with client(config(of_three)) as redis:
            place, wrong = next(
                (place, each)
                for place, each in redis._members.items()
                if each is not redis._by_slot[slot_of(b"in-circles")]
            )
            monkeypatch.setattr(cluster_module, "redirected", lambda _text, _asked: (slot_of(b"in-circles"), place))
            redis._by_slot[slot_of(b"in-circles")] = wrong
            with pytest.raises(RedisAwayError, match="from one to the other"):
                await arrived(redis.ask("GET", "in-circles"))
            monkeypatch.undo()
            await until(lambda: redis._by_slot[slot_of(b"in-circles")] is not wrong)
            assert await arrived(redis.ask("GET", "in-circles")) is None

    run(test())


@needs_redis
def test_a_member_that_dies_is_followed_by_its_copy_and_the_others_go_on_meanwhile(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_cluster(tmp_path, "--cluster-require-full-coverage", "no", copies=1) as cluster:
        dying, copy = cluster.members[0], cluster.members[-1]
        of_dying = key_in([SlotRange(0, SLOTS // 3 - 1, ("", 0))], "of-dying-")
        of_other = key_in([SlotRange(SLOTS // 3, SLOTS - 1, ("", 0))], "of-other-")
        registry = Registry()

        async def test() -> None:
            async with client(config(cluster), registry) as redis:
                came: list[int] = []
                redis.on_up.append(lambda: came.append(1))
                await arrived(redis.ask("SET", of_dying, "1"))
                await until(lambda: copy.ask("DBSIZE") != "0")
                dying.kill()
                await until(lambda: not redis.is_whole)
                assert await arrived(redis.ask("INCR", of_other)) == 1, "the others go on"
                with pytest.raises(RedisAwayError):
                    redis._members["127.0.0.1", dying.port].begin(("GET", of_dying))
                assert redis.is_up
                await until(lambda: redis.is_whole)
                assert ("127.0.0.1", dying.port) not in redis._members
                await until(lambda: f"others have the keys of 127.0.0.1:{dying.port}" in caplog.text)
                assert await arrived(redis.ask("GET", of_dying)) == b"1"
                assert came
                dying.start()
                await until(lambda: "slave" in dying.ask("ROLE"))
                assert await arrived(redis.ask("INCR", of_dying)) == 2

        run(test())


@needs_redis
def test_a_cluster_that_is_not_there_yet_is_found_when_it_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        port = free_port()
        member = RedisServer(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(free_port()), port=port)
        places = (("127.0.0.1", 1), ("127.0.0.1", port))
        async with client(StoreConfig(cluster=places, timeout_seconds=PATIENT)) as redis:
            assert not redis.is_up
            with pytest.raises(RedisAwayError):
                await arrived(redis.ask("GET", "a"))
            try:
                member.start()
                member.ask("CLUSTER", "ADDSLOTSRANGE", "0", str(SLOTS - 1))
                await until(lambda: redis.is_whole)
                assert await arrived(redis.ask("GET", "a")) is None
            finally:
                member.kill()

    run(test())
    told = [each.getMessage() for each in caplog.records]
    assert sum("it is away" in text for text in told[:2]) == 1
    assert any("it is back" in text for text in told)


@needs_redis
def test_one_with_tls_and_users_lets_only_those_in(tmp_path: Path) -> None:
    authority, tls_port = trustme.CA(), free_port()
    ca, certificate, key = (tmp_path / name for name in ("ca.pem", "certificate.pem", "key.pem"))
    authority.cert_pem.write_to_path(ca)
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(key)
    for position, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(certificate, append=position > 0)
    arguments = [
        *("--tls-port", str(tls_port), "--tls-cluster", "yes", "--tls-ca-cert-file", str(ca)),
        *("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-auth-clients", "no"),
        *("--user", "gateway", "on", ">hunter2", "~crossgate:*"),
        *("+set", "+get", "+eval", "+evalsha", "+time", "+cluster|slots", "+asking", "+client|setname"),
    ]

    async def test() -> None:
        place = ("127.0.0.1", tls_port)
        base = StoreConfig(port=tls_port, cluster=(place,), timeout_seconds=PATIENT, client_name="gateway")
        trusts = StoreTls((str(ca),), without_system=True)
        known: dict[str, Any] = {"user": "gateway", "password": Secret("hunter2")}
        for keys in list[dict[str, Any]]([{**known, "tls": StoreTls()}, {"tls": trusts, "password": Secret("no")}]):
            async with client(replace(base, **keys)) as redis:
                assert not redis.is_up
        async with client(replace(base, **known, tls=trusts)) as redis:
            assert redis.is_whole
            kept = RedisBuckets(redis, "GET /a")
            assert (await arrived(kept.take((kept.key_of_all(),), bucket_words(bucket_of(1, 3)))))[0] == 2

    with redis_cluster(tmp_path, *arguments, primaries=1):
        run(test())


# ---- what members say


@pytest.mark.parametrize(
    "answer", [None, [], 5, [[]], [[0, 1]], [["a", 1, [b"h", 1]]], [[0, 1, [b"h"]]], [[5, 1, [b"h", 1]]], [[0, 1, 3]]]
)
def test_an_answer_that_says_of_no_slot_where_it_is_is_refused(answer: Any) -> None:
    with pytest.raises(RedisError):
        ranges_in(answer, ("asked", 1))


def test_who_does_not_know_its_own_address_is_whoever_was_asked() -> None:
    answer = [[0, 5, [b"", 7, b"id"], [b"copy", 8]], [6, 9, [None, 7]], [10, 11, [b"?", 7]], [12, 16383, [b"other", 9]]]
    found = ranges_in(answer, ("asked", 1))
    assert [each.place for each in found] == [("asked", 7)] * 3 + [("other", 9)]


@pytest.mark.parametrize(
    "text",
    ["MOVED", "MOVED 5", "MOVED a h:1", "MOVED 5 h", "MOVED 5 h:x", "MOVED 99999 h:1", "ASK 1 2 3", "MOVED 5 ä:1"],
)
def test_what_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(RedisError):
        redirected(f"MOVED{text}", ("asked", 1))


def test_where_a_key_is_is_read_from_what_a_member_says() -> None:
    assert redirected("MOVED 3999 127.0.0.1:6381", ("asked", 1)) == (3999, ("127.0.0.1", 6381))
    assert redirected("ASK 5 ::1:6381", ("asked", 1)) == (5, ("::1", 6381))
    assert redirected("MOVED 5 :6381", ("asked", 1)) == (5, ("asked", 6381))


@given(st.text(), st.text())
def test_texts_without_braces_stay_different(one: str, other: str) -> None:
    assert "{" not in without_braces(one)
    assert (without_braces(one) == without_braces(other)) == (one == other)


def test_the_script_asks_for_its_keys_alone() -> None:
    """A cluster runs what names its keys; whoever asks says all of them."""
    assert "redis.call('GET', key)" in TAKE.text
    assert TAKE.text.count("redis.call(") == 3
