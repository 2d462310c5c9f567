"""An eye on bodies that pass through: a backend that falls silent in the middle of one does not hold a client for ever.

Knows bodies and time; does not know whose they are.
"""

from dataclasses import dataclass

from crossgate.flow.body import Body
from crossgate.flow.timers import DeadlineExceededError, Timers

LOOK_SECONDS = 1.0
MIN_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class _Watched:
    limit_seconds: float
    silent_since_seconds: float
    fed_pieces: int


class StreamWatch:
    """All streamed bodies of one worker. Looks every LOOK_SECONDS or more often, and not at all while there are none.

    DEVIATION(DEV-TIME-1): KrakenD cuts a no-op body off when the endpoint's time is over, however well it flows, and a
    chunked one then looks whole. Here the time bounds silence only, and a body that is cut off is seen to be.
    """

    __slots__ = ("_timers", "_watched")

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._watched: dict[Body, _Watched] = {}

    def watch(self, body: Body, limit_seconds: float) -> None:
        """Break the body off once nothing of it arrived for that long although its reader was ready."""
        if not self._watched:
            self._timers.after(_look_seconds(limit_seconds), self._look)
        self._watched[body] = _Watched(limit_seconds, self._timers.now(), body.fed_pieces)

    def __len__(self) -> int:
        return len(self._watched)

    def _look(self) -> None:
        now = self._timers.now()
        silent: list[Body] = []
        for body, watched in list(self._watched.items()):
            if body.ended:
                del self._watched[body]
            elif body.is_paused or body.fed_pieces != watched.fed_pieces:
                watched.fed_pieces = body.fed_pieces
                watched.silent_since_seconds = now
            elif now - watched.silent_since_seconds >= watched.limit_seconds:
                del self._watched[body]
                silent.append(body)
        if self._watched:
            soonest = min(watched.limit_seconds for watched in self._watched.values())
            self._timers.after(_look_seconds(soonest), self._look)
        for body in silent:
            body.break_off(DeadlineExceededError())


def _look_seconds(limit_seconds: float) -> float:
    """How long until the next look, so that a limit is overrun by a quarter at most."""
    return max(MIN_LOOK_SECONDS, min(LOOK_SECONDS, limit_seconds / 4))
