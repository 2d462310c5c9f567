"""One connection to a Redis: commands go out in batches, answers come back in their order.

Knows the protocol as far as hiredis does not (which answer is whose) and the bounds of an answer; does not know when to
connect, or what to do without one.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

from crossgate.flow.fiber import Signal
from crossgate.redis.failure import RedisAwayError, RedisLateError, RedisRefusalError

Word = str | bytes | int | float

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""An answer that is larger ends the connection: whoever asks never asks for so much."""

MAX_WAITING = 20_000
"""So many commands may be on their way on one connection; there is no use in more."""


def pack(words: tuple[Word, ...]) -> bytes:
    """A command as it goes out. Words may have any bytes."""
    packed: bytes = hiredis.pack_command(words)  # type: ignore[arg-type] # its stub knows commands of one word
    return packed


class Batch:
    """Commands that went out together. `arrived` of them have their answers."""

    __slots__ = ("arrived", "began_seconds", "deadline", "signals")

    def __init__(self, signals: list[Signal[Any]], began_seconds: float) -> None:
        self.signals = signals
        self.began_seconds = began_seconds
        self.arrived = 0
        self.deadline: asyncio.TimerHandle | None = None

    def fail(self, error: Callable[[], Exception]) -> int:
        """Tell those that still wait. Gives their number."""
        waiting = [signal for signal in self.signals[self.arrived :] if not signal.settled]
        for signal in waiting:
            signal.fail(error())
        return len(waiting)


class Link(asyncio.Protocol):
    """See above. `on_batch` is called when a batch has all its answers, `on_lost` once, with a reason."""

    def __init__(self, on_batch: Callable[[Batch], None], on_lost: Callable[["Link", str], None]) -> None:
        self._on_batch = on_batch
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._batches: deque[Batch] = deque()
        self._unread_bytes = 0
        self.is_lost = False
        self.waiting = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See Protocol."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, packed: bytes, batch: Batch) -> None:
        """Send commands, one after another, for the batch's signals."""
        if self.is_lost or self._transport is None:
            batch.fail(lambda: RedisAwayError("the connection is gone"))
            return
        self._batches.append(batch)
        self.waiting += len(batch.signals)
        self._transport.write(packed)

    def data_received(self, data: bytes) -> None:
        """See Protocol."""
        self._unread_bytes += len(data)
        try:
            self._reader.feed(data)
            while True:
                answer = self._reader.gets()
                if answer is False:
                    break
                self._unread_bytes = self._reader.len()
                if not self._take(answer):
                    return
        except (hiredis.HiredisError, MemoryError):
            self.lose("it does not speak the protocol of Redis")
            return
        if self._unread_bytes > MAX_ANSWER_BYTES:
            self.lose(f"an answer is larger than {MAX_ANSWER_BYTES} bytes")

    def _take(self, answer: Any) -> bool:
        if not self._batches:
            self.lose("it answers what nobody asked")
            return False
        batch = self._batches[0]
        signal = batch.signals[batch.arrived]
        batch.arrived += 1
        self.waiting -= 1
        if batch.arrived == len(batch.signals):
            self._batches.popleft()
            if batch.deadline is not None:
                batch.deadline.cancel()
            self._on_batch(batch)
        if isinstance(answer, hiredis.ReplyError):
            signal.fail(RedisRefusalError(str(answer)))
        else:
            signal.succeed(answer)
        return not self.is_lost

    def connection_lost(self, error: Exception | None) -> None:
        """See Protocol."""
        self.lose(str(error) if error is not None and str(error) else "it closed the connection")

    def expire(self, batch: Batch) -> int:
        """The batch's time is over. Its answers may still come, for nobody. Gives how many waited."""
        return batch.fail(lambda: RedisLateError("it does not answer in time"))

    def lose(self, reason: str) -> None:
        """End the connection. Whoever waits is told."""
        if self.is_lost:
            return
        self.is_lost = True
        batches, self._batches = self._batches, deque()
        self.waiting = 0
        if self._transport is not None:
            self._transport.abort()
        self._on_lost(self, reason)
        for batch in batches:
            if batch.deadline is not None:
                batch.deadline.cancel()
            batch.fail(lambda: RedisAwayError(reason))
