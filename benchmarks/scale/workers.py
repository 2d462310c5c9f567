"""Two workers beside one, nobody bound to a core: backend, wrk and workers share what cores there are.

Workers share nothing on a request's way, so that a request should take each of them as long as it takes one alone.
Whether a second one doubles the rate is a question of how many cores are left for it: where there are two, wrk and the
backend need theirs too.
"""

import contextlib
import socket
import statistics
from collections import defaultdict
from dataclasses import asdict
from typing import Any

from benchmarks.gateway.checks import check
from benchmarks.gateway.measure import Measurement, family, measure
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.requests import Ring
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.scale.rows import Bench, Row, gateway_command, verdict
from benchmarks.scale.sockets import connections_of

COUNTS = (1, 2)
CONNECTIONS = 64  # the kernel deals them out to workers by chance: many even that out
DEALT = 1000
LEAST_SHARE = 0.4
ASKED = [one for one in WORKLOADS if one.name in ("typical", "json", "preflight")]


def measure_workers(bench: Bench) -> tuple[list[Row], dict[str, Any]]:
    """Rows, and raw figures by number of workers and workload, and each worker's connections."""
    results: dict[tuple[int, str], list[Measurement]] = defaultdict(list)
    with contextlib.ExitStack() as running:
        present = []
        for count in COUNTS:
            port = free_port()
            command = gateway_command(bench, port, count)
            pid = running.enter_context(started(command, port, bench.folder, None))
            rings = {}
            for workload in ASKED:
                requests = workload.make_requests()
                check(requests[0], port, workload.expected)
                rings[workload.name] = Ring(requests)
            present.append((count, port, pid, rings))
        for _ in range(bench.rounds):
            for workload in ASKED:
                for count, port, pid, rings in present:
                    ring = rings[workload.name]
                    taken = measure(ring, port, pid, bench.seconds, None, bench.folder, connections=CONNECTIONS)
                    results[count, workload.name].append(taken)
        shares = deal(port, pid)
    rows = [_row(count, workload.name, results) for workload in ASKED for count in COUNTS]
    raw = {f"{count}/{name}": [asdict(one) for one in many] for (count, name), many in results.items()}
    return [*rows, _share_row(shares)], {**raw, "connections": shares}


def deal(port: int, pid: int) -> list[int]:
    """How many of a thousand connections each worker gets; only once they are all taken is there an answer."""
    with contextlib.ExitStack() as opened:
        for _ in range(DEALT):
            one = opened.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            one.sendall(b"GET /__health HTTP/1.1\r\nHost: it\r\n\r\n")
            one.recv(4096)
        return [count for member in family(pid) if (count := connections_of(member, port))]


def _share_row(shares: list[int]) -> Row:
    least = min(shares) / sum(shares)
    return Row(
        part="connections",
        case=f"{sum(shares)}, dealt out to {len(shares)} workers",
        compared=" and ".join(f"{count / sum(shares):.0%}" for count in shares),
        aim=verdict(f"each ≥ {LEAST_SHARE:.0%}", met=len(shares) == COUNTS[-1] and least >= LEAST_SHARE),
    )


def _row(count: int, workload: str, results: dict[tuple[int, str], list[Measurement]]) -> Row:
    own, base = results[count, workload], results[COUNTS[0], workload]
    costs = [one.cpu_us / other.cpu_us for one, other in zip(own, base, strict=True)]
    is_base = count == COUNTS[0]
    return Row(
        part=workload,
        case=f"{count} worker{'' if count == 1 else 's'}",
        cpu_us=f"{statistics.median(one.cpu_us for one in own):.1f}",
        compared="" if is_base else f"cost {statistics.median(costs):.2f}",
        spread="" if is_base else f"{min(costs):.2f}–{max(costs):.2f}",
        per_second=f"{statistics.median(one.per_second for one in own):.0f}",
        megabytes=f"{own[-1].rss_mb:.0f}",
    )
