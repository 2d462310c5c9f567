"""Waiting for what gives no event: the state of another process."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 20


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fail after PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)
