"""One worker's metrics: who watches, the servers where the numbers are read, and how late the event loop is."""

import asyncio
import time
from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.metrics.calls import CallCounts
from crossgate.components.metrics.config import MetricsConfig
from crossgate.components.metrics.listening import OpenPlace
from crossgate.components.metrics.loop_lag import LoopLag
from crossgate.components.metrics.reader import MetricsReader
from crossgate.components.metrics.requests import RequestCounts
from crossgate.config.model import LimitsConfig
from crossgate.flow.timers import Timers
from crossgate.metrics.registry import Registry
from crossgate.pipeline.observed import ObserveCalls, Record
from crossgate.server.serve import Server, start_server

_PATIENCE_SECONDS = 2.0  # with who is just reading


class _Counts:
    """What goes on counting through reloads."""

    def __init__(self, registry: Registry, surroundings: Surroundings) -> None:
        self.requests = RequestCounts(registry)
        self.calls = CallCounts(registry, surroundings.timers.now)
        self.lag = LoopLag(registry, surroundings.timers.now)

    async def start(self) -> None:
        """See Survivor."""
        self.lag.start(asyncio.get_running_loop())

    async def stop(self) -> None:
        """See Survivor."""
        self.lag.stop()


class MetricsPart(Part):
    """See above."""

    def __init__(self, config: MetricsConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._around = surroundings
        self._counts: _Counts = surroundings.keep("counts", lambda: _Counts(surroundings.metrics, surroundings))
        self._servers: list[Server] = []

    def record(self) -> Record:
        """Requests are counted."""
        return self._counts.requests.record

    def observe_calls(self) -> ObserveCalls:
        """So are calls of backends."""
        return self._counts.calls.around

    async def start(self) -> None:
        """Have others read."""
        opened: list[OpenPlace] = self._around.shared or []
        for each in opened:
            if each.listener is None:
                where = f"{each.place.host or '*'}:{each.place.port}"
                self._around.log.error("metrics cannot be read at %s: %s", where, each.fault)
                continue
            reader: Any = MetricsReader(
                each.place.form, self._config.left_out, self._around.collect, self._around.wall_clock
            )
            # A copy: who shares the socket may go on with it when this server has closed it.
            listener, timers = each.listener.dup(), Timers(time.monotonic)
            server = await start_server(reader, limits=LimitsConfig(), timers=timers, listeners=(listener,))
            self._servers.append(server)

    async def stop(self) -> None:
        """Nobody reads any more."""
        while self._servers:
            await self._servers.pop().drain(_PATIENCE_SECONDS)
