"""A message body that arrives in pieces: one producer, one consumer, back-pressure between them.

The producer calls `feed`, then `end` or `fail`. The consumer either takes pieces as they come (`stream_to`) or waits
for all of them (`read_all`). Nothing is buffered beyond what the producer had fed when it was asked to pause. Does not
know where bytes come from or go to.
"""

from collections.abc import Callable
from typing import Protocol

from crossgate.flow.fiber import Signal


class BodyTooLargeError(Exception):
    """A body has more bytes than its reader takes."""


class BodySink(Protocol):
    """Where the pieces of a body go. Exactly one of `end` and `fail` is called, last."""

    def feed(self, data: bytes) -> None:
        """Take one piece."""

    def end(self) -> None:
        """The body is whole."""

    def fail(self, error: Exception) -> None:
        """The body breaks off."""


class Body:
    """One body on its way.

    `pause`, `resume` and `abandon` are the producer's: it is asked to stop and to go on reading, and told that nobody
    wants the rest. All three may be called at any time, also twice.
    """

    __slots__ = (
        "_buffer",
        "_error",
        "_on_abandon",
        "_on_pause",
        "_on_resume",
        "_sink",
        "ended",
        "fed_pieces",
        "is_paused",
        "length_bytes",
    )

    def __init__(
        self,
        *,
        length_bytes: int | None = None,
        on_pause: Callable[[], None] | None = None,
        on_resume: Callable[[], None] | None = None,
        on_abandon: Callable[[], None] | None = None,
    ) -> None:
        self.length_bytes = length_bytes  # as declared by the sender; None where it declared none
        self.ended = False
        self.is_paused = False  # by its reader: the producer is not to blame for silence
        self.fed_pieces = 0
        self._error: Exception | None = None
        self._buffer: list[bytes] = []
        self._sink: BodySink | None = None
        self._on_pause = on_pause
        self._on_resume = on_resume
        self._on_abandon = on_abandon

    # -- the producer's side

    def feed(self, data: bytes) -> None:
        """One more piece. Ignored after the end."""
        if self.ended:
            return
        self.fed_pieces += 1
        if self._sink is None:
            self._buffer.append(data)
            self.pause()
        else:
            self._sink.feed(data)

    def end(self) -> None:
        """The last piece was fed."""
        if not self.ended:
            self.ended = True
            if self._sink is not None:
                self._sink.end()

    def fail(self, error: Exception) -> None:
        """The body breaks off."""
        if not self.ended:
            self.ended = True
            self._error = error
            if self._sink is not None:
                self._sink.fail(error)

    # -- the consumer's side

    def pause(self) -> None:
        """Ask the producer to hold."""
        self.is_paused = True
        if self._on_pause is not None and not self.ended:
            self._on_pause()

    def resume(self) -> None:
        """Ask the producer to go on."""
        self.is_paused = False
        if self._on_resume is not None and not self.ended:
            self._on_resume()

    def abandon(self) -> None:
        """Nobody wants the rest. The producer lets go of it as it can; the sink hears nothing more."""
        self._buffer.clear()
        self._sink = None
        if not self.ended:
            self.ended = True
            if self._on_abandon is not None:
                self._on_abandon()

    def break_off(self, error: Exception) -> None:
        """Give up on the producer: the sink hears of a failure, the producer that nobody wants the rest."""
        if not self.ended:
            self.fail(error)
            if self._on_abandon is not None:
                self._on_abandon()

    def stream_to(self, sink: BodySink) -> None:
        """Have pieces handed on as they come, those already here at once. Only one consumer, only once."""
        self._sink = sink
        buffer, self._buffer = self._buffer, []
        for piece in buffer:
            sink.feed(piece)
        if self._error is not None:
            sink.fail(self._error)
        elif self.ended:
            sink.end()
        else:
            self.resume()

    async def read_all(self, max_bytes: int) -> bytes:
        """The whole body. Raises BodyTooLargeError beyond `max_bytes`, and what the producer failed with."""
        collector = _Collector(self, max_bytes)
        self.stream_to(collector)
        try:
            return await collector.whole
        finally:
            if not self.ended:
                self.abandon()


class _Collector:
    __slots__ = ("_body", "_left", "_pieces", "whole")

    def __init__(self, body: Body, max_bytes: int) -> None:
        self._body = body
        self._left = max_bytes
        self._pieces: list[bytes] = []
        self.whole: Signal[bytes] = Signal()

    def feed(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._pieces.clear()
            self.whole.fail(BodyTooLargeError())
        else:
            self._pieces.append(data)

    def end(self) -> None:
        self.whole.succeed(b"".join(self._pieces))

    def fail(self, error: Exception) -> None:
        self.whole.fail(error)
