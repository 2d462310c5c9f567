"""Two workers beside one, nobody bound to a core: backend, wrk and workers share what cores there are.

So a second worker cannot double the rate where there are two cores; what these cores could carry at most, by the
processor time that one request takes of everybody, is shown beside it.
"""

import contextlib
import os
import statistics
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchmarks.gateway.measure import Measurement, cpu_seconds, family, measure
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.stacks import Ports, stacks
from benchmarks.gateway.workloads import WORKLOADS, Workload, check
from benchmarks.scale.rows import Bench, Row

COUNTS = (1, 2)
CONNECTIONS = 64  # the kernel deals them out to workers by chance: many even that out
ASKED = [replace(one, connections=CONNECTIONS) for one in WORKLOADS if one.name in ("proxy", "json", "preflight")]


@dataclass(frozen=True, slots=True)
class Shared:
    """A measurement, and the processor time that a request took of the backend."""

    measured: Measurement
    backend_cpu_us: float

    @property
    def most_per_second(self) -> float:
        """What all cores could carry, were they always busy."""
        everybody_us = self.measured.cpu_us + self.measured.asking_cpu_us + self.backend_cpu_us
        return len(os.sched_getaffinity(0)) * 1e6 / everybody_us


def gateway_command(bench: Bench, port: int, count: int) -> list[str]:
    """How to start the gateway that the comparison with others starts, with so many workers; 0: one process alone."""
    folder = bench.folder / f"workers-{port}"
    folder.mkdir()
    crossgate = next(stack for stack in stacks() if stack.name == "crossgate")
    command = crossgate.command(folder, Ports(bench.backend, port), False)
    return [*command, "--workers", str(count)] if count else command


def measure_workers(bench: Bench) -> tuple[list[Row], dict[str, Any]]:
    """Rows, and raw figures by number of workers and workload."""
    results: dict[tuple[int, str], list[Shared]] = defaultdict(list)
    with contextlib.ExitStack() as running:
        present = []
        for count in COUNTS:
            port = free_port()
            command = gateway_command(bench, port, count)
            pid = running.enter_context(started(command, port, bench.folder, None))
            for workload in ASKED:
                check(workload, port)
            present.append((count, port, pid))
        for _ in range(bench.rounds):
            for workload in ASKED:
                for count, port, pid in present:
                    results[count, workload.name].append(_measure_shared(bench, workload, port, pid))
    rows = [_row(count, workload.name, results) for workload in ASKED for count in COUNTS]
    return rows, {f"{count}/{name}": [asdict(one) for one in many] for (count, name), many in results.items()}


def _measure_shared(bench: Bench, workload: Workload, port: int, pid: int) -> Shared:
    backend = family(bench.backend_pid)
    before = cpu_seconds(backend)
    measured = measure(workload, port, pid, bench.seconds, None, bench.folder / "wrk.lua")
    return Shared(measured, (cpu_seconds(backend) - before) / measured.requests * 1e6)


def _row(count: int, workload: str, results: dict[tuple[int, str], list[Shared]]) -> Row:
    own = [one.measured for one in results[count, workload]]
    base = [one.measured for one in results[COUNTS[0], workload]]
    gains = [one.per_second / other.per_second for one, other in zip(own, base, strict=True)]
    by_cpu = [one.cpu_us / other.cpu_us for one, other in zip(own, base, strict=True)]
    most = statistics.median(one.most_per_second for one in results[COUNTS[0], workload])
    one_rate = statistics.median(one.per_second for one in base)
    is_base = count == COUNTS[0]
    return Row(
        part=workload,
        case=f"{count} worker{'' if count == 1 else 's'}",
        per_second=f"{statistics.median(one.per_second for one in own):.0f}",
        compared="" if is_base else f"rate {statistics.median(gains):.2f}",
        spread="" if is_base else f"{min(gains):.2f}–{max(gains):.2f}",
        by_cpu="" if is_base else f"{statistics.median(by_cpu):.2f}",
        cpu_us=f"{statistics.median(one.cpu_us for one in own):.1f}",
        megabytes=f"{own[-1].rss_mb:.0f}",
        aim="" if is_base else f"these cores carry at most {most / one_rate:.2f}",
    )
