"""What a client of Redis gets from outside, as a contract: components have it, this room does not know them."""

import logging
from collections.abc import Callable, Hashable
from random import Random
from typing import Any, Protocol

from crossgate.flow.timers import Timers
from crossgate.metrics.registry import Registry


class Around(Protocol):
    """What a client needs from outside, as components have it."""

    @property
    def log(self) -> logging.Logger:
        """Where it says that it is away."""

    @property
    def random(self) -> Random:
        """So that gateways do not come back all at once."""

    @property
    def metrics(self) -> Registry:
        """Where it counts."""

    @property
    def timers(self) -> Timers:
        """The deadlines of requests."""

    @property
    def keep_common(self) -> Callable[[Hashable, Callable[[], Any]], Any]:
        """What survives reloads."""
