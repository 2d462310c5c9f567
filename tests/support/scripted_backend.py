"""A backend that answers by a script, and anything else with what it received. Threads and sockets only.

A script is a table from a path (without its query) to an answer:

    status, reason   200, "OK"
    headers          {name: value or [values]}
    json | body | base64 | echo   the body: a value, text, bytes, or what was received (the default without any of them)
    gzip             compress the body and say so
    chunked          frame it in chunks;  until_close: frame it by closing;  length: claim another Content-Length
    truncate         send so many bytes of the body, then close
    delay_ms         wait before answering
    drop             close instead of answering
    raw              these bytes instead of an answer, then close
    sequence         one answer after the other, the last one again and again

or to a function from what was received to the pieces to be sent as they are, the connection closed behind them.
"""

import base64
import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

ECHO: dict[str, Any] = {"echo": True}
Script = Mapping[str, Any]


@dataclass(slots=True)
class Received:
    """One request, its field names as they came. `framing` is of the body: none, length or chunked."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    framing: str
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def seen(self) -> dict[str, Any]:
        headers: dict[str, list[str]] = {}
        for name, value in self.fields:
            headers.setdefault(name, []).append(value)
        return {
            "method": self.method,
            "target": self.target,
            "path": self.path,
            "query": self.target.partition("?")[2],
            "headers": headers,
            "framing": self.framing,
            "body": self.body.decode("utf-8", "replace"),
        }


Pieces = Callable[[Received], Iterable[bytes]]


@dataclass
class ScriptedBackend:
    """Listens on an ephemeral loopback port. `received` grows with every request."""

    script: Script
    received: list[Received] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)  # ends whatever waits

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        self.authority = f"127.0.0.1:{self.port}"
        self._arrival = threading.Condition()
        self._calls: dict[str, int] = {}
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def forget(self) -> None:
        """As if nothing had been received."""
        with self._arrival:
            self.received.clear()
            self._calls.clear()

    def wait_for(self, count: int, seconds: float) -> list[Received]:
        """What was received, once there are so many requests or so much time is over."""
        with self._arrival:
            self._arrival.wait_for(lambda: len(self.received) >= count, seconds)
            return list(self.received)

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.add(connection)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
                while (request := _read(stream)) is not None:
                    answer = self._choose(request)
                    if callable(answer):
                        for piece in answer(request):
                            connection.sendall(piece)
                        return
                    if "delay_ms" in answer:
                        self.over.wait(answer["delay_ms"] / 1000)
                    if answer.get("drop"):
                        return
                    content, stays = _answer_bytes(answer, request)
                    connection.sendall(content)
                    if not stays:
                        return
        finally:
            self._connections.discard(connection)

    def _choose(self, request: Received) -> Any:
        with self._arrival:
            self.received.append(request)
            self._arrival.notify_all()
            call = self._calls[request.path] = self._calls.get(request.path, -1) + 1
        answer = self.script.get(request.path, ECHO)
        if not callable(answer) and "sequence" in answer:
            steps = answer["sequence"]
            return steps[min(call, len(steps) - 1)]
        return answer


def _read(stream: BinaryIO) -> Received | None:
    line = stream.readline(1 << 20)
    if not line.endswith(b"\r\n"):
        return None
    method, target, _ = line.decode("latin-1").rstrip("\r\n").split(" ")
    fields = []
    while (line := stream.readline(1 << 20)) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").rstrip("\r\n").partition(": ")
        fields.append((name, value))
    lower = {name.lower(): value for name, value in fields}
    if lower.get("transfer-encoding") == "chunked":
        return Received(method, target, fields, "chunked", b"".join(_chunks(stream)))
    if "content-length" in lower:
        return Received(method, target, fields, "length", stream.read(int(lower["content-length"])))
    return Received(method, target, fields, "none")


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while size := int(stream.readline(64), 16):
        yield stream.read(size)
        stream.readline(3)
    while stream.readline(1 << 16) not in (b"\r\n", b""):
        pass


def _answer_bytes(answer: Mapping[str, Any], request: Received) -> tuple[bytes, bool]:
    """The answer, and whether the connection stays open behind it."""
    if "raw" in answer:
        return answer["raw"].encode("latin-1"), False
    body = _body(answer, request)
    status = answer.get("status", 200)
    lines = [f"HTTP/1.1 {status} {answer.get('reason', 'OK')}"]
    for name, values in answer.get("headers", {}).items():
        lines += [f"{name}: {value}" for value in ([values] if isinstance(values, str) else values)]
    if answer.get("gzip"):
        body = gzip.compress(body, mtime=0)
        lines.append("Content-Encoding: gzip")
    stays = not (answer.get("until_close") or "truncate" in answer)
    if answer.get("chunked"):
        lines.append("Transfer-Encoding: chunked")
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:3], body[3:]) if piece) + b"0\r\n\r\n"
    elif not answer.get("until_close") and status not in (204, 304):
        lines.append(f"Content-Length: {answer.get('length', len(body))}")
    if status in (204, 304) or request.method == "HEAD":
        body = b""
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head + body[: answer.get("truncate")], stays


def _body(answer: Mapping[str, Any], request: Received) -> bytes:
    if "json" in answer:
        return json.dumps(answer["json"], ensure_ascii=False).encode()
    if "base64" in answer:
        return base64.b64decode(answer["base64"])
    if "body" in answer:
        return str(answer["body"]).encode()
    return json.dumps(request.seen()).encode() if "echo" in answer else b""


@contextlib.contextmanager
def scripted_backend(script: Script | None = None) -> Iterator[ScriptedBackend]:
    """A running one."""
    server = ScriptedBackend({} if script is None else script)
    try:
        yield server
    finally:
        server.close()


def dead_authority() -> str:
    """Of a port that refuses connections: it was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"
