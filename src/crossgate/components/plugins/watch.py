"""A look at plain functions that run on the event loop: which one holds it, and for how long.

Afterwards there is a line for each call that was slow; while a call goes on for seconds, a thread of its own says where
it is. Does not know what the functions do.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable

from crossgate.metrics.registry import Registry

QUIET_SECONDS = 60.0
"""For how long a plugin that was named is not named again."""

LOOK_SECONDS = 1.0
"""How often the thread looks: a call that it meets twice has taken at least so long."""


class Watch:
    """One worker's. `begin` and `end` are called around each call, on one thread."""

    def __init__(
        self,
        log: logging.Logger,
        metrics: Registry,
        slow_seconds: float,
        now: Callable[[], float] = time.perf_counter,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._log = log
        self._metrics = metrics
        self._slow_seconds = slow_seconds
        self._now = now
        self._look_seconds = look_seconds
        self._name = ""  # of the plugin that runs; empty: none
        self._calls = 0
        self._quiet_until: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def begin(self, name: str) -> float:
        """A call of that plugin begins. Gives when."""
        self._name = name
        self._calls += 1
        return self._now()

    def end(self, began: float) -> None:
        """It is over."""
        seconds = self._now() - began
        if seconds > self._slow_seconds:
            self._slow(self._name, seconds)
        self._name = ""

    def _slow(self, name: str, seconds: float) -> None:
        help_text = "Calls of plain functions of plugins that held the event loop for too long."
        self._metrics.count("crossgate_plugin_slow_calls_total", help_text, plugin=name).add()
        now = self._now()
        if now < self._quiet_until.get(name, now):
            return
        self._quiet_until[name] = now + QUIET_SECONDS
        text = "the plugin %s held the event loop for %.0f ms: make it async, or say blocking = True"
        self._log.warning(text, name, seconds * 1000)

    def start(self) -> None:
        """Look at the calls of the thread that this is called on."""
        if self._thread is None:
            looked_at = threading.get_ident()
            self._thread = threading.Thread(
                target=self._look, args=(looked_at,), name="crossgate-plugin-watch", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def _look(self, looked_at: int) -> None:
        met = told = 0
        while not self._ended.wait(self._look_seconds):
            name, call = self._name, self._calls
            if not name:
                continue
            if call == met and call != told:
                told = call
                where = _place_of(looked_at)
                self._log.error(
                    "the plugin %s holds the event loop, and with it every request: it is at %s", name, where
                )
            met = call


def _place_of(thread: int) -> str:
    frame = sys._current_frames().get(thread)  # noqa: SLF001 # there is no other way to see where a thread is
    if frame is None:
        return "an unknown place"
    return f"{frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}"
