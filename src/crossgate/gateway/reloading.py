"""Reloads of a gateway that is one process: read, check, build, swap; what is wrong leaves all as it was.

Knows the order of the steps and what an operator reads; does not know why a reload is wanted.
"""

from typing import NoReturn

from crossgate.components.component import StartError
from crossgate.gateway.gateway_metrics import reloads
from crossgate.gateway.orders import Orders
from crossgate.gateway.running import ReloadError, RunningGateway
from crossgate.gateway.service_manager import ServiceManager
from crossgate.gateway.site import Site, described
from crossgate.gateway.source import Reading
from crossgate.gateway.watching import Watcher

STAYS = "what was loaded before stays"


def reason_of(error: Exception) -> str:
    """What went wrong, for a line in the log."""
    text = str(error).replace("\n", " ")
    return text if isinstance(error, (ReloadError, StartError)) else f"{type(error).__name__}: {text}"


class Reloader:
    """Reloads one after another. Orders that come while one is under way lead to one more."""

    def __init__(
        self, site: Site, gateway: RunningGateway, reading: Reading, manager: ServiceManager, watcher: Watcher | None
    ) -> None:
        self._site = site
        self._gateway = gateway
        self._watched = tuple(reading.states)
        self._manager = manager
        self._watcher = watcher
        self._adopted, self._refused = reloads(gateway.metrics.registry)

    async def obey(self, orders: Orders) -> NoReturn:
        """Reload whenever that is ordered, until cancelled."""
        while True:
            await orders.reload.wait()
            orders.reload.clear()
            self._manager.reloading()
            before = self._gateway.application
            try:
                await self._reload()
            except Exception as error:  # noqa: BLE001 # a mistake, ours or in a file, never stops a running gateway
                self._site.logger.error("not reloaded: %s; %s", reason_of(error), STAYS)
            (self._refused if self._gateway.application is before else self._adopted).add()
            self._manager.ready(described(self._gateway.config))

    async def _reload(self) -> None:
        site, gateway, logger = self._site, self._gateway, self._site.logger
        if not site.source.can_be_read_again:
            logger.error("not reloaded: standard input cannot be read again; %s", STAYS)
            return
        reading, plan = await site.read(self._watched)
        site.source.show(reading.loaded)
        self._watched = tuple(reading.states)
        if self._watcher is not None:
            self._watcher.watch(reading.states)
        config = reading.loaded.config
        if config is None or plan is None:
            logger.error("not reloaded: %s has errors; %s", site.source.path, STAYS)
            return
        generation = await gateway.prepare(config, plan)
        site.tell_what_stays(gateway.config, config)
        gateway.adopt(generation)
        logger.info("reloaded: %s", described(config))
