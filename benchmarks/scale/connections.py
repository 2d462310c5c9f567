"""What many connections cost one process: ten thousand that have nothing to say, and two thousand that all ask."""

import contextlib
import socket
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from benchmarks.gateway.checks import check
from benchmarks.gateway.measure import Measurement, measure, rss_mb
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.requests import Request, Ring
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.scale.rows import Bench, Row, gateway_command, verdict
from benchmarks.scale.sockets import connections_of, most_connections

IDLE = 10_000
BUSY = 2000
FEW = 32
MOST_COST = 1.5
FEW_NAME = f"{FEW} busy"


def measure_connections(bench: Bench) -> tuple[list[Row], dict[str, Any]]:
    """Rows, and raw figures: `typical` over few connections, over many, and over few beside many idle ones."""
    idle, busy = most_connections(IDLE), min(BUSY, most_connections(BUSY))
    asked = next(workload for workload in WORKLOADS if workload.name == "typical")
    requests = asked.make_requests()
    beside, many = f"{FEW} busy, {idle:,} idle", f"{busy:,} busy"
    kept = f"{many}, all connections to the backend kept"
    results: dict[str, list[Measurement]] = defaultdict(list)
    ring = Ring(requests)

    def take(name: str, connections: int) -> None:
        taken = measure(ring, port, pid, bench.seconds, bench.theirs, bench.folder, connections=connections)
        results[name].append(taken)

    port = free_port()
    with started(gateway_command(bench, port, 0), port, bench.folder, bench.ours) as pid:
        check(requests[0], port, asked.expected)
        for _ in range(bench.rounds):
            take(FEW_NAME, FEW)
            with idle_connections(requests[0], port, idle):
                assert connections_of(pid, port) >= idle, "some were closed"
                take(beside, FEW)
            take(many, busy)
        after = rss_mb(pid)
    port = free_port()
    # KrakenD's default keeps 250 idle connections to a backend: with more calls at once, most open one of their own.
    command = gateway_command(bench, port, 0, max_idle_connections_per_host=busy)
    with started(command, port, bench.folder, bench.ours) as pid:
        check(requests[0], port, asked.expected)
        for _ in range(bench.rounds):
            take(kept, busy)
    rows = [_row(name, results) for name in (FEW_NAME, beside, many, kept)]
    return rows, {"after_mb": after} | {name: [asdict(one) for one in taken] for name, taken in results.items()}


@contextlib.contextmanager
def idle_connections(request: Request, port: int, count: int) -> Iterator[None]:
    """Each has had one answer, and is kept open for as long as the block lasts."""
    text = request.text()
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            one = opened.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            one.sendall(text)
            assert one.recv(4096).startswith(b"HTTP/1.1 200 "), "no answer"
        yield


def _row(name: str, results: dict[str, list[Measurement]]) -> Row:
    own, base = results[name], results[FEW_NAME]
    costs = [one.cpu_us / other.cpu_us for one, other in zip(own, base, strict=True)]
    cost = statistics.median(costs)
    is_base = name == FEW_NAME
    return Row(
        part="connections",
        case=name,
        cpu_us=f"{statistics.median(one.cpu_us for one in own):.1f}",
        compared="" if is_base else f"cost {cost:.2f}",
        spread="" if is_base else f"{min(costs):.2f}–{max(costs):.2f}",
        per_second=f"{statistics.median(one.per_second for one in own):.0f}",
        megabytes=f"{own[0].rss_mb:.0f}",  # later rounds have what the others left behind
        aim="" if is_base else verdict(f"cost ≤ {MOST_COST}", met=cost <= MOST_COST),
    )
