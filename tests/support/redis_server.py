"""A real redis-server of Debian for tests: started in an instant, killed without warning, started again on its port."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.children import free_port
from tests.support.waiting import wait_until

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="needs redis-server (on Debian: apt-get install redis-server)"
)


class RedisServer:
    """One on a port of its own, with nothing on disk unless it is told."""

    def __init__(self, folder: Path, *arguments: str, port: int = 0) -> None:
        self.port = port or free_port()
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Comes back once it answers."""
        quiet = ("--save", "", "--appendonly", "no", "--dir", str(self._folder), "--loglevel", "warning")
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", *quiet, *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(lambda: self.is_listening)

    @property
    def is_listening(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"*1\r\n$4\r\nPING\r\n")
                return bool(connection.recv(64))
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL: it has no time for anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """SIGSTOP: connections are there and nobody answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def ask(self, *words: str) -> str:
        """What redis-cli prints."""
        command = ["redis-cli", "-p", str(self.port), *words]
        done = subprocess.run(command, capture_output=True, check=True, timeout=20)
        return done.stdout.decode("utf-8", "replace").strip()


@contextmanager
def redis_server(folder: Path, *arguments: str) -> Iterator[RedisServer]:
    """A running one."""
    server = RedisServer(folder, *arguments)
    server.start()
    try:
        yield server
    finally:
        server.kill()
