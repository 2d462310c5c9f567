"""A gateway that does nothing: bytes of a client go to so many backends as they are, the last answer comes back.

`python benchmarks/profile/null_gateway.py PORT BACKEND_PORT CALLS`: in the event loop of crossgate, nothing is read or
checked. What it takes for a request is the kernel's and the loop's; no gateway in this loop can take less.
"""

import asyncio
import sys
from typing import cast

import uvloop

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"  # where there is nobody to ask


class Upstream(asyncio.Protocol):
    """A connection to the backend."""

    transport: asyncio.Transport
    client: "Client"

    def __init__(self, idle: list["Upstream"]) -> None:
        self._idle = idle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._idle.append(self)
        self.client.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self._idle:
            self._idle.remove(self)


class Client(asyncio.Protocol):
    """A client's connection."""

    transport: asyncio.Transport

    def __init__(self, backend_port: int, calls: int, idle: list[Upstream]) -> None:
        self._port = backend_port
        self._calls = calls
        self._idle = idle
        self._pending = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._pending = self._calls
        for _ in range(self._calls):
            if self._idle:
                self._send(self._idle.pop(), data)
            else:
                asyncio.get_running_loop().create_task(self._send_on_new(data))
        if not self._calls:
            self.transport.write(_ANSWER)

    def take(self, data: bytes) -> None:
        """An answer, whole: a KiB comes in one piece."""
        self._pending -= 1
        if not self._pending and not self.transport.is_closing():
            self.transport.write(data)

    def _send(self, upstream: Upstream, data: bytes) -> None:
        upstream.client = self
        upstream.transport.write(data)

    async def _send_on_new(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_connection(lambda: Upstream(self._idle), "127.0.0.1", self._port)
        self._send(upstream, data)


async def main(port: int, backend_port: int, calls: int) -> None:
    idle: list[Upstream] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Client(backend_port, calls, idle), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:])))
