"""The event loop of a process: it goes on until the gateway ends, and so does the process, whatever plugins began.

Knows loops, tasks and threads; does not know what a gateway consists of.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Mapping
from typing import Any

import uvloop

from crossgate.metrics.registry import Registry

LAST_SECONDS = 2.0
"""How long tasks that are cancelled and threads may go on once the gateway has ended."""

_EXITS = (SystemExit, KeyboardInterrupt)
_ENDS = "ended, though what plugins began goes on (%s)"


def run_loop(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on a new uvloop, and end the process soon after it.

    A task or a callback that raises SystemExit or KeyboardInterrupt stops a loop. Where that was not `main`, nobody
    meant the gateway: it is an error that goes to the loop's exception handler, and the loop goes on.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        loop = runner.get_loop()
        task = loop.create_task(_and_end(main))
        while True:
            try:
                return loop.run_until_complete(task)
            except _EXITS as error:
                if task.done() or _is_the_operators(error):
                    raise
                loop.call_exception_handler(
                    {"message": "what a plugin began wanted to end the process", "exception": error}
                )


def _is_the_operators(error: BaseException) -> bool:
    """Whether it is a Ctrl-C that nobody hears yet."""
    return isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is signal.default_int_handler


async def _and_end(main: Coroutine[Any, Any, int]) -> int:
    """What comes of it, once no task is left that goes on."""
    exit_code = await main
    end_soon(exit_code)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others)
    return exit_code


def end_soon(exit_code: int) -> None:
    """End this process in LAST_SECONDS with that code, unless it ends by itself: Python waits for all threads."""
    threading.Thread(target=_end, args=(exit_code,), name="crossgate-end", daemon=True).start()


def _end(exit_code: int) -> None:
    threading.Event().wait(LAST_SECONDS)
    names = [
        thread.name for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()
    ]
    logging.getLogger("crossgate").error(_ENDS, ", ".join(names) or "tasks that cannot be cancelled")
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(exit_code)


def watch_failures(loop: asyncio.AbstractEventLoop, log: logging.Logger, metrics: Registry) -> None:
    """Log and count what goes wrong in tasks and callbacks of that loop for which nobody waits."""

    def failed(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        reason = "exit" if isinstance(error, _EXITS) else "error"
        metrics.count(
            "crossgate_background_failures_total",
            "Errors in tasks and callbacks that nobody waits for, and those that wanted to end the process.",
            reason=reason,
        ).add()
        log.error("%s", context["message"], exc_info=error)

    loop.set_exception_handler(failed)
