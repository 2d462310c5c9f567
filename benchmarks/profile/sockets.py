"""What a request takes with sockets: of the kernel and the event loop, of the gateway itself, and of the two together.

Measured under one load, in turn: crossgate, and a gateway that does nothing but read and write (null_gateway.py).
"""

import contextlib
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.gateway.measure import measure
from benchmarks.gateway.nginx import backend_command
from benchmarks.gateway.processes import free_port, started, two_cores
from benchmarks.gateway.requests import Ring
from benchmarks.gateway.stacks import Place, crossgate_command
from benchmarks.gateway.workloads import Workload
from benchmarks.profile import null_gateway

HEADING = [
    "| workload | µs CPU | kernel and event loop | the gateway's own, in process | what each costs the other |",
    "|---|---|---|---|---|",
]


def asked(workloads: Sequence[Workload]) -> list[Workload]:
    """Those whose requests differ in no more than their targets: a gateway that does nothing cannot log."""
    return [workload for workload in workloads if workload.can_be_paced and not workload.has_logs]


def with_sockets(workloads: Sequence[Workload], rounds: int, seconds: int) -> dict[str, tuple[float, float]]:
    """By workload: the least processor time of a request in crossgate, and in the gateway that does nothing, in µs."""
    ours, theirs = two_cores()
    least: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)  # where root runs this, nginx's worker is somebody else
        backend, port = free_port(), free_port()
        running.enter_context(started(backend_command(folder, backend), backend, folder, theirs))
        place = Place(folder, port, backend)
        gateway = (port, running.enter_context(started(crossgate_command(place, sys.executable), port, folder, ours)))
        nothing: dict[int, tuple[int, int]] = {}
        for calls in {len(workload.calls) for workload in workloads}:
            port = free_port()
            command = [sys.executable, null_gateway.__file__, *map(str, (port, backend, calls))]
            nothing[calls] = (port, running.enter_context(started(command, port, folder, ours)))
        for _ in range(rounds):
            for workload in workloads:
                requests, turns = workload.make_requests(), (gateway, nothing[len(workload.calls)])
                for (port, pid), figures in zip(turns, least[workload.name], strict=True):
                    figures.append(measure(Ring(requests), port, pid, seconds, theirs, folder).cpu_us)
    return {name: (min(whole), min(floor)) for name, (whole, floor) in least.items()}


def table(measured: Mapping[str, tuple[float, float]], in_process_us: Mapping[str, float]) -> list[str]:
    """Lines. The last column is what remains: two programs in turn find each other's data in the caches."""
    return [
        f"| {name} | {whole:.1f} | {floor:.1f} | {own:.1f} | {whole - floor - own:.1f} |"
        for name, (whole, floor) in measured.items()
        if (own := in_process_us[name])
    ]
