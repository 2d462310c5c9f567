"""The life of a serving process: start, wait for a signal, let requests finish, stop.

Knows signals, exit codes and what an operator reads on the terminal; does not know what a gateway consists of.
"""

import asyncio
import logging
import signal
from collections.abc import Coroutine, Mapping
from typing import Any

import uvloop

import crossgate
from crossgate.config.model import ServiceConfig
from crossgate.gateway.log import configure_logging
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway


def serve(config: ServiceConfig, options: ServeOptions, *, environ: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0 after an orderly stop, 1 where the address cannot be had."""
    logger = configure_logging(debug=options.debug, cors_debug=config.cors_debug)
    return run_loop(_serve(config, options, environ, logger))


def run_loop(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on a new uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


async def _serve(
    config: ServiceConfig, options: ServeOptions, environ: Mapping[str, str], logger: logging.Logger
) -> int:
    stop = stop_signals()
    try:
        gateway = await start_gateway(config, options, environ=environ, logger=logger)
    except OSError as error:
        port = config.port if options.port is None else options.port
        logger.error("cannot listen on %s:%d: %s", config.listen_ip or "*", port, error.strerror or error)
        return 1
    logger.info(
        "crossgate %s listens on http://%s:%d with %d endpoints, CORS %s",
        crossgate.__version__,
        _shown_host(config.listen_ip),
        gateway.port,
        len(config.endpoints),
        "off" if config.cors is None else "on",
    )
    await stop.wait()
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
