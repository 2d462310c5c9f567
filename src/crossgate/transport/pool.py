"""The connections to one backend host: idle ones are used last in, first out, others are opened as needed.

Knows who is idle and for how long; does not know requests.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from crossgate.flow.fiber import Signal
from crossgate.transport.connection import UpstreamConnection
from crossgate.transport.dial import DialError
from crossgate.transport.host_bounds import WaitingLine
from crossgate.transport.whole_message import WholeMessages

Dial = Callable[[Callable[[], UpstreamConnection]], Awaitable[UpstreamConnection]]


class Pool:
    """The pool of one (scheme, authority).

    `after_target` is what every request to this host has behind its target. `max_idle` counts idle connections only;
    zero keeps none, and `may_idle` may forbid one more. Busy ones have no bound of their own, as in KrakenD: with
    `HostBounds` whoever sends looks at `is_full` before it opens one more, and waits in `line`.
    """

    __slots__ = (
        "_connections",
        "_dial",
        "_dials",
        "_idle",
        "_max_idle",
        "_may_idle",
        "_messages",
        "_now",
        "after_target",
        "line",
    )

    def __init__(
        self,
        after_target: bytes,
        dial: Dial,
        now: Callable[[], float],
        max_idle: int,
        may_idle: Callable[[], bool] | None,
        messages: WholeMessages,
        line: "WaitingLine[UpstreamConnection | None]",
    ) -> None:
        """`messages`: see UpstreamConnection. Who waits in the `line` is given a connection, or None: it may open
        one.
        """
        self.line = line
        self._messages = messages
        self.after_target = after_target
        self._dial = dial
        self._now = now
        self._max_idle = max_idle
        self._may_idle = may_idle
        self._idle: list[UpstreamConnection] = []
        self._connections: set[UpstreamConnection] = set()
        self._dials: set[asyncio.Task[None]] = set()

    @property
    def idle_count(self) -> int:
        """How many connections wait for a request."""
        return len(self._idle)

    @property
    def connection_count(self) -> int:
        """How many connections are open, idle or busy."""
        return len(self._connections)

    @property
    def is_empty(self) -> bool:
        """Nothing here and nothing on its way."""
        return not self._connections and not self._dials

    def is_full(self, max_connections: int) -> bool:
        """Whether there are so many connections, those that are being opened included."""
        return len(self._connections) + len(self._dials) >= max_connections

    def take(self) -> UpstreamConnection | None:
        """The connection that became idle last, or None if one has to be opened."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if not connection.lost:
                return connection
        return None

    async def open(self) -> UpstreamConnection:
        """A new connection. Raises DialError. Whoever stops waiting stops the attempt too."""
        opened: Signal[UpstreamConnection] = Signal()
        task = asyncio.get_running_loop().create_task(self._open(opened))
        self._dials.add(task)
        task.add_done_callback(self._dials.discard)
        try:
            return await opened
        except BaseException:
            task.cancel()
            self._free_dial(task)
            raise

    async def _open(self, opened: Signal[UpstreamConnection]) -> None:
        try:
            connection = await self._dial(self._make_connection)
        except DialError as error:
            self._dialed(opened, error)
        except asyncio.CancelledError:
            self._dialed(opened, DialError("operation was canceled"))
            raise
        except Exception as error:  # noqa: BLE001 # whoever waits must hear of it, whatever it is
            self._dialed(opened, DialError(f"dial tcp: {error}"))
        else:
            if connection.lost:
                self._dialed(opened, DialError("EOF"))
            else:
                self._dials.discard(cast("asyncio.Task[None]", asyncio.current_task()))
                self._connections.add(connection)
                opened.succeed(connection)

    def _dialed(self, opened: Signal[UpstreamConnection], error: DialError) -> None:
        opened.fail(error)
        self._free_dial(cast("asyncio.Task[None]", asyncio.current_task()))

    def _free_dial(self, task: "asyncio.Task[None]") -> None:
        """It came to nothing: another may try."""
        if task in self._dials:
            self._dials.discard(task)
            if self.line.waiting:
                self.line.give(None)

    def _make_connection(self) -> UpstreamConnection:
        return UpstreamConnection(self._messages, self._keep, self._forget)

    def _keep(self, connection: UpstreamConnection) -> None:
        if self.line.waiting and self.line.give(connection):
            return
        if len(self._idle) < self._max_idle and (self._may_idle is None or self._may_idle()):
            connection.idle_since_seconds = self._now()
            self._idle.append(connection)
        else:
            connection.close()

    def _forget(self, connection: UpstreamConnection) -> None:
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self.line.waiting:
            self.line.give(None)

    def reap(self, idle_before_seconds: float) -> None:
        """Close what has been idle since before that time. The oldest come first in the list."""
        idle = self._idle
        while idle and idle[0].idle_since_seconds < idle_before_seconds:
            idle.pop(0).close()

    async def close(self) -> None:
        """End everything, exchanges under way too."""
        self._max_idle = 0
        for connection in list(self._connections):
            connection.abort()
        self._idle.clear()
        dials = list(self._dials)
        for task in dials:
            task.cancel()
        await asyncio.gather(*dials, return_exceptions=True)
