"""An event loop that leads nowhere, and that turns only as long as something goes on by itself.

Knows asyncio; does not know gateways.
"""

import asyncio
import errno
import selectors
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NoReturn, ParamSpec, TypeVar

_TURNS = 12
"""In so many, whatever can go on without time passing has gone on."""

P = ParamSpec("P")
T = TypeVar("T")


class AtOnce(ThreadPoolExecutor):
    """Runs on the spot what is meant for a thread, so that a test knows when it has ended."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 # it is for who waits
            future.set_exception(error)
        return future


class _Selector(selectors.DefaultSelector):
    """Asks the system only where there is something to come: the loop's own pipe is for who waits."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        is_idle = timeout is not None and timeout <= 0 and self.is_watching_nobody
        return [] if is_idle else super().select(timeout)

    @property
    def is_watching_nobody(self) -> bool:
        """Whether nothing can come from outside the process."""
        return len(self.get_map()) < 2


class QuietLoop(asyncio.SelectorEventLoop):
    """A loop that leads nowhere: whoever would connect or listen is refused, as if nobody were there."""

    def __init__(self) -> None:
        self._outside = _Selector()
        super().__init__(self._outside)

    async def turns(self, is_done: Callable[[], bool] = lambda: False) -> None:
        """Let go on what can without time passing, until that is done."""
        for _ in range(_TURNS):
            # asyncio's own lists: asking them is much quicker than to turn for nothing
            if not self._ready and not self._scheduled and self._outside.is_watching_nobody:  # type: ignore[attr-defined]
                return
            await asyncio.sleep(0)
            if is_done():
                return

    async def create_connection(self, *_: Any, **__: Any) -> NoReturn:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "a gateway under test has no network")

    create_unix_connection = create_server = create_unix_server = create_connection
