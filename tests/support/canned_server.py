"""A server on an ephemeral loopback port that answers each connection with whatever bytes a test wants, however it
wants: a hostile one is a few lines. Threads, so that the synchronous probe can run against it in one test."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator

Answer = Callable[[bytes], Iterable[bytes]]
"""From a request's head to the pieces to be sent. The connection is closed after the last."""


class CannedServer:
    """`heads` are the request heads that came, in order."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.heads: list[bytes] = []
        self.port = int(self._listener.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection.settimeout(5)
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65_536)
                if not piece:
                    return
                head += piece
            self.heads.append(head)
            for piece in self._answer(head):
                connection.sendall(piece)

    def close(self) -> None:
        """Stop, whatever is going on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)


@contextlib.contextmanager
def canned_server(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[CannedServer]:
    """A running server."""
    server = CannedServer(answer, tls)
    try:
        yield server
    finally:
        server.close()


def head(status: int, *lines: str) -> bytes:
    """A response without a body."""
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status} X", *lines, "")).encode("latin-1")
