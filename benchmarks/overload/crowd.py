"""A crowd of clients: they ask when their time has come, whether or not others were answered (an open loop).

`python -m benchmarks.overload.crowd`, a process of its own, reads what to do as JSON from standard input and prints
what came of it. An arrival takes a connection that is idle, else opens one; who is not answered in time hangs up.
Times count from when the arrival was due, connecting included.
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

_TICK_SECONDS = 0.002


@dataclass(slots=True)
class Outcome:
    """Of arrivals that were due in the measured time. `good_ms` are those of good answers, `refused_ms` of refusals.

    `late_ms` is how late the crowd itself was at most: more than a few milliseconds, and it could not keep up.
    """

    seconds: float = 0.0
    asked: int = 0
    good: int = 0
    refused: int = 0
    hung_up: int = 0
    broken: int = 0
    connections: int = 0
    late_ms: float = 0.0
    good_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)


class _Client(asyncio.Protocol):
    """One connection, with at most one request on it."""

    __slots__ = ("_crowd", "_due", "_left", "_request", "_status", "_transport", "done")

    def __init__(self, crowd: "_Crowd", due: float, request: bytes) -> None:
        self._crowd = crowd
        self._due = due
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._left = self._status = 0
        self.done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self.done:
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
            self._crowd.gave_up(self._due, is_broken=False)
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost(self)
        if not self.done:
            self.done = True
            self._crowd.gave_up(self._due, is_broken=True)


class _Crowd:
    def __init__(self, order: dict[str, Any]) -> None:
        self._port: int = order["port"]
        self._per_second: float = order["per_second"]
        self._patience: float = order["patience_seconds"]
        self._requests = [text.encode() for text in order["requests"]]
        self._from = order["warm_seconds"]
        self._until = self._from + order["seconds"]
        self._began = 0.0
        self._idle: list[_Client] = []
        self._under_way: deque[tuple[float, _Client]] = deque()
        self._opening: set[asyncio.Task[object]] = set()
        self.outcome = Outcome(seconds=order["seconds"])
        self._open = 0

    async def run(self) -> Outcome:
        self._began = time.monotonic()
        sent, loop = 0, asyncio.get_running_loop()
        while True:
            now = time.monotonic() - self._began
            if now > self._until + self._patience:
                return self.outcome
            due_count = int(min(now, self._until) * self._per_second)
            while sent < due_count:
                due = sent / self._per_second
                self._arrive(loop, due, self._requests[sent % len(self._requests)])
                sent += 1
            if now < self._until:
                self.outcome.late_ms = max(self.outcome.late_ms, (time.monotonic() - self._began - now) * 1e3)
            while self._under_way and self._under_way[0][0] + self._patience < now:
                due, client = self._under_way.popleft()
                client.hang_up(due)
            await asyncio.sleep(_TICK_SECONDS)

    def _arrive(self, loop: asyncio.AbstractEventLoop, due: float, request: bytes) -> None:
        if self._counts(due):
            self.outcome.asked += 1
        if self._idle:
            client = self._idle.pop()
            client.ask(due, request)
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

    def _counts(self, due: float) -> bool:
        return self._from <= due < self._until

    def answered(self, client: _Client, due: float, status: int) -> None:
        self._idle.append(client)
        if not self._counts(due):
            return
        taken_ms = (time.monotonic() - self._began - due) * 1e3
        if status == 200:
            self.outcome.good += 1
            self.outcome.good_ms.append(taken_ms)
        elif status == 503:
            self.outcome.refused += 1
            self.outcome.refused_ms.append(taken_ms)
        else:
            self.outcome.broken += 1

    def gave_up(self, due: float, *, is_broken: bool) -> None:
        if self._counts(due):
            self.outcome.broken += is_broken
            self.outcome.hung_up += not is_broken

    def lost(self, client: _Client) -> None:
        self._open -= 1
        if client in self._idle:
            self._idle.remove(client)


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
