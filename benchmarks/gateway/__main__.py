"""`python -m benchmarks.gateway`: measure all stacks in turn, several rounds, and print one table.

Rounds are interleaved (every stack once, then again), so that what else the machine does falls on all of them alike.
Ratios are taken within a round and the median of rounds is shown with the spread.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.gateway.comparison import compare
from benchmarks.gateway.processes import has_programs
from benchmarks.gateway.stacks import Stack, stacks
from benchmarks.gateway.table import aims, notes, table
from benchmarks.gateway.workloads import WORKLOADS


def main() -> int:
    names = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=5, help="of all measurements (5)")
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="WORKLOAD", help="these workloads")
    parser.add_argument("--stacks", nargs="*", metavar="STACK", help="these stacks; ratios need nginx")
    parser.add_argument("--krakend", metavar="PATH", help="the KrakenD to measure beside (the one on PATH, if any)")
    parser.add_argument("--output", type=Path, help="write the raw figures here, as JSON")
    options = parser.parse_args()
    if not has_programs():
        return 1
    present, absent = stacks_at_hand(options.krakend, options.stacks)
    workloads = [workload for workload in WORKLOADS if workload.name in options.only]
    results = compare(present, workloads, options.rounds, options.seconds)
    print("\n".join(["", *table(results), "", *notes(results, absent), "", *aims(results)]))
    if options.output:
        options.output.write_text(json.dumps(results.raw(), indent=1) + "\n")
    return 0


def stacks_at_hand(krakend: str | None, names: list[str] | None = None) -> tuple[list[Stack], list[str]]:
    """Those that can run here, and for each other one a sentence's beginning that says why not."""
    wanted = [stack for stack in stacks(krakend) if names is None or stack.name in names]
    absent = [f"{stack.name} ({stack.absent})" for stack in wanted if stack.absent]
    return [stack for stack in wanted if not stack.absent], absent


if __name__ == "__main__":
    sys.exit(main())
