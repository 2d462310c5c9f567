"""Taking many connections at once.

libuv takes one connection of a listening socket each time around the loop (its pull request 3696). With little to do
that is as good as any number; with much to do, a turn takes milliseconds, connections pile up, and the system drops
what has no room, whose clients try again after a second. So, once several have come in a short time, all that wait
are taken.

Knows sockets and the event loop; does not know connections.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

AT_ONCE = 128
"""So many in one turn: taking one costs some 40 µs, and requests under way have to go on, too."""
FEW = 4
"""So many between two ticks are left to the event loop, which takes them for less."""


class AcceptBurst:
    """Of some listening sockets that do not block. Tell it of each connection (`came`) and of each tick."""

    __slots__ = ("_count", "_is_due", "_listeners", "_loop", "_make", "_opening")

    def __init__(self, loop: asyncio.AbstractEventLoop, make: Callable[[], asyncio.Protocol]) -> None:
        self._loop = loop
        self._make = make
        self._listeners: list[socket.socket] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._count = 0
        self._is_due = False

    def listen(self, listener: socket.socket) -> None:
        """One more."""
        self._listeners.append(listener)

    def stop(self) -> None:
        """Take no more."""
        self._listeners.clear()

    def tick(self) -> None:
        """A short time has passed."""
        self._count = 0

    def came(self) -> None:
        """A connection was taken, by whomever."""
        self._count += 1
        if self._count > FEW and not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._take_all)

    def _take_all(self) -> None:
        self._is_due = False
        for listener in self._listeners:
            for _ in range(AT_ONCE):
                try:
                    taken, _ = listener.accept()
                except OSError:  # none is left, or there is no descriptor for one more: that is the loop's business
                    break
                taken.setblocking(False)
                task = self._loop.create_task(self._open(taken))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    async def _open(self, taken: socket.socket) -> None:
        with contextlib.suppress(OSError):  # its client is gone already
            await self._loop.connect_accepted_socket(self._make, taken)
