"""One measurement: wrk against a port for some seconds, with the processor time and memory of who answers."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway.workloads import Workload

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True, slots=True)
class Measurement:
    """`cpu_us` is processor time of the answering processes for each request: it does not care who else is busy."""

    per_second: float
    p99_ms: float
    cpu_us: float
    rss_mb: float


def measure(workload: Workload, port: int, pid: int, seconds: int, core: int | None, script: Path) -> Measurement:
    """Raise RuntimeError if any answer was not as it should be."""
    script.write_text(f'wrk.method = "{workload.method}"\n')
    headers = [part for name, value in workload.headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{workload.connections}", f"-d{seconds}s", "--latency", "-s", str(script), *headers]
    processes = family(pid)
    before = _cpu_seconds(processes)
    ran = subprocess.run(
        [*pinned(core), *command, f"http://127.0.0.1:{port}{workload.path}"], capture_output=True, text=True, check=True
    )
    spent = _cpu_seconds(processes) - before
    text = ran.stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    count = _number(r"(\d+) requests in", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    assert p99
    return Measurement(
        per_second=_number(r"Requests/sec:\s+([\d.]+)", text),
        p99_ms=float(p99[1]) * _UNITS[p99[2]],
        cpu_us=spent / count * 1e6,
        rss_mb=sum(map(_rss_mb, processes)),
    )


def pinned(core: int | None) -> list[str]:
    """What a command begins with to run on that core only."""
    return [] if core is None else ["taskset", "-c", str(core)]


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def _cpu_seconds(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


def _number(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(text)
    return float(match[1])
