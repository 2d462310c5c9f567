"""A request that is neither read nor refused yet. Knows its bytes; does not know why it has to wait."""

from collections.abc import Callable
from typing import Protocol

from crossgate.flow.timers import Deadline


class Holds(Protocol):
    """Who says when."""

    def hold(self, entry: Deadline) -> None:
        """Have it expire when it is to be refused, or before that, where there is room for it again."""

    def let_go(self, entry: Deadline) -> None:
        """It is not to expire any more. Harmless where it has."""


class Waits(Protocol):
    """The connection."""

    def end_hold(self, data: bytes, seconds: float, /) -> None:
        """The request, which came so long ago, is to be answered now."""


class Held:
    """See above. It is a deadline of who holds it."""

    __slots__ = ("_connection", "_holds", "_now", "_since_seconds", "at_seconds", "data")

    def __init__(self, connection: Waits, data: bytes, holds: Holds, now: Callable[[], float]) -> None:
        self.data = data
        self.at_seconds = 0.0
        self._connection = connection
        self._holds = holds
        self._now = now
        self._since_seconds = now()
        holds.hold(self)

    def expire(self) -> None:
        """See Deadline."""
        self._connection.end_hold(self.data, self._now() - self._since_seconds)

    def let_go(self) -> None:
        """It is read before that, or its client is gone."""
        self._holds.let_go(self)
