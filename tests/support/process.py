"""A real gateway process and a real backend beside it, for tests that look from outside."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.unexplained import SAID as UNEXPLAINED

PATIENCE_SECONDS = 120
"""How long anything may take before it counts as hanging: no verdict, whatever else the machine has to do."""


class Gateway:
    """A running `crossgate run`. `log` grows as it writes to standard error."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.log: list[str] = []
        self.port = 0
        self._ready = threading.Event()
        self._seen = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found = re.search(r"listens on http://\S+?:(\d+) ", line)
            if found:
                self.port = int(found[1])
                self._ready.set()
            with self._seen:
                self.log.append(line)
                self._seen.notify_all()
        self._ready.set()

    def wait_until_ready(self) -> None:
        assert self._ready.wait(PATIENCE_SECONDS), self.log
        assert self.port, "".join(self.log)

    def wait_for_log(self, text: str) -> str:
        """The first line of the log that has the text, once it is there."""
        with self._seen:
            assert self._seen.wait_for(lambda: any(text in line for line in self.log), PATIENCE_SECONDS), self.log
            return next(line for line in self.log if text in line)

    def count(self, text: str) -> int:
        """How many lines of the log have the text by now."""
        with self._seen:
            return sum(text in line for line in self.log)

    def wait_for_count(self, text: str, count: int) -> None:
        """Until so many lines of the log have the text."""
        with self._seen:
            reached = self._seen.wait_for(lambda: sum(text in line for line in self.log) >= count, PATIENCE_SECONDS)
            assert reached, self.log

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request on a connection of its own: status, header lines, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(PATIENCE_SECONDS)
        assert self.count(UNEXPLAINED) == 0, self.log
        for stream in (self.process.stderr, self.process.stdout):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def gateway(
    path: Path, *arguments: str, environ: dict[str, str] | None = None, stdout: int = subprocess.DEVNULL
) -> Iterator[Gateway]:
    """`crossgate run -c path -p 0 arguments`, ready, and ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path), "-p", "0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environ or {})},
    )
    running = Gateway(process)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.close()


def run_and_fail(path: Path, *arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and standard error of a `crossgate run` that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path), "-p", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        env={**os.environ, **(environ or {})},
    )
    return done.returncode, done.stderr


class Backend(ThreadingHTTPServer):
    """Answers by its table of paths; any other path with what it was asked, as JSON."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _BackendHandler)
        self.answers = answers
        self.release = threading.Event()  # set at the end: lets hanging answers go
        self.reached = threading.Semaphore(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _BackendHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Backend

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.reached.release()
        scripted = self.server.answers.get(self.path.partition("?")[0])
        if callable(scripted):
            scripted(self)
            return
        status, headers, content = scripted or (200, {"Content-Type": "application/json"}, self.seen(body))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer  # noqa: N815 # the base's names

    def seen(self, body: bytes) -> bytes:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return json.dumps(
            {"method": self.command, "path": self.path, "headers": headers, "body": body.decode()}
        ).encode()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 # the base's name
        pass


@contextlib.contextmanager
def backend(answers: dict[str, Any] | None = None) -> Iterator[Backend]:
    """A backend on a free port, its thread ended afterwards."""
    server = Backend(answers or {})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
