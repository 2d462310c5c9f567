"""Processes that listen: started, waited for, ended. Does not know what they are."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gateway.measure import pinned

START_SECONDS = 30


def has_programs() -> bool:
    """Whether what measures and what is asked are installed; says so if not."""
    if shutil.which("wrk") and shutil.which("nginx"):
        return True
    print("wrk and nginx are needed: apt-get install wrk nginx-light")
    return False


def two_cores() -> tuple[int | None, int | None]:
    """A core for what is measured, and one for the backend and wrk; None and None where there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)


@contextlib.contextmanager
def started(command: list[str], port: int, folder: Path, core: int | None) -> Iterator[int]:
    """A process that listens on the port, for as long as the block lasts. Gives its pid.

    What it writes to standard output and standard error is in `output_of` that port.
    """
    with output_of(folder, port).open("wb") as log:
        process = subprocess.Popen([*pinned(core), *command], stdout=log, stderr=log, cwd=folder)
        try:
            end = time.monotonic() + START_SECONDS
            while not _listens(port):
                if process.poll() is not None:
                    raise RuntimeError(f"{command} ended: {output_of(folder, port).read_text()}")
                if time.monotonic() > end:
                    raise RuntimeError(f"{command} does not listen")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def output_of(folder: Path, port: int) -> Path:
    """Where a started process writes."""
    return folder / f"{port}.log"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
