"""`python -m benchmarks.overload`: a gateway that is offered twice what it can serve, and what a refusal costs.

The gateway has one core, everything that a production file has (the workload `everything`) and `crossgate/overload`;
the crowd of clients and the backend have the other. wrk finds out how much processor time a request takes, so how many
fit into a second; the crowd asks at rates around that, at twice the best of them, and the same of a gateway without
the bound. It takes half a minute.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.gateway.krakend_file import krakend_file
from benchmarks.gateway.measure import cpu_seconds, family, measure, pinned
from benchmarks.gateway.nginx import backend_command
from benchmarks.gateway.processes import free_port, has_programs, started, two_cores
from benchmarks.gateway.requests import Request, Ring
from benchmarks.gateway.workloads import WORKLOADS

OVERLOAD: dict[str, Any] = {"max_in_flight": 100}
SHARES = (0.8, 0.95, 1.1)
"""Of what fits into a core by the processor time that wrk's requests take. The best of these is the peak."""
TIMES = 2.0
LEAST_SHARE, MOST_P99_MS = 0.9, 1000
HEADING = [
    "| offered | requests/s | good answers/s | of the peak | p50 ms | p99 ms | refused/s | hung up/s |",
    "|---|---|---|---|---|---|---|---|",
]
_WARM_SECONDS, _SECONDS, _PATIENCE_SECONDS = 1.0, 2.0, 2.0
_WORKLOAD = next(workload for workload in WORKLOADS if workload.name == "everything")


def overload() -> list[str]:
    """Lines of Markdown. Raises RuntimeError where the crowd or the gateway fails."""
    ours, theirs = two_cores()
    requests = _WORKLOAD.make_requests()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        backend = free_port()
        with started(backend_command(folder, backend), backend, folder, theirs):
            with _gateway(folder, backend, OVERLOAD, ours) as (port, pid):
                served = measure(Ring(requests), port, pid, 2, theirs, folder, connections=64)
                rows = [_ask(requests, port, 1e6 / served.cpu_us * share, theirs) for share in SHARES]
                peak = max(row["good"] for row in rows) / _SECONDS
                twice = _ask(requests, port, peak * TIMES, theirs)
            with _gateway(folder, backend, None, ours) as (port, _):
                unbounded = _ask(requests, port, peak * TIMES, theirs)
            refusal_us = _refusal_us(folder, backend, requests, ours, theirs)
    names = [f"{share:.0%} of what fits into a core" for share in SHARES]
    named = [*zip(names, rows, strict=True), ("twice the peak", twice), ("the same, without the bound", unbounded)]
    return [
        *HEADING,
        *[_row(name, row, peak) for name, row in named],
        "",
        *_told(twice, peak, served.cpu_us, refusal_us),
    ]


def _told(twice: dict[str, Any], peak: float, served_us: float, refusal_us: float) -> list[str]:
    share, p99_ms = twice["good"] / _SECONDS / peak, twice["good_p99_ms"]
    verdict = "met" if share >= LEAST_SHARE and p99_ms <= MOST_P99_MS else "missed"
    aims = f"(aims: {LEAST_SHARE:.0%}, {MOST_P99_MS} ms; {verdict})"
    return [
        f"Twice what it can serve: {share:.0%} of the peak at a p99 of {p99_ms:.0f} ms {aims}.",
        f"The crowd was late by {twice['late_ms']:.0f} ms at most.",
        f"A request takes {served_us:.0f} µs, a refusal {refusal_us:.0f} µs: {refusal_us / served_us:.2f} of it.",
    ]


def _row(name: str, row: dict[str, Any], peak: float) -> str:
    per_second = [row[what] / _SECONDS for what in ("asked", "good", "refused", "hung_up")]
    asked, good, refused, hung_up = (f"{value:,.0f}" for value in per_second)
    times = f"{row['good_p50_ms']:.0f} | {row['good_p99_ms']:.0f}"
    return f"| {name} | {asked} | {good} | {per_second[1] / peak:.0%} | {times} | {refused} | {hung_up} |"


@contextmanager
def _gateway(
    folder: Path, backend: int, bounds: dict[str, Any] | None, core: int | None, host: str = ""
) -> Iterator[tuple[int, int]]:
    """Its port and pid. `host` is what the endpoint calls in the place of the backend."""
    port = free_port()
    keys: dict[str, object] = {"jwk_url": f"http://127.0.0.1:{backend}/jwk", "cache": True}
    file = krakend_file(port, f"127.0.0.1:{backend}", keys, access_logs=True, metrics_port=free_port())
    if bounds is not None:
        file["extra_config"]["crossgate/overload"] = bounds
    if host:
        held = {"url_pattern": "/", "encoding": "no-op", "host": [f"http://{host}"]}
        file["endpoints"].append({"endpoint": "/held", "output_encoding": "no-op", "timeout": "1h", "backend": [held]})
    path = folder / f"{port}.json"
    path.write_text(json.dumps(file))
    command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path)]
    with started(command, port, folder, core) as pid:
        yield port, pid


def _ask(requests: list[Request] | Any, port: int, per_second: float, core: int | None) -> dict[str, Any]:
    """What the crowd tells (`Outcome`, with percentiles in the place of times)."""
    order = {
        "port": port,
        "per_second": per_second,
        "patience_seconds": _PATIENCE_SECONDS,
        "warm_seconds": _WARM_SECONDS,
        "seconds": _SECONDS,
        "requests": [_text(request) for request in requests],
    }
    command = [*pinned(core), sys.executable, "-m", "benchmarks.overload.crowd"]
    ran = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def _text(request: Request) -> str:
    fields = "".join(f"{name}: {value}\r\n" for name, value in request.fields.items())
    return f"{request.method} {request.target} HTTP/1.1\r\nHost: gateway\r\n{fields}\r\n"


def _refusal_us(folder: Path, backend: int, requests: Any, ours: int | None, theirs: int | None) -> float:
    """Processor time of a refusal: one request is under way for as long as wrk asks, and no other may be."""
    bounds = {"max_in_flight": 1, "queue": 0}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            _gateway(folder, backend, bounds, ours, host) as (port, pid),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            client.sendall(b"GET /held HTTP/1.1\r\nHost: gateway\r\n\r\n")
            held, _ = silent.accept()
            held.recv(1)  # it is under way, until this is closed
            script = folder / "refused.lua"
            Ring(requests).write_script(script)
            before, began = cpu_seconds(family(pid)), time.monotonic()
            command = [*pinned(theirs), "wrk", "-t1", "-d2s", "-c32", "-s", str(script), f"http://127.0.0.1:{port}/"]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            spent = cpu_seconds(family(pid)) - before
            found = [line.split() for line in ran.stdout.splitlines()]
            count = next(int(words[0]) for words in found if words[1:3] == ["requests", "in"])
            refused = next((int(words[-1]) for words in found if words[:1] == ["Non-2xx"]), 0)
            held.close()
            if refused != count:
                raise RuntimeError(f"{count} requests in {time.monotonic() - began:.1f} s, {refused} refused")
            return spent / count * 1e6


def main() -> int:
    if not has_programs():
        return 1
    print("\n".join(overload()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
