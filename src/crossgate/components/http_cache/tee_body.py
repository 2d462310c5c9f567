"""A body on its way that is also collected, as long as it is not too large."""

from collections.abc import Callable

from crossgate.components.http_cache.store import Room
from crossgate.flow.body import Body


def _nothing() -> None:
    pass


class TeeBody:
    """`passed_on` has the pieces of `source`. `on_whole` gets all of them once they are there, if they are few enough.

    A body that breaks off, that nobody wants the rest of, or for which there is no `room`, is not handed over. At the
    end `on_over` is called, or `on_abandoned` where nobody wants the rest.
    """

    def __init__(self, source: Body, max_bytes: int, room: Room, on_whole: Callable[[bytes], None]) -> None:
        self._source = source
        self._most_bytes = max_bytes
        self._room = room
        self._taken = 0
        self._collects = source.length_bytes is None or source.length_bytes <= max_bytes
        self._pieces: list[bytes] = []
        self._on_whole = on_whole
        self._began = False
        self._hurries = False
        self.on_over: Callable[[], None] = _nothing
        self.on_abandoned: Callable[[], None] = _nothing
        self.passed_on = Body(
            length_bytes=source.length_bytes,
            on_pause=self._pause,
            on_resume=self._resume,
            on_abandon=self._abandon,
        )

    def hurry(self, most_bytes: int) -> bool:
        """Read on however slow the reader is, where the body says that it is no longer than that. Whether it does."""
        length = self._source.length_bytes
        self._hurries = self._collects and length is not None and length <= most_bytes
        return self._hurries

    def _pause(self) -> None:
        if not self._hurries:
            self._source.pause()

    def _resume(self) -> None:
        if self._began:
            self._source.resume()
        else:
            self._began = True
            self._source.stream_to(self)

    def _abandon(self) -> None:
        self._give_up()
        self._source.abandon()
        self.on_abandoned()

    def feed(self, data: bytes) -> None:
        """See BodySink."""
        if self._collects:
            if self._taken + len(data) <= self._most_bytes and self._room.take(len(data)):
                self._taken += len(data)
                self._pieces.append(data)
            else:
                self._give_up()
        self.passed_on.feed(data)

    def _give_up(self) -> None:
        self._collects = False
        self._pieces.clear()
        self._room.give(self._taken)
        self._taken = 0

    def end(self) -> None:
        """See BodySink."""
        if self._collects:
            whole = b"".join(self._pieces)
            self._give_up()
            self._on_whole(whole)
        self.passed_on.end()
        self.on_over()

    def fail(self, error: Exception) -> None:
        """See BodySink."""
        self._give_up()
        self.passed_on.fail(error)
        self.on_over()
