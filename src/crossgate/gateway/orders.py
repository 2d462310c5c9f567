"""What a serving process was told to do, and the way from "stop" to its end.

Knows the steps of an orderly end; does not know who gives orders.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from crossgate.gateway.running import RunningGateway

PATIENCE_SECONDS = 1.0
"""How long a client that is between two requests may take for the next when the gateway stops."""

LEAVING_PATIENCE_SECONDS = 30.0
"""The same when a worker leaves and its successor serves already: nobody waits for its end."""


def hold_back_signals() -> None:
    """Have SIGHUP and SIGUSR1 wait until somebody hears them: before the gateway serves they must not end it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGHUP, signal.SIGUSR1))


def hear_log_rotation(reopen: Callable[[], object]) -> None:
    """Have SIGUSR1 reopen logs; one that has waited does so at once."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, reopen)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGUSR1,))


class Orders:
    """`drain`: the gateway is to stop. `leave`: this worker is to, another takes its place. `end`: at once, either way.

    `reload`: the configuration is to be read anew.
    """

    def __init__(self) -> None:
        self.drain = asyncio.Event()
        self.leave = asyncio.Event()
        self.end = asyncio.Event()
        self.reload = asyncio.Event()

    @classmethod
    def by_signals(cls) -> "Orders":
        """SIGTERM or SIGINT drains, a second one ends, SIGHUP reloads."""
        orders = cls()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, orders.stop)
        loop.add_signal_handler(signal.SIGHUP, orders.reload.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGHUP,))
        return orders

    def stop(self) -> None:
        """Drain; end where that was said before."""
        (self.end if self.drain.is_set() else self.drain).set()

    async def until_stopped(self) -> None:
        """Wait for an order to stop."""
        await first_of(self.drain.wait(), self.leave.wait(), self.end.wait())


async def stop_gracefully(
    gateway: RunningGateway, orders: Orders, *, timeout_seconds: float, closed: Callable[[], object] = lambda: None
) -> None:
    """Say that the gateway drains, take no more connections, let requests in flight finish, as long as orders allow.

    `timeout_seconds` (0: none) is how long requests may take; `closed` hears when no connection is taken any more.
    """
    if orders.drain.is_set():
        gateway.begin_draining()
        if gateway.config.drain_delay_seconds:
            await first_of(orders.end.wait(), asyncio.sleep(gateway.config.drain_delay_seconds))
    gateway.stop_accepting()
    closed()
    patience = PATIENCE_SECONDS if orders.drain.is_set() else LEAVING_PATIENCE_SECONDS
    finishing = asyncio.get_running_loop().create_task(gateway.stop(timeout_seconds, patience))
    if not orders.drain.is_set():
        await first_of(asyncio.wait((finishing,)), orders.drain.wait(), orders.end.wait())
        gateway.close_idle(PATIENCE_SECONDS)
    await first_of(asyncio.wait((finishing,)), orders.end.wait())
    if not finishing.done():
        finishing.cancel()
        await gateway.close()
    await asyncio.gather(finishing, return_exceptions=True)


async def first_of(*events: Coroutine[Any, Any, Any]) -> None:
    """Wait for the first of them; forget the others."""
    tasks = [asyncio.get_running_loop().create_task(event) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
