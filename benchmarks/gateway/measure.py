"""One measurement: wrk against a port for some seconds, with the processor time and memory of who answers."""

import os
import re
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway.requests import Ring

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True, slots=True)
class Measurement:
    """`cpu_us` is processor time of the answering processes for each request: it does not care who else is busy.

    `asking_cpu_us` is wrk's own.
    """

    requests: int
    per_second: float
    p99_ms: float
    cpu_us: float
    asking_cpu_us: float
    rss_mb: float


def measure(
    ring: Ring, port: int, pid: int, seconds: int, core: int | None, folder: Path, *, connections: int = 32
) -> Measurement:
    """Raise RuntimeError if any answer was not as it should be."""
    script = folder / "wrk.lua"
    ring.write_script(script)
    processes = family(pid)
    before, asking_before = cpu_seconds(processes), _own_cpu_seconds()
    command = ["wrk", "-t1", f"-d{seconds}s", "--latency", f"-c{connections}", "-s", str(script)]
    ran = subprocess.run(
        [*pinned(core), *command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True
    )
    spent, asking = cpu_seconds(processes) - before, _own_cpu_seconds() - asking_before
    text = ran.stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    count = int(_number(r"(\d+) requests in", text))
    ring.advance(count + connections)  # those that break off at the end were asked too
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    assert p99
    return Measurement(
        requests=count,
        per_second=_number(r"Requests/sec:\s+([\d.]+)", text),
        p99_ms=float(p99[1]) * _UNITS[p99[2]],
        cpu_us=spent / max(1, count) * 1e6,
        asking_cpu_us=asking / max(1, count) * 1e6,
        rss_mb=max(map(rss_mb, processes)),
    )


def pinned(core: int | None) -> list[str]:
    """What a command begins with to run on that core only."""
    return [] if core is None else ["taskset", "-c", str(core)]


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def cpu_seconds(pids: list[int]) -> float:
    """Processor time that they have used so far, in the kernel's ticks of a hundredth of a second."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Resident memory, shared pages included."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


def _own_cpu_seconds() -> float:
    """Of the children of this process that have ended: wrk, between two calls."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _number(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(text)
    return float(match[1])
