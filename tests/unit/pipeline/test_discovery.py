"""Hosts found by DNS SRV: gateway.md section 1.5."""

from collections.abc import Sequence

import pytest

from crossgate.config.model import RouterConfig, UpstreamConfig
from crossgate.pipeline.discovery import SrvRecord, hosts_of
from tests.support.pipeline import Backend, Gateway, backend, endpoint, service


def record(target: str, priority: int = 1, weight: int = 0, port: int = 80) -> SrvRecord:
    return SrvRecord(priority, weight, port, target)


def test_hosts_of_the_lowest_priority_are_repeated_by_weight() -> None:
    records = [record("a", 1, 20), record("b", 1, 10, 81), record("c", 2, 90), record("d", 1, 0)]
    authorities = [host.authority for host in hosts_of(records, "http")]
    assert authorities == ["a:80"] * 20 + ["b:81"] * 10 + ["d:80"]
    assert [host.authority for host in hosts_of(records[:2], "https")] == ["a:80", "a:80", "b:81"]
    assert hosts_of([], "http") == []


def gateway(resolve: object, **keys: object) -> Gateway:
    config = service(
        endpoint("/e", backend(hosts=("_api._tcp.example",), sd="dns", sd_scheme="https"), output_encoding="no-op"),
        upstream=UpstreamConfig(dns_cache_ttl_seconds=5.0),
        router=RouterConfig(return_error_msg=True),
    )
    return Gateway(config, Backend(), resolve_srv=resolve, **keys)


def test_names_are_looked_up_at_the_start_and_every_ttl_never_by_a_request() -> None:
    asked: list[str] = []
    answers: list[Sequence[SrvRecord] | Exception] = [[record("a.")], OSError("no answer"), [record("b", port=8)]]

    async def resolve(name: str) -> Sequence[SrvRecord]:
        asked.append(name)
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    built = gateway(resolve)
    assert asked == ["_api._tcp.example"]
    assert built.get().status == 200
    built.pass_time(5.1)
    assert built.get().status == 200
    assert "no answer" in built.log[0]
    built.pass_time(5.1)
    assert built.get().status == 200
    assert len(asked) == 3
    assert [(call.scheme, call.authority) for call in built.backend.calls] == [
        ("https", "a:80"),
        ("https", "a:80"),
        ("https", "b:8"),
    ]


def test_without_records_or_resolver_there_are_no_hosts() -> None:
    async def nothing(_: str) -> Sequence[SrvRecord]:
        return []

    assert gateway(nothing).get().body == b"no hosts available"
    without = gateway(None)
    assert without.get().body == b"no hosts available"
    assert "no resolver" in without.log[0]


@pytest.mark.parametrize("ttl", [0.0, 0.5, -1.0])
def test_ttl_below_a_second_is_ignored(ttl: float) -> None:
    asked: list[str] = []

    async def resolve(name: str) -> Sequence[SrvRecord]:
        asked.append(name)
        return [record("a")]

    config = service(
        endpoint("/e", backend(hosts=("name",), sd="dns")), upstream=UpstreamConfig(dns_cache_ttl_seconds=ttl)
    )
    built = Gateway(config, resolve_srv=resolve)
    built.pass_time(29)
    assert len(asked) == 1
    built.pass_time(2)
    assert len(asked) == 2
