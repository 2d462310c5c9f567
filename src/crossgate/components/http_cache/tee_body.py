"""A body on its way that is also collected, as long as it is not too large."""

from collections.abc import Callable

from crossgate.flow.body import Body


def _nothing() -> None:
    pass


class TeeBody:
    """`passed_on` has the pieces of `source`. `on_whole` gets all of them once they are there, if they are few enough.

    A body that breaks off, or that nobody wants the rest of, is not handed over. At the end `on_over` is called, or
    `on_abandoned` where nobody wants the rest.
    """

    def __init__(self, source: Body, max_bytes: int, on_whole: Callable[[bytes], None]) -> None:
        self._source = source
        self._left = max_bytes
        self._pieces: list[bytes] = []
        self._on_whole = on_whole
        self._began = False
        self.on_over: Callable[[], None] = _nothing
        self.on_abandoned: Callable[[], None] = _nothing
        self.passed_on = Body(
            length_bytes=source.length_bytes,
            on_pause=source.pause,
            on_resume=self._resume,
            on_abandon=self._abandon,
        )

    def _resume(self) -> None:
        if self._began:
            self._source.resume()
        else:
            self._began = True
            self._source.stream_to(self)

    def _abandon(self) -> None:
        self._source.abandon()
        self.on_abandoned()

    def feed(self, data: bytes) -> None:
        """See BodySink."""
        self._left -= len(data)
        if self._left >= 0:
            self._pieces.append(data)
        else:
            self._pieces.clear()
        self.passed_on.feed(data)

    def end(self) -> None:
        """See BodySink."""
        if self._left >= 0:
            self._on_whole(b"".join(self._pieces))
        self.passed_on.end()
        self.on_over()

    def fail(self, error: Exception) -> None:
        """See BodySink."""
        self._pieces.clear()
        self.passed_on.fail(error)
        self.on_over()
