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

from benchmarks.gateway.checks import check
from benchmarks.gateway.measure import Measurement, measure
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.requests import Request, Ring
from benchmarks.gateway.workloads import BODY, BROWSER, REQUESTED_FIELDS, REQUESTED_METHOD
from benchmarks.scale.rows import Bench, Row, verdict

MOST_COST = 1.2
RING = 500
_PREFLIGHT = {"Access-Control-Request-Method": REQUESTED_METHOD, "Access-Control-Request-Headers": REQUESTED_FIELDS}


@dataclass(frozen=True, slots=True)
class Size:
    """`endpoints` of each kind: with a fixed path, and with a parameter."""

    name: str
    endpoints: int
    origins: int

    def config(self, port: int, backend: int) -> dict[str, Any]:
        """KrakenD's, for a backend that gives the same answer everywhere."""
        numbers = range(self.endpoints)
        fixed = [_no_op(_path(number), "/things") for number in numbers]
        with_parameter = [_no_op(f"{_path(number)}/of/{{id}}", "/things?id={id}") for number in numbers]
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
                    "allow_methods": ["GET", "PUT"],
                    "allow_headers": ["Authorization", "Content-Type"],
                    "max_age": "10m",
                },
            },
            "endpoints": [*fixed, *with_parameter],
        }

    def requests(self) -> dict[str, list[Request]]:
        """By kind; to go round in."""
        paths = [_path(index * self.endpoints // RING) for index in range(RING)]
        origins = [_origin(index * self.origins // RING) for index in range(RING)]
        asked = [(path, {"Origin": origin, **BROWSER}) for path, origin in zip(paths, origins, strict=True)]
        return {
            "fixed path": [Request(path, fields) for path, fields in asked],
            "parameter": [Request(f"{path}/of/{index}", fields) for index, (path, fields) in enumerate(asked)],
            "preflight": [Request(path, fields | _PREFLIGHT, "OPTIONS") for path, fields in asked],
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
                for request in size.requests()[kind]:
                    check(request, port, b"" if kind == "preflight" else BODY)
            present.append((size, port, pid, {kind: Ring(requests) for kind, requests in size.requests().items()}))
        for _ in range(bench.rounds):
            for kind in KINDS:
                for size, port, pid, rings in present:
                    taken = measure(rings[kind], port, pid, bench.seconds, bench.theirs, bench.folder)
                    results[size.name, kind].append(taken)
    rows = [_row(size.name, kind, results) for kind in KINDS for size in SIZES]
    return rows, {f"{size}/{kind}": [asdict(one) for one in many] for (size, kind), many in results.items()}


def _row(size: str, kind: str, results: dict[tuple[str, str], list[Measurement]]) -> Row:
    own, base = results[size, kind], results[SIZES[0].name, kind]
    costs = [one.cpu_us / other.cpu_us for one, other in zip(own, base, strict=True)]
    cost = statistics.median(costs)
    is_base = size == SIZES[0].name
    return Row(
        part=kind,
        case=size,
        per_second=f"{statistics.median(one.per_second for one in own):.0f}",
        compared="" if is_base else f"cost {cost:.2f}",
        spread="" if is_base else f"{min(costs):.2f}–{max(costs):.2f}",
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
