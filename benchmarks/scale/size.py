"""What many endpoints and many CORS origins cost beside one, over sockets.

Every other endpoint has a parameter, so "one" is one of each kind. Requests go round 500 endpoints, or 500 origins.
"""

import contextlib
import json
import statistics
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.gateway.measure import Measurement
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.workloads import Workload
from benchmarks.scale.ring import check_ring, measure_ring
from benchmarks.scale.rows import Bench, Row, verdict

MOST_COST = 1.2
RING = 500


@dataclass(frozen=True, slots=True)
class Size:
    """`endpoints` of each kind: with a fixed path, and with a parameter."""

    name: str
    endpoints: int
    origins: int

    def config(self, port: int, backend: int) -> dict[str, Any]:
        """KrakenD's, for a backend that gives the same answer everywhere."""
        numbers = range(self.endpoints)
        fixed = [_no_op(_path(number), "/body.json") for number in numbers]
        with_parameter = [_no_op(f"{_path(number)}/of/{{id}}", "/body.json?id={id}") for number in numbers]
        return {
            "version": 3,
            "listen_ip": "127.0.0.1",
            "port": port,
            "timeout": "3s",
            "host": [f"http://127.0.0.1:{backend}"],
            "extra_config": {
                "router": {"disable_access_log": True},
                "security/cors": {
                    "allow_origins": [_origin(number) for number in range(self.origins)],
                    "allow_methods": ["GET"],
                    "max_age": "10m",
                },
            },
            "endpoints": [*fixed, *with_parameter],
        }

    def rings(self) -> dict[str, list[Workload]]:
        """The requests, by kind."""
        paths = [_path(index * self.endpoints // RING) for index in range(RING)]
        headers = [{"Origin": _origin(index * self.origins // RING)} for index in range(RING)]
        asked = list(enumerate(zip(paths, headers, strict=True)))
        preflight = {"Access-Control-Request-Method": "GET"}
        return {
            "fixed path": [Workload("", path, origin) for _, (path, origin) in asked],
            "parameter": [Workload("", f"{path}/of/{index}", origin) for index, (path, origin) in asked],
            "preflight": [
                Workload("", path, origin | preflight, "OPTIONS", expected=b"") for _, (path, origin) in asked
            ],
        }


KINDS = ("fixed path", "parameter", "preflight")
SIZES = (Size("one", 1, 1), Size("10,000 endpoints", 5000, 1), Size("1,000 origins", 1, 1000))


def measure_sizes(bench: Bench) -> tuple[list[Row], dict[str, Any]]:
    """Rows, and raw figures by size and kind."""
    results: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    with contextlib.ExitStack() as running:
        present = []
        for size in SIZES:
            port = free_port()
            path = bench.folder / f"size-{port}.json"
            path.write_text(json.dumps(size.config(port, bench.backend)))
            command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path)]
            pid = running.enter_context(started(command, port, bench.folder, bench.ours))
            for kind in KINDS:
                check_ring(size.rings()[kind], port)
            present.append((size, port, pid))
        for _ in range(bench.rounds):
            for kind in KINDS:
                for size, port, pid in present:
                    ring = size.rings()[kind]
                    taken = measure_ring(ring, port, pid, bench.seconds, bench.theirs, bench.folder)
                    results[size.name, kind].append(taken)
    rows = [_row(size.name, kind, results) for kind in KINDS for size in SIZES]
    return rows, {f"{size}/{kind}": [asdict(one) for one in many] for (size, kind), many in results.items()}


def _row(size: str, kind: str, results: dict[tuple[str, str], list[Measurement]]) -> Row:
    own, base = results[size, kind], results[SIZES[0].name, kind]
    costs = [other.per_second / one.per_second for one, other in zip(own, base, strict=True)]
    by_cpu = [one.cpu_us / other.cpu_us for one, other in zip(own, base, strict=True)]
    cost = statistics.median(costs)
    is_base = size == SIZES[0].name
    return Row(
        part=kind,
        case=size,
        per_second=f"{statistics.median(one.per_second for one in own):.0f}",
        compared="" if is_base else f"cost {cost:.2f}",
        spread="" if is_base else f"{min(costs):.2f}–{max(costs):.2f}",
        by_cpu="" if is_base else f"{statistics.median(by_cpu):.2f}",
        cpu_us=f"{statistics.median(one.cpu_us for one in own):.1f}",
        megabytes=f"{own[-1].rss_mb:.0f}",
        aim="" if is_base else verdict(f"cost ≤ {MOST_COST}", met=cost <= MOST_COST),
    )


def _no_op(endpoint: str, url_pattern: str) -> dict[str, Any]:
    backend = {"url_pattern": url_pattern, "encoding": "no-op"}
    return {"endpoint": endpoint, "output_encoding": "no-op", "backend": [backend]}


def _path(number: int) -> str:
    return f"/part-{number % 70:02}/thing-{number:04}"


def _origin(number: int) -> str:
    return f"https://app-{number:04}.example.com"
