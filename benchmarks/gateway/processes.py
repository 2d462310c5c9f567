"""Processes that listen: started, waited for, ended. Does not know what they are."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gateway.measure import pinned

START_SECONDS = 30


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
