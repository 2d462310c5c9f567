"""`python -m benchmarks.gateway`: measure all stacks in turn, several rounds, and print one table.

Rounds are interleaved (every stack once, then again), so that what else the machine does falls on all of them alike.
Ratios are taken within a round and the median of rounds is shown with the spread.
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from benchmarks.gateway.access_logs import check_logged
from benchmarks.gateway.measure import Measurement, measure
from benchmarks.gateway.processes import free_port, has_programs, output_of, started, two_cores
from benchmarks.gateway.stacks import Ports, Stack, backend_command, stacks
from benchmarks.gateway.workloads import BODY, WORKLOADS, Workload, check

Results = dict[tuple[str, str], list[Measurement]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=5, help="of all measurements (5)")
    parser.add_argument("--access-logs", action="store_true", help="on everywhere instead of off everywhere")
    parser.add_argument("--only", nargs="*", help="these workloads")
    parser.add_argument("--stacks", nargs="*", help="these stacks; ratios need nginx")
    parser.add_argument("--output", type=Path, help="write the raw figures here, as JSON")
    options = parser.parse_args()
    if not has_programs():
        return 1
    ours, theirs = two_cores()
    print("one core only" if ours is None else f"stacks on core {ours}, backend and wrk on core {theirs}")
    workloads = [workload for workload in WORKLOADS if not options.only or workload.name in options.only]
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        backend = free_port()
        running.enter_context(started(backend_command(folder, backend, BODY), backend, folder, theirs))
        present: list[tuple[Stack, int, int]] = []
        for stack in stacks():
            if options.stacks and stack.name not in options.stacks:
                continue
            if stack.absent:
                print(f"{stack.name} is left out: {stack.absent}")
                continue
            port = free_port()
            command = stack.command(folder, Ports(backend, port), options.access_logs)
            pid = running.enter_context(started(command, port, folder, ours))
            for workload in workloads:
                if workload.name in stack.workloads:
                    check(workload, port)
            present.append((stack, port, pid))
        results = run_rounds(present, workloads, options.rounds, options.seconds, theirs, folder / "wrk.lua")
        for stack, port, _ in present:
            log = folder / stack.access_log if stack.access_log else output_of(folder, port)
            requests = sum(one.requests for (name, _), many in results.items() if name == stack.name for one in many)
            check_logged(stack.name, log, requests, wanted=options.access_logs)
    print_table(results, workloads, [stack.name for stack, _, _ in present])
    if options.output:
        raw = {f"{stack}/{workload}": [asdict(one) for one in many] for (stack, workload), many in results.items()}
        options.output.write_text(
            json.dumps({"access_logs": options.access_logs, "measurements": raw}, indent=1) + "\n"
        )
    return 0


def run_rounds(
    present: list[tuple[Stack, int, int]],
    workloads: list[Workload],
    rounds: int,
    seconds: int,
    core: int | None,
    script: Path,
) -> Results:
    results: Results = defaultdict(list)
    for number in range(rounds):
        for workload in workloads:
            for stack, port, pid in present:
                if workload.name in stack.workloads:
                    results[stack.name, workload.name].append(measure(workload, port, pid, seconds, core, script))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return results


def print_table(results: Results, workloads: list[Workload], names: list[str]) -> None:
    """A row for each stack and workload: rates, and ratios to nginx by throughput and by processor time."""
    print("\n| workload | stack | requests/s | × nginx | spread | × nginx by CPU time | µs CPU | p99 ms | RSS MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for workload in workloads:
        base = results.get(("nginx", workload.peer or workload.name), [])
        for name in names:
            own = results.get((name, workload.name))
            if not own:
                continue
            rates = [one.per_second / other.per_second for one, other in zip(own, base, strict=True)]
            by_cpu = [other.cpu_us / one.cpu_us for one, other in zip(own, base, strict=True)]
            print(
                f"| {workload.name} | {name} | {_median(own, 'per_second'):.0f} | {statistics.median(rates):.2f} |"
                f" {min(rates):.2f}–{max(rates):.2f} | {statistics.median(by_cpu):.2f} | {_median(own, 'cpu_us'):.1f} |"
                f" {_median(own, 'p99_ms'):.1f} | {_median(own, 'rss_mb'):.0f} |"
            )


def _median(measurements: list[Measurement], name: str) -> float:
    return statistics.median(getattr(one, name) for one in measurements)


if __name__ == "__main__":
    sys.exit(main())
