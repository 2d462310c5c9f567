"""The servers of one worker where metrics are read. Does not know who counts, or in what form numbers are shown."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crossgate.components.scraping.listening import OpenPlace
from crossgate.components.scraping.reader import MetricsReader, Shown, show_for_prometheus
from crossgate.config.model import LimitsConfig
from crossgate.flow.timers import Timers
from crossgate.metrics.registry import Snapshot
from crossgate.server.serve import Server, start_server

_PATIENCE_SECONDS = 2.0  # with who is just reading


class ScrapeServers:
    """On all open places. `forms` are those that a place may ask for beside Prometheus', by their names."""

    def __init__(
        self,
        opened: Sequence[OpenPlace],
        collect: Callable[[], Awaitable[Snapshot]],
        log: logging.Logger,
        forms: Mapping[str, Shown] | None = None,
    ) -> None:
        self._opened = opened
        self._collect = collect
        self._log = log
        self._forms = {"prometheus": show_for_prometheus, **(forms or {})}
        self._servers: list[Server] = []

    async def start(self) -> None:
        """Have others read."""
        for each in self._opened:
            if each.listener is None:
                where = f"{each.place.host or '*'}:{each.place.port}"
                self._log.error("metrics cannot be read at %s: %s", where, each.fault)
                continue
            reader: Any = MetricsReader(each.place.form, self._forms[each.place.form], self._collect)
            # A copy: who shares the socket may go on with it when this server has closed it.
            listener, timers = each.listener.dup(), Timers(time.monotonic)
            server = await start_server(reader, limits=LimitsConfig(), timers=timers, listeners=(listener,))
            self._servers.append(server)

    async def stop(self) -> None:
        """Nobody reads any more."""
        while self._servers:
            await self._servers.pop().drain(_PATIENCE_SECONDS)
