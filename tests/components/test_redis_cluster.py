"""What gateways share by a Redis cluster: its limits, its revocations and its cache are one, as with a single Redis."""

import json
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.model import ServiceConfig
from crossgate.redis.store import StoreConfig
from tests.support.limited_gateways import asked, tree
from tests.support.process import backend, gateway
from tests.support.redis_cluster import RedisCluster, redis_cluster
from tests.support.redis_server import needs_redis
from tests.support.waiting import wait_until

NEVER = {"max_rate": 1, "every": "24h"}
EACH = {"client_max_rate": 1, "client_capacity": 1, "every": "24h", "strategy": "header", "key": "X-Id"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def own(cluster: RedisCluster, **keys: Any) -> dict[str, Any]:
    return {"crossgate/redis": {"cluster": cluster.addresses[1:], "timeout": "10s", **keys}}


def clusters(cluster: RedisCluster) -> dict[str, Any]:
    one = {"name": "one", "addresses": cluster.addresses[:1], "max_redirects": 3}
    return {"redis": {"clusters": [one]}, **own(cluster, share=[])}


@needs_redis
def test_limits_are_shared_by_all_gateways(cluster: RedisCluster) -> None:
    for limit, expected in (
        ({**NEVER, "capacity": 4}, [502] * 4 + [503] * 5),
        ({**NEVER, "capacity": 1, **EACH, "strategy": "ip", "key": ""}, [502] + [429] * 8),
    ):
        cluster.flush()
        assert asked(tree({"qos/ratelimit/router": limit}, own(cluster)), *[{}] * 9, gateways=3) == expected
    file = tree({}, own(cluster), {"qos/ratelimit/proxy": {**NEVER, "capacity": 2}})
    assert asked(file, *[{}] * 5, gateways=2) == [502] * 2 + [503] * 3


@needs_redis
def test_each_client_has_a_bucket_of_its_own_wherever_it_is(cluster: RedisCluster) -> None:
    cluster.flush()
    clients = [{"X-Id": str(number)} for number in range(30)]
    file = tree({"qos/ratelimit/router": EACH}, own(cluster))
    assert asked(file, *clients, *clients, gateways=3) == [502] * 30 + [429] * 30
    assert all(int(each.ask("DBSIZE")) > 3 for each in cluster.primaries)


@needs_redis
def test_the_limit_of_all_is_asked_together_with_that_of_the_client(cluster: RedisCluster) -> None:
    cluster.flush()
    clients = [{"X-Id": str(number)} for number in range(5)]
    file = tree({"qos/ratelimit/router": {**NEVER, "capacity": 3, **EACH}}, own(cluster))
    assert asked(file, *clients, {"X-Id": "0"}, gateways=3) == [502] * 3 + [503] * 2 + [429]


@needs_redis
def test_enterprises_limits_name_their_cluster(cluster: RedisCluster) -> None:
    cluster.flush()
    limit = {**NEVER, "capacity": 2, "connection_name": "one"}
    file = tree({"qos/ratelimit/router/redis": limit}, clusters(cluster))
    assert asked(file, *[{}] * 4, gateways=2) == [502, 502, 503, 503]
    file = tree({}, {"qos/ratelimit/service/redis": limit, **clusters(cluster)})
    assert asked(file, *[{}] * 4, gateways=2) == [502, 502, 503, 503]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [({}, [502, 502, 503]), ({"on_failure": "allow"}, [502] * 3), ({"on_failure": "refuse"}, [503] * 3)],
)
def test_without_the_cluster_a_limit_does_what_it_was_told(keys: dict[str, str], expected: list[int]) -> None:
    service = {"crossgate/redis": {"cluster": ["127.0.0.1:1", "redis://127.0.0.1:2"], **keys}}
    assert asked(tree({"qos/ratelimit/router": {**NEVER, "capacity": 2}}, service), *[{}] * 3) == expected


