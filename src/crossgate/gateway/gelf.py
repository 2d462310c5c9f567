"""Lines for Graylog: GELF 1.1 over UDP, in chunks where they are long, or over TCP.

A thread of its own sends them, so that an input that is slow or away holds nothing up; what it cannot take is dropped.
Source: docs.graylog.org, GELF payload specification.
"""

import contextlib
import logging
import os
import queue
import secrets
import socket
import threading
import time

import msgspec

from crossgate.config.log_model import GelfConfig

MAX_WAITING = 10_000
_CHUNK_BYTES = 8_154  # of a datagram of 8192 with the chunk's head and some room
_MAX_CHUNKS = 128
_SYSLOG_LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_PATIENCE_SECONDS = 3.0


class GelfSender:
    """Sends messages. Its thread begins with the first message of a process, so that it lives through a fork."""

    def __init__(self, config: GelfConfig) -> None:
        self._config = config
        self._host = socket.gethostname()
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MAX_WAITING)
        self._process = 0
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    def send(self, message: str, level: int = logging.INFO, at: float | None = None) -> None:
        """One message. `at` is in seconds since the epoch."""
        if self._process != os.getpid():
            self._begin()
        short, _, _ = message.partition("\n")
        members = {
            "version": "1.1",
            "host": self._host,
            "short_message": short or "-",
            "timestamp": round(time.time() if at is None else at, 3),
            "level": _SYSLOG_LEVELS.get(level, 6),
            "_facility": "crossgate",
        }
        if short != message:
            members["full_message"] = message
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(msgspec.json.encode(members))

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waiting = queue.Queue(MAX_WAITING)
        self._socket = None
        self._thread = threading.Thread(target=self._run, name="gelf", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send what waits, for a short while, and end."""
        if self._thread is not None and self._process == os.getpid():
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(_PATIENCE_SECONDS)
            self._thread = None
            self._process = 0

    def _run(self) -> None:
        waiting = self._waiting
        while (message := waiting.get()) is not None:
            try:
                self._put(message)
            except OSError:
                self._drop()
        self._drop()

    def _put(self, message: bytes) -> None:
        if self._socket is None:
            self._socket = self._connected()
        if self._config.tcp:
            self._socket.sendall(message + b"\0")
            return
        if len(message) <= _CHUNK_BYTES:
            self._socket.send(message)
            return
        pieces = [message[start : start + _CHUNK_BYTES] for start in range(0, len(message), _CHUNK_BYTES)]
        if len(pieces) > _MAX_CHUNKS:
            return
        name = secrets.token_bytes(8)
        for number, piece in enumerate(pieces):
            self._socket.send(b"\x1e\x0f" + name + bytes((number, len(pieces))) + piece)

    def _connected(self) -> socket.socket:
        config = self._config
        if config.tcp:
            return socket.create_connection((config.host, config.port), timeout=_PATIENCE_SECONDS)
        family, kind, protocol, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_DGRAM)[0]
        connected = socket.socket(family, kind, protocol)
        connected.connect(address)
        return connected

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class GelfHandler(logging.Handler):
    """The gateway's own lines for Graylog."""

    def __init__(self, sender: GelfSender) -> None:
        super().__init__()
        self._sender = sender

    def emit(self, record: logging.LogRecord) -> None:
        """Send it."""
        self._sender.send(self.format(record), record.levelno, record.created)
