"""A worker's end of one Lua host: messages over a socket that the event loop watches. Knows nothing of scripts."""

import asyncio
import socket
from collections.abc import Callable

from crossgate.flow.fiber import Signal
from crossgate.lua.wire import (
    LENGTH_BYTES,
    MAX_FRAME_BYTES,
    BrokenChannelError,
    Drop,
    FromHost,
    Ready,
    ToHost,
    frame,
    from_host,
)

_READ_BYTES = 256 * 1024


class HostProcess:
    """One host. `known` are the keys of the scripts that it has been given."""

    def __init__(self, pid: int, connection: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self.pid = pid
        self.known: set[int] = set()
        self.is_closed = False
        self._connection = connection
        self._loop = loop
        self._unread = bytearray()
        self._unsent = b""
        self._heard: Signal[FromHost] | None = None
        self._ready: Callable[[HostProcess], object] | None = None
        connection.setblocking(False)
        loop.add_reader(connection, self._readable)

    def say(self, message: ToHost) -> None:
        """Say something. That a host is gone is told later. Raises BrokenChannelError where it is too large."""
        data = frame(message)
        if self._unsent:
            self._unsent += data
            return
        self._send(data)
        if self._unsent:
            self._loop.add_writer(self._connection, self._writable)

    def hear(self) -> Signal[FromHost]:
        """What it says next. Fails with BrokenChannelError."""
        self._heard = heard = Signal[FromHost]()
        self._deliver()
        return heard

    def drop(self, ready: "Callable[[HostProcess], object]") -> None:
        """The request is over. `ready` is called once nothing of it is left there, or the host is gone."""
        self._ready = ready
        self.say(Drop())
        self._deliver()

    def close(self) -> None:
        """Hear and say nothing any more."""
        if not self.is_closed:
            self.is_closed = True
            self._loop.remove_reader(self._connection)
            self._loop.remove_writer(self._connection)
            self._connection.close()

    def _send(self, data: bytes) -> None:
        try:
            sent = self._connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)  # it is gone, as reading will tell
        self._unsent = data[sent:]

    def _writable(self) -> None:
        self._send(self._unsent)
        if not self._unsent:
            self._loop.remove_writer(self._connection)

    def _readable(self) -> None:
        try:
            data = self._connection.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        self._unread += data
        self._deliver()

    def _deliver(self) -> None:
        heard = self._heard
        if self._ready is not None:
            self._look_whether_ready(self._ready)
            return
        if heard is None:
            return
        try:
            message = self._next()
        except BrokenChannelError as error:
            self.close()
            self._heard = None
            heard.fail(error)
            return
        if message is not None:
            self._heard = None
            heard.succeed(message)

    def _look_whether_ready(self, ready: "Callable[[HostProcess], object]") -> None:
        try:
            said = self._next()
        except BrokenChannelError:
            self.close()
            said = None
        if self.is_closed or isinstance(said, Ready):
            self._ready = None
            ready(self)

    def _next(self) -> FromHost | None:
        unread = self._unread
        if len(unread) >= LENGTH_BYTES:
            length = int.from_bytes(unread[:LENGTH_BYTES], "big")
            if length > MAX_FRAME_BYTES:
                raise BrokenChannelError("a message is too large")
            end = LENGTH_BYTES + length
            if len(unread) >= end:
                body = bytes(unread[LENGTH_BYTES:end])
                del unread[:end]
                return from_host(body)
        if self.is_closed:
            raise BrokenChannelError("the host is gone")
        return None
