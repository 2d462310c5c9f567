"""The life of a serving process: start, wait for a signal, let requests finish, stop.

Knows signals, exit codes and what an operator reads on the terminal; does not know what a gateway consists of.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

import uvloop

import crossgate
from crossgate.config.model import ServiceConfig
from crossgate.gateway.joining import share_all
from crossgate.gateway.log import configure_logging
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway
from crossgate.server.listen import open_listener
from crossgate.server.workers import run_workers


def serve(config: ServiceConfig, options: ServeOptions, *, environ: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0 after an orderly stop, 1 where the address cannot be had."""
    logger = configure_logging(debug=options.debug, cors_debug=config.cors_debug)
    port = config.port if options.port is None else options.port
    try:
        options = replace(options, shared=share_all(options.components, config))
        if options.workers:
            return _serve_by_workers(config, options, environ, logger, port)
        listener = open_listener(config.listen_ip, port)
    except OSError as error:
        logger.error("cannot listen on %s:%d: %s", config.listen_ip or "*", port, error.strerror or error)
        return 1
    _announce(config, listener, logger)
    return run_loop(_serve(config, options, environ, logger, listener))


def _serve_by_workers(
    config: ServiceConfig, options: ServeOptions, environ: Mapping[str, str], logger: logging.Logger, port: int
) -> int:
    """One process per worker, each with a listening socket of its own on the same port.

    The parent keeps the sockets open: connections that wait on the one of a worker that dies are its successor's.
    """
    # Sockets that share a port would share it with another gateway's too: nobody else may have it.
    open_listener(config.listen_ip, port).close()
    listeners = [open_listener(config.listen_ip, port, reuse_port=True)]
    port = listeners[0].getsockname()[1]
    listeners += [open_listener(config.listen_ip, port, reuse_port=True) for _ in range(options.workers - 1)]
    parent_is_there, parent_end = os.pipe()
    _announce(config, listeners[0], logger, f", {options.workers} workers")

    def worker_main(index: int) -> int:
        os.close(parent_end)
        for other in listeners:
            if other is not listeners[index]:
                other.close()
        return run_loop(_serve(config, options, environ, logger, listeners[index], parent_is_there))

    return run_workers(options.workers, worker_main, tell=logger.error)


def _announce(config: ServiceConfig, listener: socket.socket, logger: logging.Logger, more: str = "") -> None:
    logger.info(
        "crossgate %s listens on http://%s:%d with %d endpoints, CORS %s%s",
        crossgate.__version__,
        _shown_host(config.listen_ip),
        listener.getsockname()[1],
        len(config.endpoints),
        "off" if config.cors is None else "on",
        more,
    )


def run_loop(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on a new uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


async def _serve(
    config: ServiceConfig,
    options: ServeOptions,
    environ: Mapping[str, str],
    logger: logging.Logger,
    listener: socket.socket,
    parent_is_there: int | None = None,
) -> int:
    """Serve until told to stop, or until the pipe that only the parent holds open says that the parent is gone."""
    stop = stop_signals()
    if parent_is_there is not None:
        asyncio.get_running_loop().add_reader(parent_is_there, stop.set)
    gateway = await start_gateway(config, options, environ=environ, logger=logger, listener=listener)
    await stop.wait()
    if parent_is_there is not None:
        asyncio.get_running_loop().remove_reader(parent_is_there)
    logger.info("stopping: no new connections, requests in flight finish")
    await stop_gracefully(gateway, stop, config.max_shutdown_wait_seconds)
    return 0


async def stop_gracefully(gateway: RunningGateway, stop: asyncio.Event, timeout_seconds: float) -> None:
    """Let requests in flight finish; a second signal closes them at once."""
    stop.clear()
    finishing = asyncio.ensure_future(gateway.stop(timeout_seconds))
    again = asyncio.ensure_future(stop.wait())
    await asyncio.wait((finishing, again), return_when=asyncio.FIRST_COMPLETED)
    again.cancel()
    if not finishing.done():
        finishing.cancel()
        await gateway.close()
    await asyncio.gather(finishing, again, return_exceptions=True)


def stop_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _shown_host(listen_ip: str) -> str:
    if not listen_ip:
        return "127.0.0.1"
    return f"[{listen_ip}]" if ":" in listen_ip else listen_ip
