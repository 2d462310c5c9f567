"""One worker's metrics: who watches, the servers where the numbers are read, and how late the event loop is."""

import asyncio

from crossgate.components.component import Part, Surroundings
from crossgate.components.metrics.calls import CallCounts
from crossgate.components.metrics.config import MetricsConfig
from crossgate.components.metrics.krakend_stats import krakend_stats
from crossgate.components.metrics.loop_lag import LoopLag
from crossgate.components.metrics.requests import RequestCounts
from crossgate.components.scraping.servers import ScrapeServers
from crossgate.golang.json_text import encode_json
from crossgate.metrics.registry import Registry, Snapshot
from crossgate.pipeline.observed import ObserveCalls, Record


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
        self._servers = ScrapeServers(
            surroundings.shared or (), surroundings.collect, surroundings.log, {"stats": self._show_stats}
        )

    def _show_stats(self, snapshot: Snapshot) -> tuple[bytes, bytes]:
        stats = krakend_stats(snapshot, int(self._around.wall_clock() * 1e9), self._config.left_out)
        return b"application/json; charset=utf-8", encode_json(stats)

    def record(self) -> Record:
        """Requests are counted."""
        return self._counts.requests.record

    def observe_calls(self) -> ObserveCalls:
        """So are calls of backends."""
        return self._counts.calls.around

    async def start(self) -> None:
        """Have others read."""
        await self._servers.start()

    async def stop(self) -> None:
        """Nobody reads any more."""
        await self._servers.stop()
