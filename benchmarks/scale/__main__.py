"""`python -m benchmarks.scale`: what size, workers, connections and time do to the gateway, in one table.

10,000 endpoints and 1,000 CORS origins beside one; two workers beside one; 10,000 idle and 2,000 busy connections;
memory at rest, over a million requests, and while a gigabyte passes through in one body. Nothing is timed before its
answers have been checked.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from benchmarks.gateway.nginx import backend_command
from benchmarks.gateway.processes import free_port, has_programs, started, two_cores
from benchmarks.scale.connections import measure_connections
from benchmarks.scale.memory import measure_growth, measure_rest, measure_streams
from benchmarks.scale.rows import Bench, Row, table
from benchmarks.scale.size import measure_sizes
from benchmarks.scale.workers import measure_workers

PARTS = ("size", "workers", "connections", "rest", "streams", "growth")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=5, help="of all measurements (5)")
    parser.add_argument("--requests", type=int, default=1_000_000, help="over which memory must not grow (1000000)")
    parser.add_argument("--body-bytes", type=int, default=1_000_000_000, help="that pass through at once (10^9)")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS, help="these parts")
    parser.add_argument("--output", type=Path, help="write the raw figures here, as JSON")
    options = parser.parse_args()
    if not has_programs():
        return 1
    rows, raw = scale(options.only, options.rounds, options.seconds, options.requests, options.body_bytes)
    print("\n".join(["", *table(rows)]))
    if options.output:
        options.output.write_text(json.dumps(raw, indent=1) + "\n")
    return 0


def scale(
    parts: Collection[str], rounds: int, seconds: int, requests: int, body_bytes: int
) -> tuple[list[Row], dict[str, Any]]:
    """Measure these parts; their rows, and the raw figures by part."""
    ours, theirs = two_cores()
    rows: list[Row] = []
    raw: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = free_port()
        with started(backend_command(folder, port), port, folder, theirs):
            bench = Bench(folder, port, ours, theirs, seconds, rounds)
            measures = {
                "size": lambda: measure_sizes(bench),
                "workers": lambda: measure_workers(bench),
                "connections": lambda: measure_connections(bench),
                "rest": lambda: measure_rest(bench),
                "streams": lambda: measure_streams(bench, body_bytes),
                "growth": lambda: measure_growth(bench, requests),
            }
            for part in PARTS:
                if part in parts:
                    print(f"{part} …", file=sys.stderr)
                    added, raw[part] = measures[part]()
                    rows += added
    return rows, raw


if __name__ == "__main__":
    sys.exit(main())
