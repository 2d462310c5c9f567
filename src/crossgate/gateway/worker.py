"""The life of one worker among several: serves, prepares and swaps configurations as its parent says, stops.

Knows its parent's words; does not know the other workers.
"""

import asyncio
import signal
import socket
from collections.abc import Sequence
from typing import Any

from crossgate.components.component import StartError
from crossgate.config.model import ServiceConfig
from crossgate.gateway.file_states import States
from crossgate.gateway.generation import Generation
from crossgate.gateway.heap import settle
from crossgate.gateway.orders import Orders, hear_log_rotation, stop_gracefully
from crossgate.gateway.reloading import reason_of
from crossgate.gateway.running import RunningGateway, start_gateway
from crossgate.gateway.site import Site
from crossgate.gateway.watching import Watcher
from crossgate.server.channel import CLOSED, DRAIN, END, LEAVING, READY, Channel

PREPARE, ADOPT, DISCARD, WATCH = "prepare", "adopt", "discard", "watch"
"""Of the parent: the next configuration, by a number; lead requests there, or forget it; the files to watch."""

RELOAD, PREPARED, REFUSED = "reload", "prepared", "refused"
"""Of a worker: somebody wants a reload; the configuration of that number is ready; it cannot be had (`reason`)."""

CHANGED = "the files have changed again"


async def serve_as_worker(
    site: Site,
    config: ServiceConfig,
    states: States,
    listeners: Sequence[socket.socket],
    channel: Channel,
    *,
    watches: bool,
) -> int:
    """Serve until told to stop, or until the parent is gone.

    `states` are the files as they were last read; `watches`: this is the worker that looks at them.
    """
    orders = Orders()
    loop = asyncio.get_running_loop()

    def leave() -> None:
        if not (orders.leave.is_set() or orders.drain.is_set()):
            orders.leave.set()
            channel.tell(LEAVING)

    # Whoever signals a whole group reaches this process and its parent: a second SIGTERM is no second order.
    loop.add_signal_handler(signal.SIGTERM, leave)
    loop.add_signal_handler(signal.SIGHUP, lambda: channel.tell(RELOAD))
    try:
        gateway = await start_gateway(
            config,
            site.options,
            environ=site.environ,
            logger=site.logger,
            listeners=listeners,
            settled=settle,
        )
    except StartError as error:
        site.logger.error("cannot start: %s", error)
        return 1
    hear_log_rotation(gateway.reopen_logs)
    watcher = Watcher(states, lambda: channel.tell(RELOAD)) if watches else None
    watching = None if watcher is None else loop.create_task(watcher.run())
    worker = _Worker(site, gateway, channel, orders, watcher, tuple(states))
    loop.add_reader(channel, worker.listen)
    channel.tell(READY)
    await orders.until_stopped()
    if watching is not None:
        watching.cancel()
    await stop_gracefully(
        gateway,
        orders,
        timeout_seconds=gateway.config.max_shutdown_wait_seconds,
        closed=lambda: channel.tell(CLOSED),
    )
    return 0


class _Worker:
    """Hears the parent."""

    def __init__(
        self,
        site: Site,
        gateway: RunningGateway,
        channel: Channel,
        orders: Orders,
        watcher: Watcher | None,
        watched: tuple[str, ...],
    ) -> None:
        self._site = site
        self._gateway = gateway
        self._channel = channel
        self._orders = orders
        self._watcher = watcher
        self._watched = watched
        self._wanted = 0  # the number of the configuration that is being prepared or is prepared; 0: none
        self._prepared: Generation | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self) -> None:
        """Words have come."""
        try:
            for message in self._channel.heard():
                self._obey(message)
        except EOFError:
            asyncio.get_running_loop().remove_reader(self._channel)
            # Nobody is left who could say that it has taken long enough.
            (self._orders.end if self._orders.drain.is_set() else self._orders.drain).set()

    def _obey(self, message: dict[str, Any]) -> None:
        match message["word"]:
            case word if word == DRAIN:
                self._orders.drain.set()
            case word if word == END:
                self._orders.end.set()
            case word if word == PREPARE:
                self._wanted = message["number"]
                self._begin(self._prepare(message["number"], message["digest"]))
            case word if word == ADOPT:
                if self._prepared is not None and self._wanted == message["number"]:
                    prepared, self._prepared, self._wanted = self._prepared, None, 0
                    self._gateway.adopt(prepared)
            case word if word == DISCARD:
                self._wanted = 0
                if self._prepared is not None:
                    prepared, self._prepared = self._prepared, None
                    self._begin(self._gateway.discard(prepared))
            case word if word == WATCH:
                self._watched = tuple(message["states"])
                if self._watcher is not None:
                    self._watcher.watch(message["states"])

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self, number: int, digest: str) -> None:
        """Read the same configuration as the parent and build it."""
        try:
            reading, plan = await self._site.read(self._watched)
            config = reading.loaded.config
            if config is None or plan is None or reading.digest != digest:
                self._channel.tell(REFUSED, number=number, reason=CHANGED)
                return
            generation = await self._gateway.prepare(config, plan)
        except Exception as error:  # noqa: BLE001 # the parent says so, for all workers
            self._channel.tell(REFUSED, number=number, reason=reason_of(error))
            return
        if self._wanted != number:
            await self._gateway.discard(generation)
            return
        self._prepared = generation
        self._channel.tell(PREPARED, number=number)
