"""Whether access logs were really on, or really off: lines are counted beside requests."""

import time
from pathlib import Path

# Longer than anybody gathers lines before they are written.
PATIENCE_SECONDS = 5
# What a process says when it starts, and for each hundred requests of those that break off when a measurement ends.
OTHER_LINES = 50
OTHER_LINES_PER_HUNDRED = 1


def check_logged(name: str, log: Path, requests: int, *, wanted: bool) -> None:
    """Raise RuntimeError unless there is a line for each request, or, not `wanted`, none."""
    if not wanted:
        if log.exists() and _line_count(log) > OTHER_LINES + OTHER_LINES_PER_HUNDRED * requests // 100:
            raise RuntimeError(f"{name} writes an access log that it should not: {log}")
        return
    end = time.monotonic() + PATIENCE_SECONDS
    while not log.exists() or _line_count(log) < requests:
        if time.monotonic() > end:
            raise RuntimeError(f"{name} answered {requests} requests, and its access log has not as many lines: {log}")
        time.sleep(0.1)


def _line_count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
