"""One gateway on one event loop: compiled, built, listening, stopped.

Knows the order in which the rooms are put together; does not know processes or signals.
"""

import asyncio
import logging
import random
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import crossgate
from crossgate.components.component import Component, Surroundings
from crossgate.config.model import ServiceConfig
from crossgate.flow.timers import Timers
from crossgate.gateway.access_log import AccessLog
from crossgate.gateway.application import GatewayApplication
from crossgate.gateway.joining import JoinedComponents, share_all
from crossgate.gateway.name_lookup import srv_resolver
from crossgate.pipeline.build import build_gateway
from crossgate.plan import Identity, compile_plan
from crossgate.server.serve import Server, start_server
from crossgate.transport.client import Client

ACCESS_LOG_FLUSH_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line says beside the file. `port` None: the file's. `workers` 0: this process alone.

    `components` are those that the file was loaded with, `shared` what they want all workers to have in common (None:
    there is one worker, which makes that itself).
    """

    port: int | None = None
    debug: bool = False
    workers: int = 0
    components: tuple[Component, ...] = ()
    shared: Mapping[str, Any] | None = None


def identity_from(environ: Mapping[str, str]) -> Identity:
    """How the gateway names itself: as crossgate, or as the KrakenD that CROSSGATE_KRAKEND_VERSION asks for."""
    krakend = environ.get("CROSSGATE_KRAKEND_VERSION", "").strip()
    return Identity.krakend(krakend) if krakend else Identity.own(crossgate.__version__)


class RunningGateway:
    """A gateway that listens. `port` is the one it really has."""

    def __init__(
        self,
        server: Server,
        client: Client,
        application: GatewayApplication,
        access_log: AccessLog,
        joined: JoinedComponents,
    ) -> None:
        self._server = server
        self._client = client
        self._joined = joined
        self._access_log = access_log
        self.application = application
        self.port = server.port

    async def stop(self, timeout_seconds: float) -> None:
        """Take no more connections, let requests in flight finish (0: however long they take), then close all."""
        await self._server.drain(timeout_seconds)
        await self._joined.stop()
        await self._client.close()
        self._access_log.flush()

    async def close(self) -> None:
        """Close everything now."""
        await self._server.close()
        await self._joined.stop()
        await self._client.close()
        self._access_log.flush()


async def start_gateway(
    config: ServiceConfig,
    options: ServeOptions,
    *,
    environ: Mapping[str, str],
    logger: logging.Logger,
    listener: socket.socket | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
) -> RunningGateway:
    """Compile, build and listen, on `listener` where one is given. Raises OSError where the address cannot be had."""
    timers = Timers(clock)
    client = Client(config.upstream, timers)
    plan = compile_plan(
        replace(config, debug_endpoint=config.debug_endpoint or options.debug), identity=identity_from(environ)
    )
    randomness = random.Random()
    shared = share_all(options.components, config) if options.shared is None else options.shared
    joined = JoinedComponents(
        options.components, plan, Surroundings(client.send, timers, logger, randomness, wall_clock), shared
    )
    pipe = build_gateway(
        plan,
        send=client.call,
        timers=timers,
        log=logger,
        random=randomness,
        resolve_srv=srv_resolver(asyncio.get_running_loop()),
        joined=joined,
    )
    access_log = AccessLog(
        _write_to_stdout,
        time.time,
        config.router.logger_skip_paths,
        on_lost=lambda error: logger.warning("the access log ends here: standard output is gone (%s)", error),
    )
    application = GatewayApplication(
        pipe,
        None if config.router.disable_access_log else access_log,
        logger.getChild("cors"),
        debug=options.debug,
    )
    server = await start_server(
        application,
        limits=config.limits,
        timers=timers,
        host=config.listen_ip,
        port=config.port if options.port is None else options.port,
        log=logger,
        listener=listener,
    )
    try:
        await joined.start()
    except BaseException:
        await server.close()
        await client.close()
        raise
    _flush_regularly(access_log, timers)
    return RunningGateway(server, client, application, access_log, joined)


def _flush_regularly(access_log: AccessLog, timers: Timers) -> None:
    access_log.flush()
    timers.after(ACCESS_LOG_FLUSH_SECONDS, lambda: _flush_regularly(access_log, timers))


def _write_to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