@needs_redis
def test_an_answer_that_one_gateway_has_kept_another_gives(cluster: RedisCluster, tmp_path: Path) -> None:
    cluster.flush()
    headers = {"Date": formatdate(usegmt=True), "Cache-Control": "max-age=600", "Content-Type": "application/json"}
    with backend({f"/{number}": (200, headers, b"{}") for number in range(6)}) as host:
        endpoints = [
            {
                "endpoint": f"/{number}",
                "backend": [
                    {
                        "host": [host.url],
                        "url_pattern": f"/{number}",
                        "extra_config": {"qos/http-cache": {"shared": True}},
                    }
                ],
            }
            for number in range(6)
        ]
        file = tmp_path / "krakend.json"
        service = own(cluster, share=["cache"])
        file.write_text(json.dumps({"version": 3, "extra_config": service, "endpoints": endpoints}))
        with gateway(file) as one, gateway(file) as other:
            for each in (one, other):
                for number in range(6):
                    assert each.ask("GET", f"/{number}", {"Host": "api.example"})[0] == 200
                wait_until(lambda: sum(len(each.ask("KEYS", "*:cache:*").split()) for each in cluster.primaries) == 6)
        calls = 0
        while host.reached.acquire(blocking=False):
            calls += 1
        assert calls == 6


# ---- files


def loaded(service: dict[str, Any]) -> tuple[ServiceConfig | None, list[str]]:
    found = load_text(json.dumps(tree({}, service)).encode(), environ={}, components=COMPONENTS)
    assert all("hunter2" not in str(each) for each in found.diagnostics)
    return found.config, [each.code for each in found.diagnostics]


def test_a_cluster_is_what_its_members_say_and_the_first_says_who_we_are() -> None:
    urls = ["rediss://me:hunter2@a.example", "rediss://b.example:7000"]
    config, _ = loaded({"crossgate/redis": {"cluster": urls}})
    assert config is not None
    own: StoreConfig = config.components["redis"].own
    assert own.cluster == (("a.example", 6379), ("b.example", 7000))
    assert (own.user, own.password.reveal(), own.tls is not None) == ("me", "hunter2", True)


def test_enterprises_clusters_have_what_its_pools_have() -> None:
    one = {"name": "one", "addresses": ["a.example:1"], "user_name": "me", "tls": {}, "read_only": False}
    config, codes = loaded({"redis": {"clusters": [one]}, "crossgate/redis": {"address": "b", "timeout": "7s"}})
    assert config is not None
    assert "CFG405" not in codes
    store: StoreConfig = config.components["redis"].by_name["one"]
    assert (store.cluster, store.user, store.tls is not None, store.timeout_seconds) == (
        (("a.example", 1),),
        "me",
        True,
        7,
    )


@pytest.mark.parametrize(
    "service",
    [
        {"crossgate/redis": {"cluster": []}},
        {"crossgate/redis": {"cluster": "a"}},
        {"crossgate/redis": {"cluster": ["a b"]}},
        {"crossgate/redis": {"cluster": ["a"], "url": "redis://b"}},
        {"crossgate/redis": {"cluster": ["redis://a", "rediss://b"]}},
        {"crossgate/redis": {"cluster": ["unix:///a"]}},
        {"crossgate/redis": {"cluster": ["redis://me:hunter2@a/1"]}},
        {"crossgate/redis": {"cluster": ["a"], "database": 1}},
        {"crossgate/redis": {"cluster": ["a"], "prefix": "{one}:"}},
        {"redis": {"clusters": [{"name": "one"}]}},
        {"redis": {"clusters": [{"name": "one", "addresses": []}]}},
        {"redis": {"clusters": [{"name": "one", "addresses": ["a b"]}]}},
        {"redis": {"clusters": [{"addresses": ["a"]}]}},
        {"redis": {"clusters": ["one"]}},
        {"redis": {"clusters": [{"name": "one", "addresses": ["a"], "adresses": ["b"]}]}},
        {
            "redis": {
                "clusters": [{"name": "one", "addresses": ["a"]}],
                "connection_pools": [{"name": "one", "address": "b"}],
            }
        },
    ],
)
def test_a_cluster_that_is_not_said_right_does_not_start(service: dict[str, Any]) -> None:
    assert "CFG406" in loaded(service)[1]
