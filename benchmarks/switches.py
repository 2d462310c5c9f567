"""`python -m benchmarks.switches`: what each switch of logs, metrics, traces and limits adds to a request, in process.

Gateways with one switch each and one with none are asked the same in turns, one after another; what a switch costs is
the median, over all rounds, of the difference between its turn and the one of the gateway without any. Times are those
of the thread that answers; what a collector is sent is made in another, whose time for a span has a row of its own. It
takes half a minute.
"""

import argparse
import asyncio
import contextlib
import io
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

import uvloop
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from benchmarks.gateway.krakend_file import krakend_file
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.profile.__main__ import answer_of
from benchmarks.profile.in_process import BACKEND, wired
from crossgate.components.opentelemetry import export, wire
from crossgate.components.opentelemetry.span import CLIENT, Span
from crossgate.gateway.access_log import MAX_PENDING_LINES

ROUNDS = 60
REQUESTS_A_TURN = MAX_PENDING_LINES  # so that the lines of each turn are written in it
HEADING = ["| switch | µs a request | of the whole |", "|---|---|---|"]
_OFF = "none"
_TELEMETRY = "telemetry/opentelemetry"


def _traced(rate: float) -> dict[str, Any]:
    exporter = {"name": "c", "host": "127.0.0.1", "port": 9, "disable_metrics": True}
    return {_TELEMETRY: {"trace_sample_rate": rate, "exporters": {"otlp": [exporter]}}}


def _for_prometheus(port: int) -> dict[str, Any]:
    return {_TELEMETRY: {"exporters": {"prometheus": [{"name": "p", "listen_ip": "127.0.0.1", "port": port}]}}}


SWITCHES: dict[str, dict[str, Any]] = {
    _OFF: {},
    "access log, gin's form": {"router": {}},
    "access log, JSON": {"router": {}, "crossgate/log": {"access": "json", "request_id_header": ""}},
    "request ids": {"crossgate/log": {}},
    "crossgate/metrics": {"crossgate/metrics": {"listen": "127.0.0.1:19191"}},
    "telemetry/metrics (/__stats)": {"telemetry/metrics": {"listen_address": "127.0.0.1:19192"}},
    f"{_TELEMETRY}, prometheus": _for_prometheus(19193),
    f"{_TELEMETRY}, tracing 0 %": _traced(0),
    f"{_TELEMETRY}, tracing 1 %": _traced(0.01),
    f"{_TELEMETRY}, tracing 100 %": _traced(1),
    "crossgate/overload": {"crossgate/overload": {"max_in_flight": 100}},
    "crossgate/overload, adaptive": {"crossgate/overload": {"adaptive": True}},
}
_PLENTY = 10_000_000
_CACHED = "qos/http-cache, from the cache"
_FORBIDDEN = "qos/http-cache, from the backend, not to be kept"
_SAID = {_CACHED: b"max-age=3000000000", _FORBIDDEN: b"no-store"}  # its Cache-Control
AT_ENDPOINT: dict[str, dict[str, Any]] = {
    "qos/ratelimit/router, all clients": {"qos/ratelimit/router": {"max_rate": _PLENTY}},
    "qos/ratelimit/router, each client": {"qos/ratelimit/router": {"client_max_rate": _PLENTY, "strategy": "ip"}},
}
AT_BACKEND: dict[str, dict[str, Any]] = {
    "qos/ratelimit/proxy": {"qos/ratelimit/proxy": {"max_rate": _PLENTY}},
    "qos/circuit-breaker": {"qos/circuit-breaker": {"max_errors": 5}},
    "qos/http-cache, from the backend, and kept": {"qos/http-cache": {}},
    _FORBIDDEN: {"qos/http-cache": {}},
    _CACHED: {"qos/http-cache": {}},
}


