"""All stacks beside each other: started, checked, measured in turn, round after round."""

import contextlib
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.gateway.access_logs import check_logged
from benchmarks.gateway.checks import check_calls, check_stack
from benchmarks.gateway.measure import Measurement, measure
from benchmarks.gateway.nginx import backend_command
from benchmarks.gateway.paced import SHARE_OF_CAPACITY, has_pacer, measure_p99_ms
from benchmarks.gateway.processes import free_port, output_of, started, two_cores
from benchmarks.gateway.requests import Ring
from benchmarks.gateway.stacks import BASE, Place, Stack
from benchmarks.gateway.witness import witness_at
from benchmarks.gateway.workloads import Workload

PACED_SECONDS = 1


@dataclass(slots=True)
class Results:
    """Of each workload's name and stack's name: a measurement of each round, and p99 at a steady rate."""

    measured: dict[tuple[str, str], list[Measurement]] = field(default_factory=lambda: defaultdict(list))
    p99_ms: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def median(self, workload: str, stack: str, name: str) -> float:
        """Of a figure of the measurements."""
        return float(statistics.median(getattr(one, name) for one in self.measured[workload, stack]))

    def raw(self) -> dict[str, Any]:
        """All figures, for JSON."""
        return {
            f"{workload}/{stack}": {
                "measured": [asdict(one) for one in many],
                "p99_ms": self.p99_ms.get((workload, stack), []),
            }
            for (workload, stack), many in self.measured.items()
        }


@dataclass(frozen=True, slots=True)
class _Instance:
    """A stack that runs; one and the same may run twice, with access logs and without."""

    stack: Stack
    place: Place
    pid: int


def takes_part(stack: Stack, workload: Workload) -> bool:
    """Whether a row is of use: ratios need nginx everywhere; proxies that only pass on need not be shown four times."""
    return workload.has_peers or stack.is_gateway or stack.name == BASE


def compare(stacks: Sequence[Stack], workloads: Sequence[Workload], rounds: int, seconds: int) -> Results:
    """Raise AssertionError or RuntimeError if an answer is wrong, before anything is timed or while it is."""
    ours, theirs = two_cores()
    results = Results()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)  # where root runs this, nginx's worker is somebody else
        backend = free_port()
        with witness_at(backend) as witness:
            instances = [
                running.enter_context(_started(stack, folder, backend, logs=logs, everything=everything, core=ours))
                for stack in stacks
                for logs, everything in sorted({_kind(one) for one in workloads if takes_part(stack, one)})
            ]
            for workload, instance in _turns(workloads, instances):
                check_calls(instance.stack, workload, instance.place.port, witness)
        running.enter_context(started(backend_command(folder, backend), backend, folder, theirs))
        for workload, instance in _turns(workloads, instances):
            check_stack(instance.stack, workload, instance.place.port)
        _measure_rounds(_turns(workloads, instances), results, rounds, seconds, theirs, folder)
        for instance in instances:
            _check_logs(instance, workloads, results)
    return results


@contextlib.contextmanager
def _started(
    stack: Stack, folder: Path, backend: int, *, logs: bool, everything: bool, core: int | None
) -> Iterator[_Instance]:
    port = free_port()
    own = folder / f"{port}"
    own.mkdir()
    place = Place(own, port, backend, logs, everything)
    with started(stack.command(place), port, own, core) as pid:
        yield _Instance(stack, place, pid)


def _turns(workloads: Sequence[Workload], instances: Sequence[_Instance]) -> list[tuple[Workload, _Instance]]:
    return [
        (workload, instance)
        for workload in workloads
        for instance in instances
        if takes_part(instance.stack, workload) and _is_for(instance.place, workload)
    ]


def _kind(workload: Workload) -> tuple[bool, bool]:
    return workload.has_logs, workload.has_everything


def _is_for(place: Place, workload: Workload) -> bool:
    return (place.access_logs, place.everything) == _kind(workload)


def _measure_rounds(
    turns: Sequence[tuple[Workload, _Instance]],
    results: Results,
    rounds: int,
    seconds: int,
    core: int | None,
    folder: Path,
) -> None:
    requests = {workload.name: workload.make_requests() for workload, _ in turns}
    rings = {(workload.name, instance.pid): Ring(requests[workload.name]) for workload, instance in turns}
    for number in range(rounds):
        for workload, instance in turns:
            key, port = (workload.name, instance.stack.name), instance.place.port
            ring = rings[workload.name, instance.pid]
            measured = measure(ring, port, instance.pid, seconds, core, folder, connections=workload.connections)
            results.measured[key].append(measured)
            if workload.can_be_paced and has_pacer():
                rate = SHARE_OF_CAPACITY * results.median(*key, "per_second")
                taken = measure_p99_ms(requests[workload.name], port, rate, PACED_SECONDS, core, folder)
                results.p99_ms[key].append(taken)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)


def _check_logs(instance: _Instance, workloads: Sequence[Workload], results: Results) -> None:
    place, stack = instance.place, instance.stack
    log = place.folder / stack.access_log if stack.access_log else output_of(place.folder, place.port)
    mine = [workload.name for workload in workloads if _is_for(place, workload)]
    count = sum(one.requests for name in mine for one in results.measured.get((name, stack.name), []))
    check_logged(stack.name, log, count, wanted=place.access_logs)
