"""A backend that remembers what it was asked, in the place of the quick one while answers are checked."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.gateway.tokens import key_set
from benchmarks.gateway.workloads import BODY, GZIPPED


@dataclass(frozen=True, slots=True)
class Call:
    """`fields` by their names in lower case."""

    method: str
    target: str
    fields: dict[str, str]
    body: bytes


class Witness:
    """`calls` are those since they were last taken, but not those for keys."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def note(self, call: Call) -> None:
        """Called in the threads of the server."""
        self._calls.append(call)

    def take(self) -> list[Call]:
        """What came since."""
        taken, self._calls = self._calls, []
        return taken


@contextlib.contextmanager
def witness_at(port: int) -> Iterator[Witness]:
    """It listens for as long as the block lasts."""
    witness = Witness()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = b"".join(self._pieces())
            if self.path == "/jwk":
                self._answer(key_set())
                return
            fields = {name.lower(): value for name, value in self.headers.items()}
            witness.note(Call(self.command, self.path, fields, body))
            if self.path == "/gzip-json":
                self._answer(GZIPPED, "gzip")
            else:
                self._answer(BODY)

        do_POST = do_GET  # noqa: N815 - the library's name

        def _pieces(self) -> Iterator[bytes]:
            if self.headers.get("Transfer-Encoding") != "chunked":
                yield self.rfile.read(int(self.headers.get("Content-Length", 0)))
                return
            while length := int(self.rfile.readline(), 16):
                yield self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()

        def log_message(self, *_: object) -> None:
            """Nobody wants to read them."""

        def _answer(self, body: bytes, coding: str = "") -> None:
            self.send_response_only(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if coding:
                self.send_header("Content-Encoding", coding)
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def process_request(self, request: object, client_address: object) -> None:
            open_ones.append(request)
            super().process_request(request, client_address)  # type: ignore[arg-type]

    open_ones: list[object] = []
    with Server(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield witness
        finally:
            server.shutdown()
            thread.join()
            for one in open_ones:
                with contextlib.suppress(OSError):
                    server.shutdown_request(one)  # type: ignore[arg-type]