def file_with(
    service: dict[str, Any], endpoint: dict[str, Any] | None = None, backend: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The configuration of *typical* alone, with these namespaces at the service, its endpoint and its backend."""
    file = krakend_file(8080, BACKEND, {"jwk_url": "https://localhost/"})
    file["extra_config"] |= {"crossgate/log": {"request_id_header": ""}} | service
    file["endpoints"] = [one for one in file["endpoints"] if one["endpoint"] == "/users/{id}"]
    if endpoint is not None:
        file["endpoints"][0].setdefault("extra_config", {}).update(endpoint)
    if backend is not None:
        file["endpoints"][0]["backend"][0].setdefault("extra_config", {}).update(backend)
    return file


async def turns_of(
    stack: AsyncExitStack, files: Mapping[str, dict[str, Any]], kept: frozenset[str] = frozenset()
) -> dict[str, Callable[[], None]]:
    """What has each gateway answer the next request of *typical*.

    With those that are `kept`, the backend answers once and permits to keep it; the gateway answers all that follow.
    """
    workload = next(workload for workload in WORKLOADS if workload.name == "typical")
    requests = [request.text() for request in workload.make_requests()]
    answer = answer_of(workload)
    turns: dict[str, Callable[[], None]] = {}
    for name, file in files.items():
        gateway = await stack.enter_async_context(wired(file))
        is_kept = name in kept
        mine = [requests[-1].replace(b"Cache-Control: no-cache\r\n", b"")] if is_kept else requests
        given = _saying(_SAID[name], answer) if name in _SAID else answer
        first = await gateway.warm(mine[-1], given, 1)
        assert first.endswith(workload.expected), first
        turns[name] = gateway.repeat(mine, given, 0 if is_kept else 1)
    return turns


async def costs(
    rounds: int, files: Mapping[str, dict[str, Any]], kept: frozenset[str] = frozenset()
) -> tuple[float, dict[str, float]]:
    """Microseconds of a request with the first file, and what each other adds to it."""
    taken: dict[str, list[float]] = {name: [] for name in files}
    with contextlib.redirect_stdout(io.StringIO()):  # there go access logs
        async with AsyncExitStack() as stack:
            turns = await turns_of(stack, files, kept)
            for _ in range(rounds):
                for name, once in turns.items():
                    taken[name].append(_turn_us(once))
    without = taken.pop(next(iter(files)))
    added = {name: median(one - base for one, base in zip(mine, without, strict=True)) for name, mine in taken.items()}
    return median(without), added


def _saying(cache_control: bytes, answer: bytes) -> bytes:
    return answer.replace(b"\r\n\r\n", b"\r\nCache-Control: %b\r\n\r\n" % cache_control, 1)  # it has a Date


def _turn_us(once: Callable[[], None]) -> float:
    begin = time.thread_time_ns()
    for _ in range(REQUESTS_A_TURN):
        once()
    return (time.thread_time_ns() - begin) / REQUESTS_A_TURN / 1000


def span_us(rounds: int) -> float:
    """Microseconds that the sending thread takes for a span, but for the network."""
    attributes = {"http.route": "/users/:id", "http.request.method": "GET", "url.full": "http://a.example/users/7"}
    spans = [Span("/users/:id", CLIENT, 1, 1, 2, 1, 2, attributes, True)] * export.BATCH
    resource = wire.resource_of({"service.name": "a"})

    def once() -> float:
        begin = time.thread_time_ns()
        encode_spans(wire.readable_spans(spans, resource)).SerializeToString()
        return (time.thread_time_ns() - begin) / len(spans) / 1000

    return min(once() for _ in range(rounds))


def _forget(collector: export.Export) -> None:
    """In the place of sending: gateways are asked here a hundred times faster than any collector takes spans."""
    while not collector._ending:
        collector._wake.wait()
        collector._wake.clear()
        collector._hurry.wait(export.GATHER_SECONDS)
        collector._hurry.clear()
        collector._waiting.clear()


def switches(rounds: int) -> list[str]:
    """The table."""
    logging.getLogger("crossgate").setLevel(logging.CRITICAL)
    send, export.Export._run = export.Export._run, _forget  # type: ignore[method-assign]
    try:
        files = {name: file_with(extra) for name, extra in SWITCHES.items()}
        files |= {name: file_with({}, extra) for name, extra in AT_ENDPOINT.items()}
        files |= {name: file_with({}, None, extra) for name, extra in AT_BACKEND.items()}
        whole, added = asyncio.Runner(loop_factory=uvloop.new_event_loop).run(
            costs(rounds, files, frozenset((_CACHED,)))
        )
    finally:
        export.Export._run = send  # type: ignore[method-assign]
    cached = whole + added.pop(_CACHED)
    rows = [f"| {name} | {us:.1f} | {us / whole:.0%} |" for name, us in added.items()]
    rows.append(f"| {_CACHED} (the whole request) | {cached:.1f} | {cached / whole:.0%} |")
    sending = f"| sending a span, in a thread of its own | {span_us(20):.1f} a span | |"
    return [*HEADING, f"| {_OFF} (the whole request) | {whole:.1f} | |", *rows, sending]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.switches", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of turns of each gateway ({ROUNDS})")
    print("\n".join(switches(parser.parse_args(arguments).rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
