"""A crowd of clients: they ask when their time has come, whether or not others were answered (an open loop); or a pool
of connections, on which requests are asked when their time has come, but for that one of them has to be free.

`python -m benchmarks.overload.crowd`, a process of its own, reads what to do as JSON from standard input and prints
what came of it. Some connections are there from the start, so that it is not a rush of them that is measured. An
arrival takes one that is idle, else opens one; who is not answered in time hangs up. Times count from when the arrival
was due, connecting included. In a pool none is opened beyond the first: an arrival waits for one, for as long as it has
patience, and its time counts from when it was asked, as pools and load generators count it.
"""

import asyncio
import json
import math
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import uvloop

from benchmarks.gateway.measure import cpu_seconds

_TICK_SECONDS = 0.002
_AT_ONCE = 100


@dataclass(slots=True)
class Outcome:
    """What was due in the measured time (`asked`), and what came to an end in it: whatever was due before, or had no
    answer yet, so a backlog that is worked off later counts for nothing.

    `good_ms` are the times of good answers, `refused_ms` those of refusals. `late_ms` is how late the crowd itself was
    at most: more than a few milliseconds, and it could not keep up. `busy` is the share of the time that it computed
    (infinite if it was so late that nothing was measured),
    `core` the share of a core that the gateway had.
    """

    seconds: float = 0.0
    asked: int = 0
    good: int = 0
    refused: int = 0
    hung_up: int = 0
    broken: int = 0
    connections: int = 0
    late_ms: float = 0.0
    busy: float = 0.0
    core: float = 0.0
    good_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)


class _Client(asyncio.Protocol):
    """One connection, with at most one request on it."""

    __slots__ = ("_crowd", "_due", "_left", "_request", "_status", "_transport", "done")

    def __init__(self, crowd: "_Crowd", due: float = 0.0, request: bytes = b"") -> None:
        """Without a request it is there for one that comes later."""
        self._crowd = crowd
        self._due = due
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._left = self._status = 0
        self.done = not request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._request:
            self._crowd.has_come(self)
        elif self.done:
            self._transport.abort()
        else:
            self._transport.write(self._request)

    def ask(self, due: float, request: bytes) -> None:
        self._due = due
        self.done = False
        cast("asyncio.Transport", self._transport).write(request)

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._status = int(data[9:12])
            end = data.index(b"\r\n\r\n")
            at = data.index(b"\r\nContent-Length: ", 0, end + 2) + 18
            self._left = int(data[at : data.index(b"\r", at)]) + end + 4 - len(data)
        if not self._left:
            self.done = True
            self._crowd.answered(self, self._due, self._status)

    def hang_up(self, due: float) -> None:
        if not self.done and self._due == due:
            self.done = True
            self._crowd.gave_up(is_broken=False)
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost(self)
        if not self.done:
            self.done = True
            self._crowd.gave_up(is_broken=True)


class _Crowd:
    def __init__(self, order: dict[str, Any]) -> None:
        self._port: int = order["port"]
        self._per_second: float = order["per_second"]
        self._patience: float = order["patience_seconds"]
        self._at_first: int = order["connections"]
        self._is_pool: bool = order["is_pool"]
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._gateway: list[int] = order["pids"]
        self._requests = [text.encode() for text in order["requests"]]
        self._from = order["warm_seconds"]
        self._until = self._from + order["seconds"]
        self._began = 0.0
        self._idle: dict[_Client, None] = {}
        self._under_way: deque[tuple[float, _Client]] = deque()
        self._opening: set[asyncio.Task[object]] = set()
        self.outcome = Outcome(seconds=order["seconds"])
        self._open = 0

    async def run(self) -> Outcome:
        loop = asyncio.get_running_loop()
        for _ in range(0, self._at_first, _AT_ONCE):
            await asyncio.gather(*(self._connect(loop, _Client(self)) for _ in range(_AT_ONCE)))
        self._began = time.monotonic()
        sent, spent, gateway_spent = 0, -math.inf, 0.0
        while True:
            now = time.monotonic() - self._began
            if now >= self._until:
                self.outcome.busy = (time.process_time() - spent) / self.outcome.seconds
                self.outcome.core = (cpu_seconds(self._gateway) - gateway_spent) / self.outcome.seconds
                return self.outcome
            if spent == -math.inf and now >= self._from:
                spent, gateway_spent = time.process_time(), cpu_seconds(self._gateway)
            due_count = int(now * self._per_second)
            while sent < due_count:
                due = sent / self._per_second
                self._arrive(loop, due, self._requests[sent % len(self._requests)])
                sent += 1
            if now >= self._from:
                self.outcome.late_ms = max(self.outcome.late_ms, (time.monotonic() - self._began - now) * 1e3)
            while self._under_way and self._under_way[0][0] + self._patience < now:
                due, client = self._under_way.popleft()
                client.hang_up(due)
            while self._waiting and self._waiting[0][0] + self._patience < now:
                self._waiting.popleft()
                self.gave_up(is_broken=False)
            await asyncio.sleep(_TICK_SECONDS)

    def _arrive(self, loop: asyncio.AbstractEventLoop, due: float, request: bytes) -> None:
        if due >= self._from:
            self.outcome.asked += 1
        if self._idle:
            client, _ = self._idle.popitem()  # the last that was answered
            client.ask(due, request)
        elif self._is_pool:
            self._waiting.append((due, request))
            return
        else:
            client = _Client(self, due, request)
            task = loop.create_task(self._connect(loop, client))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        self._under_way.append((due, client))

    async def _connect(self, loop: asyncio.AbstractEventLoop, client: _Client) -> None:
        try:
            await loop.create_connection(lambda: client, "127.0.0.1", self._port)
            self._open += 1
            self.outcome.connections = max(self.outcome.connections, self._open)
        except OSError:
            client.connection_lost(None)

    def has_come(self, client: _Client) -> None:
        """It is connected, and has nothing to ask yet."""
        self._idle[client] = None

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def answered(self, client: _Client, due: float, status: int) -> None:
        now = self._seconds()
        if self._waiting:
            client.ask(now, self._waiting.popleft()[1])
            self._under_way.append((now, client))
        else:
            self._idle[client] = None
        if not self._from <= now < self._until:
            return
        taken_ms = (now - due) * 1e3
        if status == 200:
            self.outcome.good += 1
            self.outcome.good_ms.append(taken_ms)
        elif status == 503:
            self.outcome.refused += 1
            self.outcome.refused_ms.append(taken_ms)
        else:
            self.outcome.broken += 1

    def gave_up(self, *, is_broken: bool) -> None:
        if self._from <= self._seconds() < self._until:
            self.outcome.broken += is_broken
            self.outcome.hung_up += not is_broken

    def lost(self, client: _Client) -> None:
        self._open -= 1
        self._idle.pop(client, None)


def percentile(values: list[float], share: float) -> float:
    """Of values in any order; 0 where there are none."""
    return sorted(values)[math.ceil(len(values) * share) - 1] if values else 0.0


def main() -> None:
    outcome = uvloop.run(_Crowd(json.load(sys.stdin)).run())
    told = asdict(outcome)
    for name in ("good_ms", "refused_ms"):
        values = told.pop(name)
        told |= {f"{name[:-3]}_p50_ms": percentile(values, 0.5), f"{name[:-3]}_p99_ms": percentile(values, 0.99)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
