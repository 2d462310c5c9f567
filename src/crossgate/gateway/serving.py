"""A gateway as processes: listening sockets, one process or several, exit codes, what an operator reads.

Knows signals and who listens where; does not know what a gateway consists of.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import crossgate
from crossgate.components.component import StartError
from crossgate.config.model import ServiceConfig
from crossgate.gateway.conduct import ReloadingConduct
from crossgate.gateway.event_loop import LAST_SECONDS, end_soon, run_loop
from crossgate.gateway.generation import ServeOptions
from crossgate.gateway.heap import settle
from crossgate.gateway.joining import share_all
from crossgate.gateway.log import LOGGER_NAME, configure_logging, writes_to_stderr
from crossgate.gateway.log_outlet import AccessOutlet
from crossgate.gateway.orders import Orders, first_of, hear_log_rotation, stop_gracefully
from crossgate.gateway.patient_streams import PatientStreams
from crossgate.gateway.reloading import Reloader
from crossgate.gateway.running import start_gateway
from crossgate.gateway.service_manager import ServiceManager
from crossgate.gateway.shared_metrics import SharedMetrics
from crossgate.gateway.site import Site, described
from crossgate.gateway.source import Reading, Source
from crossgate.gateway.watching import Watcher
from crossgate.gateway.worker import serve_as_worker
from crossgate.server.channel import Channel
from crossgate.server.listen import inherited_listeners, open_listener
from crossgate.server.workers import run_workers


def serve(
    reading: Reading, config: ServiceConfig, source: Source, options: ServeOptions, *, environ: Mapping[str, str]
) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0 after an orderly stop, 1 where the address cannot be had.

    `config` is what `reading` came to; `source` is where the next comes from.
    """
    with PatientStreams(logging.getLogger(LOGGER_NAME)) as streams:
        return _serve(reading, config, source, options, environ, streams)


def _serve(
    reading: Reading,
    config: ServiceConfig,
    source: Source,
    options: ServeOptions,
    environ: Mapping[str, str],
    streams: PatientStreams,
) -> int:
    logger = configure_logging(debug=options.debug, cors_debug=config.cors_debug, config=config.log)
    port = config.port if options.port is None else options.port
    try:
        AccessOutlet(config.log, logger).close()  # each process opens its own: this one finds out whether that works
    except OSError as error:
        logger.error("cannot open the log file %s: %s", config.log.file, error.strerror or error)
        return 1
    try:
        inherited = inherited_listeners(environ, os.getpid())
    except OSError as error:
        logger.error("cannot take the sockets that LISTEN_FDS announces: %s", error)
        return 1
    try:
        shared_metrics = SharedMetrics() if options.workers else None
        options = replace(options, shared=share_all(options.components, config), shared_metrics=shared_metrics)
        listeners = inherited or _open_listeners(config.listen_ip, port, options.workers)
    except StartError as error:
        logger.error("cannot start: %s", error)
        return 1
    except OSError as error:
        logger.error("cannot listen on %s:%d: %s", config.listen_ip or "*", port, error.strerror or error)
        return 1
    site = Site(source, options, environ, logger)
    manager = ServiceManager(environ)
    if options.workers:
        _announce(config, listeners[0], logger, f", {options.workers} workers")
        return _serve_by_workers(site, reading, listeners, manager, streams, are_inherited=bool(inherited))
    return run_loop(_serve_alone(site, reading, config, listeners, manager))


def _open_listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """One socket, or one for each worker on the same port."""
    if not workers:
        return [open_listener(host, port)]
    # Sockets that share a port would share it with another gateway's too: nobody else may have it.
    open_listener(host, port).close()
    first = open_listener(host, port, reuse_port=True)
    port = first.getsockname()[1]
    return [first, *[open_listener(host, port, reuse_port=True) for _ in range(workers - 1)]]


def _serve_by_workers(
    site: Site,
    reading: Reading,
    listeners: Sequence[socket.socket],
    manager: ServiceManager,
    streams: PatientStreams,
    *,
    are_inherited: bool,
) -> int:
    """One process per worker. Each takes connections from all sockets that are inherited, else from one of its own.

    The parent keeps the sockets open: connections that wait on the one of a worker that dies are its successor's.
    """
    conduct = ReloadingConduct(site, reading, listeners, manager, catch_up=streams.catch_up)

    def worker_main(index: int, channel: Channel) -> int:
        mine = listeners if are_inherited else [listeners[index]]
        for other in listeners:
            if other not in mine:
                other.close()
        config = conduct.reading.loaded.config
        assert config is not None  # noqa: S101 - else it would not be served
        watches = site.options.watch and index == 0
        with streams.of_child():
            return run_loop(serve_as_worker(site, config, conduct.watched, mine, channel, watches=watches))

    exit_code = run_workers(site.options.workers, worker_main, tell=site.logger.error, conduct=conduct)
    end_soon(exit_code)  # modules of plugins were imported here, and may have begun threads
    return exit_code


def _announce(config: ServiceConfig, listener: socket.socket, logger: logging.Logger, more: str = "") -> None:
    address = f"http://{_shown_host(config.listen_ip)}:{listener.getsockname()[1]}"
    line = f"crossgate {crossgate.__version__} listens on {address} with {described(config)}{more}"
    logger.info("%s", line)
    if not writes_to_stderr(logger):
        sys.stderr.write(f"{line}\n")  # who started it by hand sees that, wherever the log goes
        sys.stderr.flush()


async def _serve_alone(
    site: Site, reading: Reading, config: ServiceConfig, listeners: Sequence[socket.socket], manager: ServiceManager
) -> int:
    """Serve in this process until told to stop."""
    orders = Orders.by_signals()
    loop = asyncio.get_running_loop()
    starting = loop.create_task(
        start_gateway(
            config,
            site.options,
            environ=site.environ,
            logger=site.logger,
            listeners=listeners,
            settled=settle,
        )
    )
    await first_of(asyncio.wait((starting,)), orders.until_stopped())
    if not starting.done():
        starting.cancel()
        await asyncio.wait((starting,), timeout=LAST_SECONDS)
        return 0
    try:
        gateway = starting.result()
    except StartError as error:
        site.logger.error("cannot start: %s", error)
        return 1
    _announce(config, listeners[0], site.logger)
    hear_log_rotation(gateway.reopen_logs)
    watcher = Watcher(reading.states, orders.reload.set) if site.options.watch else None
    reloader = Reloader(site, gateway, reading, manager, watcher)
    beside = [loop.create_task(reloader.obey(orders)), *([loop.create_task(watcher.run())] if watcher else [])]
    manager.ready(described(config))
    await orders.until_stopped()
    manager.stopping()
    site.logger.info("stopping: no new connections, requests in flight finish")
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    await stop_gracefully(gateway, orders, timeout_seconds=gateway.config.max_shutdown_wait_seconds)
    return 0


def _shown_host(listen_ip: str) -> str:
    if not listen_ip:
        return "127.0.0.1"
    return f"[{listen_ip}]" if ":" in listen_ip else listen_ip
