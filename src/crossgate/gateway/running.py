"""One gateway on one event loop: listening, with one configuration after another, stopped.

Knows how one configuration follows another without a request noticing; does not know where configurations come from,
nor processes and signals.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence

from crossgate.config.model import ServiceConfig
from crossgate.flow.timers import Timers
from crossgate.gateway.application import GatewayApplication
from crossgate.gateway.event_loop import watch_failures
from crossgate.gateway.gateway_metrics import count_connections
from crossgate.gateway.generation import Generation, ServeOptions, Worker, plan_of
from crossgate.gateway.joining import release_all, share_all, shared_anew
from crossgate.gateway.shared_metrics import ProcessMetrics
from crossgate.metrics.registry import Registry
from crossgate.plan import Plan
from crossgate.server.exchange import Exchange
from crossgate.server.listen import open_listener
from crossgate.server.serve import Server, start_server
from crossgate.transport.client import Client
from crossgate.transport.dial import Dial, dial

__all__ = ["RunningGateway", "ServeOptions", "start_gateway"]

ACCESS_LOG_FLUSH_SECONDS = 0.2
_LOOK_SECONDS = 0.25
# Calls that nobody waits for (shadows, renewals) may go on behind the last request, for at most so long.
_BEHIND_SECONDS = 300.0


class ReloadError(Exception):
    """A configuration cannot follow the present one. `str()` says why."""


class RunningGateway:
    """A gateway that listens. `port` is the one it really has."""

    def __init__(self, server: Server, worker: Worker, generation: Generation, settled: Callable[[], object]) -> None:
        self._server = server
        self._worker = worker
        self._current = generation
        self._former: set[Generation] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._settled = settled
        self.port = server.port
        self.metrics = worker.metrics
        count_connections(worker.metrics.registry, server)
        self._flush_regularly()

    @property
    def application(self) -> GatewayApplication:
        """What answers requests that begin now."""
        return self._current.application

    @property
    def config(self) -> ServiceConfig:
        """The configuration that holds for requests that begin now."""
        return self._current.config

    @property
    def client(self) -> Client:
        """The connections to backends of requests that begin now."""
        return self._current.client

    @property
    def former_count(self) -> int:
        """How many former configurations still have requests under way."""
        return len(self._former)

    # -- another configuration

    async def prepare(self, config: ServiceConfig, plan: Plan) -> Generation:
        """A configuration, built and started, that no request is led to yet. Raises whatever a component finds wrong.

        It is to be adopted or discarded.
        """
        changed = shared_anew(self._worker.options.components, self.config, config)
        if changed:
            raise ReloadError(f"what workers share of {', '.join(changed)} has changed, which needs a restart")
        generation = Generation(self._worker, config, plan, self._current)
        try:
            await generation.start()
        except BaseException:
            await self.discard(generation)
            raise
        return generation

    def adopt(self, generation: Generation) -> None:
        """Lead requests that begin from now on there; those under way finish as they began."""
        former, self._current = self._current, generation
        under_way = self._server.under_way()
        self._server.adopt(generation.application, generation.config.limits)
        self._former.add(former)
        task = asyncio.get_running_loop().create_task(self._retire(former, under_way))
        self._retiring.add(task)
        task.add_done_callback(self._retired)

    def _retired(self, task: asyncio.Task[None]) -> None:
        self._retiring.discard(task)
        if not task.cancelled():
            self._settled()

    async def discard(self, generation: Generation) -> None:
        """Forget what was prepared."""
        await generation.stop((self._current, *self._former))

    async def _retire(self, former: Generation, under_way: list[Exchange]) -> None:
        while under_way:
            await asyncio.sleep(_LOOK_SECONDS)
            under_way = [exchange for exchange in under_way if not exchange.ended]
        if former.client is not self._current.client:
            await self._calls_have_ended(former.client)
        self._former.discard(former)
        try:
            await former.stop((self._current, *self._former))
        except Exception:  # what goes on must not suffer from what has ended
            self._worker.logger.exception("ending the configuration before failed")

    async def _calls_have_ended(self, client: Client) -> None:
        end_seconds = self._worker.timers.now() + _BEHIND_SECONDS
        while client.busy_count and self._worker.timers.now() < end_seconds:  # noqa: ASYNC110 # nothing tells of it
            await asyncio.sleep(_LOOK_SECONDS)

    def reopen_logs(self) -> None:
        """Log files may have been moved away: go on in new ones."""
        for generation in (self._current, *self._former):
            generation.access_log.flush()
            generation.outlet.reopen()

    # -- the end

    def begin_draining(self) -> None:
        """Say so at `/__ready`. Connections are still taken, each for one request."""
        self._worker.readiness.is_draining = True
        self._server.begin_draining()

    def stop_accepting(self) -> None:
        """Take no more connections; those that are there go on."""
        self._server.stop_accepting()

    def close_idle(self, patience_seconds: float) -> None:
        """Close connections once they have been idle for so long, while the gateway stops."""
        self._server.close_idle(patience_seconds)

    async def stop(self, timeout_seconds: float, patience_seconds: float = 0.0) -> None:
        """Take no more connections, let requests in flight finish (0: however long they take), then close all.

        Idle connections close once they have been idle for `patience_seconds`.
        """
        await self._server.drain(timeout_seconds, patience_seconds)
        await self._stop_all()

    async def close(self) -> None:
        """Close everything now."""
        await self._server.close()
        await self._stop_all()

    async def _stop_all(self) -> None:
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        while self._former:
            await self._former.pop().stop((self._current, *self._former))
        await self._current.stop()
        self._release()
        self.metrics.publish()

    def _release(self) -> None:
        """What this process opened for workers that it is itself. What came from a parent is the parent's."""
        if self._worker.options.shared is None:
            release_all(self._worker.options.components, self._worker.shared)

    def _flush_regularly(self) -> None:
        for generation in (self._current, *self._former):
            generation.access_log.flush()
        self._worker.timers.after(ACCESS_LOG_FLUSH_SECONDS, self._flush_regularly)


async def start_gateway(
    config: ServiceConfig,
    options: ServeOptions,
    *,
    environ: Mapping[str, str],
    logger: logging.Logger,
    listeners: Sequence[socket.socket] = (),
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
    dial: Dial = dial,
    settled: Callable[[], object] = lambda: None,
) -> RunningGateway:
    """Compile, build and listen, on `listeners` where some are given. Raises OSError where that cannot be.

    `settled` is called once it serves, and whenever nothing is left of a former configuration.
    """
    timers = Timers(clock)
    shared = share_all(options.components, config) if options.shared is None else options.shared
    metrics = ProcessMetrics(Registry(), timers, options.shared_metrics)
    worker = Worker(options, timers, logger, wall_clock, timers.now(), shared, metrics, dial=dial)
    watch_failures(asyncio.get_running_loop(), logger, metrics.registry)
    generation = Generation(worker, config, plan_of(config, options, environ))
    port = config.port if options.port is None else options.port
    opened: list[socket.socket] = []
    try:
        if not listeners:
            opened.append(open_listener(config.listen_ip, port))
        # Who connects meanwhile waits: what limits and revocations are shared by is connected when a request is served.
        await generation.start()
        server = await start_server(
            generation.application,
            limits=config.limits,
            timers=timers,
            log=logger,
            listeners=listeners or opened,
        )
    except BaseException:
        await generation.stop()
        for listener in opened:
            listener.close()
        if options.shared is None:
            release_all(options.components, shared)
        raise
    settled()
    return RunningGateway(server, worker, generation, settled)
