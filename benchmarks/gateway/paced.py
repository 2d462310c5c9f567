"""How long requests take when they come at a steady rate below what a stack can carry: h2load's log, read.

wrk asks as fast as it is answered, and so its latencies tell of the queue that it makes itself.
"""

import contextlib
import itertools
import math
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gateway.measure import pinned
from benchmarks.gateway.requests import Request

# Each sends its requests all at once, whenever their time has come; several of them come at different times.
PROCESSES = 8
CONNECTIONS = 4
SHARE_OF_CAPACITY = 0.7


def has_pacer() -> bool:
    """Whether there is a program to ask at a steady rate."""
    return shutil.which("h2load") is not None


def measure_p99_ms(
    requests: Sequence[Request], port: int, per_second: float, seconds: int, core: int | None, folder: Path
) -> float:
    """Of all requests, whose targets are asked in turn with the fields of the first. RuntimeError if one fails."""
    first = requests[0]
    fields = {":method": first.method, **first.fields}
    targets = [f"http://127.0.0.1:{port}{request.target}\n" for request in requests]
    command = [*pinned(core), "h2load", "--h1", f"-c{CONNECTIONS}", f"-D{seconds}"]
    command += [f"--rps={per_second / PROCESSES / CONNECTIONS:.2f}"]
    command += itertools.chain.from_iterable(("-H", f"{name}: {value}") for name, value in fields.items())
    if first.body:
        body = folder / "paced.body"
        body.write_bytes(first.body)
        command += ["-d", str(body)]
    logs = []
    with contextlib.ExitStack() as running:
        for number in range(PROCESSES):
            log, asked = folder / f"paced-{number}.log", folder / f"paced-{number}.targets"
            begin = number * len(targets) // PROCESSES
            asked.write_text("".join(targets[begin:] + targets[:begin]))
            log.unlink(missing_ok=True)
            logs.append(log)
            whole = [*command, "-i", str(asked), "--log-file", str(log)]
            process = subprocess.Popen(whole, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            running.enter_context(process)
    return p99_ms([line for log in logs for line in log.read_text().splitlines()])


def p99_ms(lines: list[str]) -> float:
    """Of h2load's lines: when it began, status, microseconds. RuntimeError if one failed, or there are none."""
    taken = []
    for line in lines:
        _, status, microseconds = line.split("\t")[:3]
        if not status.startswith("2"):
            raise RuntimeError(f"an answer of status {status}")
        taken.append(int(microseconds))
    if not taken:
        raise RuntimeError("h2load asked nothing")
    return sorted(taken)[math.ceil(len(taken) * 0.99) - 1] / 1000
