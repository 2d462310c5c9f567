"""How a function of a plugin is called, whatever it is: plain, async or blocking; and what becomes of it when it fails.

Nothing that a plugin raises gets past this but Refusal: its text is in the log, under an id. Knows no messages and no
place in which a plugin stands.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from crossgate.components.plugins.reasons import FAILED, STUCK
from crossgate.components.plugins.threads import BusyError, StuckError, Threads, TooBusyRefusal
from crossgate.components.plugins.watch import QUIET_SECONDS, Watch
from crossgate.flow.fiber import Flow, Signal
from crossgate.flow.timers import DeadlineExceededError
from crossgate.metrics.registry import Registry
from crossgate.pipeline.failure import EXPECTED, PartFailedError
from crossgate.plugins import Refusal

_HELP = "Calls of plugins that failed: by an error, too late, since too many waited, or since no thread comes back."


class Calling:
    """What all plugins of one worker share."""

    def __init__(self, log: logging.Logger, metrics: Registry, slow_seconds: float, threads: int) -> None:
        self._log = log
        self._metrics = metrics
        self.watch = Watch(log, metrics, slow_seconds)
        self._thread_count = threads
        self._threads: dict[str, Threads] = {}  # by plugin: one that holds all of its own harms no other
        self._stuck_told: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def failed(self, name: str, error: BaseException) -> PartFailedError:
        """A plugin failed with that. Goes into the log; the result is for the client."""
        error_id = secrets.token_hex(8)
        self._log.error("error %s: the plugin %s failed", error_id, name, exc_info=error)
        self._count(name, "error")
        return PartFailedError(error_id, FAILED)

    def late(self, name: str) -> None:
        """A plugin did not answer in time."""
        self._log.error("the plugin %s took longer than it has", name)
        self._count(name, "timeout")

    def busy(self, name: str) -> Refusal:
        """A blocking plugin is asked too often."""
        self._count(name, "busy")
        return TooBusyRefusal()

    def stuck(self, name: str) -> PartFailedError:
        """No thread of a blocking plugin comes back. The log says so now and then."""
        error_id = secrets.token_hex(8)
        now = time.monotonic()
        if now >= self._stuck_told.get(name, now):
            self._stuck_told[name] = now + QUIET_SECONDS
            text = "error %s: the plugin %s fails at once while none of its %d threads comes back from earlier calls"
            self._log.error(text, error_id, name, self._thread_count)
        self._count(name, "stuck")
        return PartFailedError(error_id, STUCK)

    def stop(self) -> None:
        """Look no more; threads end once they are done."""
        self.watch.stop()
        for threads in self._threads.values():
            threads.stop()

    def _count(self, name: str, reason: str) -> None:
        self._metrics.count("crossgate_plugin_failures_total", _HELP, plugin=name, reason=reason).add()

    async def in_task(self, name: str, awaitable: Awaitable[Any]) -> Any:
        """What it comes to. Cancelled with whoever waits here."""
        arrived: Signal[None] = Signal()
        task = asyncio.get_running_loop().create_task(contained(lambda: awaitable))
        self._tasks.add(task)  # the loop itself does not hold tasks
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: arrived.succeed(None))
        try:
            await arrived
        except DeadlineExceededError:
            self.late(name)
            raise
        finally:
            task.cancel()
        if task.cancelled():
            raise self.failed(name, asyncio.CancelledError())
        value, error = task.result()
        if error is not None:
            raise error if isinstance(error, (Refusal, *EXPECTED)) else self.failed(name, error)
        return value

    async def in_thread(self, name: str, work: Callable[[], Any]) -> Any:
        """What it comes to. A thread cannot be stopped: it goes on if nobody waits for it any more."""
        threads = self._threads.get(name)
        if threads is None:
            threads = self._threads[name] = Threads(self._thread_count)
        try:
            value, error = await threads.run(lambda: _attempt(work))
        except BusyError:
            raise self.busy(name) from None
        except StuckError:
            raise self.stuck(name) from None
        except DeadlineExceededError:
            self.late(name)
            raise
        if error is not None:
            raise error if isinstance(error, Refusal) else self.failed(name, error)
        return value


class Function:
    """One function of a plugin. Calling it gives its value, or a Flow of that; raises Refusal and PartFailedError."""

    __slots__ = ("_call", "_calling", "_is_blocking", "_watch", "name", "needs_body")

    def __init__(
        self,
        name: str,
        call: Callable[..., Any],
        calling: Calling,
        *,
        is_blocking: bool = False,
        needs_body: bool = False,
    ) -> None:
        self.name = name
        self.needs_body = needs_body
        self._call = call
        self._calling = calling
        self._is_blocking = is_blocking
        self._watch = calling.watch

    def __call__(self, *arguments: Any) -> Any:
        """See Function."""
        if self._is_blocking:
            return self._calling.in_thread(self.name, lambda: self._call(*arguments))
        watch = self._watch
        began = watch.begin(self.name)
        try:
            found = self._call(*arguments)
        except Refusal:
            raise
        except BaseException as error:  # noqa: BLE001 # a plugin's SystemExit, too, is not the gateway's
            raise self._calling.failed(self.name, error) from None
        finally:
            watch.end(began)
        return found if found is None or not hasattr(found, "__await__") else self._calling.in_task(self.name, found)

    async def result(self, *arguments: Any) -> Any:
        """The value, however long it takes."""
        found = self(*arguments)
        return await found if is_flow(found) else found

    def wrong(self, found: object, wanted: str) -> PartFailedError:
        """It gave something else than it has to."""
        return self._calling.failed(self.name, TypeError(f"it gave {type(found).__name__} where {wanted} is wanted"))

    def failed(self, error: BaseException) -> PartFailedError:
        """What it did to its arguments cannot be used."""
        return self._calling.failed(self.name, error)


def is_flow(found: Any) -> bool:
    """Whether a Function gave a Flow."""
    return type(found) is _FLOW


async def _nothing() -> None:
    pass


_coroutine: Flow[None] = _nothing()
_FLOW = type(_coroutine)
_coroutine.close()


async def contained(call: Callable[..., Awaitable[Any]], *arguments: Any) -> tuple[Any, BaseException | None]:
    """The value, or what was raised. A task that raises SystemExit would end the event loop."""
    try:
        return await call(*arguments), None
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return None, error
    except BaseException as error:  # noqa: BLE001
        return None, error


def _attempt(work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        found = work()
    except BaseException as error:  # noqa: BLE001
        return None, error
    if hasattr(found, "__await__"):
        return None, TypeError("a plugin that blocks cannot be async")
    return found, None
