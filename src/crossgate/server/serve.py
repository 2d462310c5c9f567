"""A running server: accepts connections within limits, keeps its clock, and stops when told to.

Knows connections as a whole; does not know requests.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any, cast

from crossgate.config.model import LimitsConfig
from crossgate.flow.timers import Timers
from crossgate.http.reason import NOT_READY
from crossgate.pipeline.addresses import client_of, packed
from crossgate.server import fault
from crossgate.server.accept_burst import AcceptBurst
from crossgate.server.application import Application
from crossgate.server.connection import Connection
from crossgate.server.context import ServerContext
from crossgate.server.exchange import Exchange
from crossgate.server.fault import Fault
from crossgate.server.listen import BACKLOG, open_listener

# How coarse deadlines are. The sweep looks at the heads of lists that are in order already: it costs next to nothing.
TICK_SECONDS = 0.025
# Connections are looked at less often: that is linear in their number.
_TICKS_PER_ROUND = 8
# Connections beyond the limit that may still be told so; further ones are just closed.
_REFUSALS_AT_ONCE = 256


class Server:
    """Serves one application at a time. Made by `start_server`."""

    def __init__(
        self,
        application: Application[Any],
        limits: LimitsConfig,
        timers: Timers,
        log: logging.Logger,
        wall_clock: Callable[[], float],
    ) -> None:
        self.timers = timers
        self._context = ServerContext(application, limits, timers, log)
        self.port = 0
        self._wall_clock = wall_clock
        self._second = 0
        self._ticks = 0
        self.admitted_count = 0
        self.turned_away_count = 0
        self._connections: set[Connection] = set()
        self._per_client: dict[bytes, int] = {}
        self._listeners: list[asyncio.Server] = []
        self._tick_handle: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._emptied = asyncio.Event()
        self._burst = AcceptBurst(self._loop, self._make_connection)

    async def _start(self, listeners: Sequence[socket.socket]) -> None:
        self.port = listeners[0].getsockname()[1]
        self._tick()
        for listener in listeners:
            server = await self._loop.create_server(self._make_connection, sock=listener, backlog=BACKLOG)
            self._listeners.append(server)
            self._burst.listen(listener)

    def _make_connection(self) -> asyncio.Protocol:
        return cast("asyncio.Protocol", Connection(self._context, self))  # by what it does, not by its class

    @property
    def connection_count(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    # -- another application

    def adopt(self, application: Application[Any], limits: LimitsConfig) -> None:
        """Have requests that begin from now on answered by another application; those under way finish as they began.

        Cost is linear in the number of connections.
        """
        context = self._context = self._context.succeeded_by(application, limits)
        self._per_client = {}
        for connection in self._connections:
            connection.adopt(context)
            if limits.max_connections_per_client:
                client = _client(connection)
                self._per_client[client] = self._per_client.get(client, 0) + 1

    def under_way(self) -> list[Exchange]:
        """The exchanges that have not ended."""
        return [connection.exchange for connection in self._connections if connection.exchange is not None]

    # -- for connections

    def admit(self, connection: Connection) -> Fault | None:
        """Take note of a new connection; a fault if it is one too many."""
        self._connections.add(connection)
        self.admitted_count += 1
        self._burst.came()
        self._emptied.clear()
        limits = self._context.limits
        if limits.max_connections_per_client:
            client = _client(connection)
            count = self._per_client[client] = self._per_client.get(client, 0) + 1
            if count > limits.max_connections_per_client:
                return self._turn_away(connection, count - limits.max_connections_per_client)
        if limits.max_connections and len(self._connections) > limits.max_connections:
            return self._turn_away(connection, len(self._connections) - limits.max_connections)
        return None

    def _turn_away(self, connection: Connection, excess: int) -> Fault:
        self.turned_away_count += 1
        if excess > _REFUSALS_AT_ONCE:
            connection.break_off()
        return fault.TOO_MANY_CONNECTIONS

    def forget(self, connection: Connection) -> None:
        """The connection has ended."""
        self._connections.discard(connection)
        if self._context.limits.max_connections_per_client:
            client = _client(connection)
            left = self._per_client.get(client, 0) - 1
            if left > 0:
                self._per_client[client] = left
            else:
                self._per_client.pop(client, None)
        if not self._connections:
            self._emptied.set()

    # -- the clock

    def _tick(self) -> None:
        self._tick_handle = self._loop.call_later(TICK_SECONDS, self._tick)
        second = int(self._wall_clock())
        if second != self._second:
            self._second = second
            self._context.heads.date_line = b"\r\nDate: " + formatdate(second, usegmt=True).encode("ascii")
        try:
            self.timers.sweep()
        except Exception:  # one bad deadline must not stop the clock
            self._context.log.exception("a deadline failed")
        self._ticks += 1
        if self._ticks % _TICKS_PER_ROUND == 0:
            self._expire_connections()
        self._burst.tick()

    def _expire_connections(self) -> None:
        now = self._context.now()
        for connection in [connection for connection in self._connections if connection.deadline <= now]:
            try:
                connection.expire()
            except Exception:  # see above
                self._context.log.exception("ending a connection failed")

    # -- the end

    def begin_draining(self) -> None:
        """Have every response tell its client that no other follows on its connection. New ones are still taken."""
        self._context.draining = True

    def stop_accepting(self) -> None:
        """Take no more connections; those that are there go on."""
        self._burst.stop()
        for listener in self._listeners:
            listener.close()

    def close_idle(self, patience_seconds: float) -> None:
        """Close connections once they have been idle for so long."""
        for connection in list(self._connections):
            connection.drain(patience_seconds)

    async def drain(self, timeout_seconds: float, patience_seconds: float = 0.0) -> bool:
        """Stop, letting requests in flight finish for so long (zero: as long as it takes). Whether all did.

        Idle connections close once they have been idle for `patience_seconds`.
        """
        self.begin_draining()
        self.stop_accepting()
        self.close_idle(patience_seconds)
        finished = not self._connections
        if not finished:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_seconds or None):
                    await self._emptied.wait()
                    finished = True
        await self.close()
        return finished

    async def close(self) -> None:
        """Stop at once: connections are cut off."""
        self._context.draining = True
        self.stop_accepting()
        for connection in list(self._connections):
            connection.cut_off(NOT_READY)
        while self._connections:
            await self._emptied.wait()
        if self._tick_handle is not None:
            self._tick_handle.cancel()
        for listener in self._listeners:
            await listener.wait_closed()


def _client(connection: Connection) -> bytes:
    """Whose connection it is: of IPv6 a network's, since who has one has 2^64 addresses."""
    return client_of(packed(connection.peer_host.partition("%")[0]))


async def start_server(
    application: Application[Any],
    *,
    limits: LimitsConfig,
    timers: Timers,
    host: str = "127.0.0.1",
    port: int = 0,
    listeners: Sequence[socket.socket] = (),
    log: logging.Logger | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> Server:
    """Serve `application` on the running loop until drained or closed.

    `timers` are swept by this server; their clock must be monotonic seconds, the loop's best. An empty host means all
    interfaces. `listeners` are listening sockets to take instead of opening one. Raises OSError.
    """
    server = Server(application, limits, timers, log or logging.getLogger("crossgate.server"), wall_clock)
    await server._start(listeners or [open_listener(host, port)])  # noqa: SLF001 # the other half of its constructor
    return server
