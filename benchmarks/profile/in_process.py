"""A gateway whose sockets are replaced: requests are fed to a client's connection, answers to a backend's.

What is left is what the gateway itself does for a request. It reaches into private parts on purpose: nothing in the
gateway should be there for the sake of being measured.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from benchmarks.complete_gateway import started_gateway
from crossgate.server.connection import Connection
from crossgate.transport.connection import UpstreamConnection

BACKEND = "127.0.0.1:9999"


class WireTransport(asyncio.Transport):
    """Takes what is written; the wire's other end is whoever measures."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 54321)})
        self.written: list[bytes] = []
        self.write = self.written.append  # type: ignore[assignment,method-assign] # as cheap as can be

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        """There is nothing to end."""

    def close(self) -> None:
        """There is nothing to end."""

    def get_write_buffer_size(self) -> int:
        return 0


class Wired:
    """One client connection, and as many backend connections as the gateway asks for."""

    def __init__(self, connection: Connection, upstream: list[UpstreamConnection]) -> None:
        self._transport = WireTransport()
        self._connection = connection
        self._upstream = upstream
        connection.connection_made(self._transport)

    def repeat(self, requests: Sequence[bytes], answer: bytes, calls: int) -> Callable[[], None]:
        """What handles the next of the requests, whose endpoint makes so many calls, each answered alike."""
        receive = self._connection.data_received
        following = itertools.cycle(requests).__next__
        upstream = self._upstream
        written = self._transport.written

        def once() -> None:
            receive(following())
            for index in range(calls):
                upstream[index].data_received(answer)
            written.clear()
            for connection in upstream:
                connection._transport.written.clear()  # type: ignore[union-attr]

        return once

    async def warm(self, request: bytes, answer: bytes, calls: int) -> bytes:
        """Have the first request answered, connections opened on the way; what was written to the client."""
        self._transport.written.clear()
        self._connection.data_received(request)
        for _ in range(10):
            await asyncio.sleep(0)
        for connection in self._upstream[:calls]:
            connection.data_received(answer)
        return b"".join(self._transport.written)


@contextlib.asynccontextmanager
async def wired(config: dict[str, Any]) -> AsyncIterator[Wired]:
    """A gateway with that configuration; its backends must be at BACKEND."""
    upstream: list[UpstreamConnection] = []

    async def dial(*arguments: Any) -> UpstreamConnection:
        connection: UpstreamConnection = arguments[-1]()  # behind where to, and how
        connection.connection_made(WireTransport())
        upstream.insert(0, connection)
        return connection

    gateway = await started_gateway(config, logging.getLogger("benchmark"), dial)
    connection = Connection(gateway._server._context, gateway._server)
    try:
        yield Wired(connection, upstream)
    finally:
        connection.connection_lost(None)
        for one in upstream:
            one.connection_lost(None)
        await gateway.close()
