"""A request's body on its way to a backend: framed piece by piece, held back when the backend is slow.

Knows chunked framing and counts against a fixed length; does not know sockets.
"""

from typing import Protocol

from crossgate.flow.body import Body
from crossgate.http.failure import FailureKind, UpstreamError


class _Connection(Protocol):
    def write(self, data: bytes) -> None: ...
    def upload_ended(self) -> None: ...
    def upload_failed(self, error: Exception) -> None: ...


class RequestBodyWriter:
    """The sink of a request's body. Fixed length if `length_bytes` is given, else chunked."""

    __slots__ = ("_body", "_connection", "_left")

    def __init__(self, connection: _Connection, body: Body, length_bytes: int | None) -> None:
        self._connection: _Connection | None = connection
        self._body = body
        self._left = length_bytes

    def feed(self, data: bytes) -> None:
        """Write one piece."""
        connection = self._connection
        if connection is None or not data:
            return
        if self._left is None:
            connection.write(b"%x\r\n%b\r\n" % (len(data), data))
            return
        self._left -= len(data)
        if self._left < 0:
            self._break_off("http: ContentLength exceeded by the body")
        else:
            connection.write(data)

    def end(self) -> None:
        """Say that this was all of it."""
        connection = self._connection
        if connection is None:
            return
        if self._left:
            self._break_off(f"http: ContentLength with a body {self._left} bytes short")
            return
        if self._left is None:
            connection.write(b"0\r\n\r\n")
        self._connection = None
        connection.upload_ended()

    def fail(self, error: Exception) -> None:
        """The body broke off on its way here."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.upload_failed(error)

    def pause(self) -> None:
        """The backend is slow."""
        self._body.pause()

    def resume(self) -> None:
        """The backend takes more."""
        self._body.resume()

    def stop(self) -> None:
        """Nobody wants the rest."""
        self._connection = None
        self._body.abandon()

    def _break_off(self, cause: str) -> None:
        body = self._body
        self.fail(UpstreamError(FailureKind.REQUEST, cause))
        body.abandon()
