"""Memory of a gateway process: at rest, after very many requests, and while one very long body passes through."""

import contextlib
import itertools
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.gateway.checks import check
from benchmarks.gateway.measure import family, measure, rss_mb
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.requests import Ring
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.scale import body_source
from benchmarks.scale.rows import Bench, Row, gateway_command, verdict
from benchmarks.scale.streaming import STREAMS

MOST_AT_REST_MB = 45
MOST_GROWTH_MB = 2
MOST_STREAMING_MB = 100
# What a page in a browser asks for, more or less: how often each workload comes in a ring.
MIXTURE = {"plain": 2, "typical": 4, "post": 1, "json": 2, "merge3": 1, "gzip-json": 2, "preflight": 3, "auth": 2}
MIXED = 5000


def measure_rest(bench: Bench) -> tuple[list[Row], dict[str, Any]]:
    """One process alone, and two workers with their parent: each has answered a request of each kind and waits."""
    rows, raw = [], {}
    for name, count in (("one process alone", 0), ("each of two workers", 2)):
        port = free_port()
        with started(gateway_command(bench, port, count), port, bench.folder, None) as pid:
            for workload in WORKLOADS:
                check(workload.make_requests()[0], port, workload.expected)
            held = raw[name] = [_resident(member) for member in family(pid)]
        most = max(one["rss_mb"] for one in held)
        row = Row(
            "at rest",
            f"{name}; by share of pages all are {sum(one['pss_mb'] for one in held):.0f} MB",
            aim=verdict(f"≤ {MOST_AT_REST_MB}", met=most <= MOST_AT_REST_MB),
        )
        rows.append(_with_megabytes(row, most))
    return rows, raw


def measure_growth(bench: Bench, requests: int) -> tuple[list[Row], dict[str, Any]]:
    """One process after a tenth of the requests, and after all of them."""
    turns = [
        itertools.cycle(workload.make_requests())
        for workload in WORKLOADS
        for _ in range(MIXTURE.get(workload.name, 0))
    ]
    ring = Ring([next(turn) for turn in itertools.islice(itertools.cycle(turns), MIXED)])
    port, answered = free_port(), 0
    marks: list[dict[str, float]] = []
    with started(gateway_command(bench, port, 0), port, bench.folder, bench.ours) as pid:
        for target in (requests // 10, requests):
            while answered < target:
                answered += measure(ring, port, pid, bench.seconds, bench.theirs, bench.folder).requests
            marks.append({"requests": answered, "rss_mb": rss_mb(pid)})
    first, last = marks
    growth = last["rss_mb"] - first["rss_mb"]
    row = Row(
        "many requests",
        f"{first['requests']:,} → {last['requests']:,} requests: {first['rss_mb']:.1f} → {last['rss_mb']:.1f} MB",
        compared=f"{growth:+.1f} MB",
        aim=verdict(f"growth ≤ {MOST_GROWTH_MB}", met=growth <= MOST_GROWTH_MB),
    )
    return [_with_megabytes(row, last["rss_mb"])], {"marks": marks}


def measure_streams(bench: Bench, body_bytes: int) -> tuple[list[Row], dict[str, Any]]:
    """The highest that one process ever held while the body passed through."""
    rows, raw = [], {}
    port, source = free_port(), free_port()
    path = bench.folder / "stream.json"
    path.write_text(json.dumps(_streaming_config(port, source)))
    with contextlib.ExitStack() as running:
        command = [sys.executable, body_source.__file__, str(source), str(body_bytes)]
        running.enter_context(started(command, source, bench.folder, bench.theirs))
        command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path)]
        pid = running.enter_context(started(command, port, bench.folder, bench.ours))
        for name, pass_through in STREAMS.items():
            _forget_peak(pid)
            begin = time.perf_counter()
            pass_through(port, body_bytes)
            rate = body_bytes / (time.perf_counter() - begin) / 1e6
            peak = _peak_mb(pid)
            raw[name] = {"bytes": body_bytes, "peak_rss_mb": peak, "mb_per_second": rate}
            aim = verdict(f"peak ≤ {MOST_STREAMING_MB}", met=peak <= MOST_STREAMING_MB)
            row = Row("one body", f"{body_bytes / 1e9:g} GB {name}", compared=f"{rate:.0f} MB/s", aim=aim)
            rows.append(_with_megabytes(row, peak))
    return rows, raw


def _streaming_config(port: int, source: int) -> dict[str, Any]:
    def endpoint(method: str) -> dict[str, Any]:
        backend = {"url_pattern": "/", "encoding": "no-op", "method": method}
        # Without its length a body goes on in chunks.
        passed = {"input_headers": ["Content-Length"], "output_encoding": "no-op"}
        return {"endpoint": "/stream", "method": method, "backend": [backend], **passed}

    return {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "port": port,
        "timeout": "10m",
        "host": [f"http://127.0.0.1:{source}"],
        "endpoints": [endpoint("GET"), endpoint("POST")],
    }


def _with_megabytes(row: Row, megabytes: float) -> Row:
    return Row(row.part, row.case, compared=row.compared, megabytes=f"{megabytes:.1f}", aim=row.aim)


def _resident(pid: int) -> dict[str, float]:
    """`pss_mb` is its share: pages that several hold are divided among them."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {"rss_mb": rss_mb(pid), "pss_mb": _kilobytes("Pss", rollup) / 1024}


def _forget_peak(pid: int) -> None:
    """What the kernel remembers as the highest begins anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak_mb(pid: int) -> float:
    return _kilobytes("VmHWM", Path(f"/proc/{pid}/status").read_text()) / 1024


def _kilobytes(name: str, text: str) -> int:
    match = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    assert match, (name, text)
    return int(match[1])
