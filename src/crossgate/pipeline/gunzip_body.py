"""A gzip body that is decoded as it passes, never further ahead than its reader wants.

Knows bodies and the gzip format; does not know who asked for the encoding.
"""

import zlib

from crossgate.flow.body import Body
from crossgate.pipeline.decode import DecodeError

PIECE_BYTES = 64 * 1024
_GZIP_WINDOW = 31  # zlib's way to say: a gzip header and trailer, the largest window


def gunzip_small(body: bytes) -> bytes | None:
    """The content of a whole gzip body of one member, of at most PIECE_BYTES; None for any other bytes."""
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        content = inflater.decompress(body, PIECE_BYTES)
    except zlib.error:
        return None
    return content if inflater.eof and not inflater.unused_data else None


class GunzipBody:
    """Takes compressed pieces (a body's sink) and feeds `decoded`.

    At most PIECE_BYTES of decoded data are made at a time and none while the reader pauses, so that a small body that
    decodes to a huge one costs no memory.
    """

    __slots__ = ("_begun", "_inflater", "_is_over", "_paused", "_running", "_source", "_waiting", "decoded")

    def __init__(self, source: bytes | Body) -> None:
        self.decoded = Body(on_pause=self._pause, on_resume=self._resume, on_abandon=self._abandon)
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        self._begun = False
        self._paused = False
        self._running = False
        self._is_over = isinstance(source, bytes)
        self._waiting = source if isinstance(source, bytes) else b""
        self._source = None if isinstance(source, bytes) else source

    def feed(self, data: bytes) -> None:
        """One compressed piece."""
        self._waiting += data
        if self._paused and self._source is not None:
            self._source.pause()
        self._advance()

    def end(self) -> None:
        """The compressed body is whole."""
        self._is_over = True
        self._advance()

    def fail(self, error: Exception) -> None:
        """The compressed body breaks off."""
        self.decoded.fail(error)

    def _pause(self) -> None:
        self._paused = True
        if self._source is not None:
            self._source.pause()

    def _resume(self) -> None:
        self._paused = False
        if not self._begun:
            self._begun = True
            if self._source is not None:
                self._source.stream_to(self)
        self._advance()
        if not self._paused and self._source is not None:
            self._source.resume()

    def _abandon(self) -> None:
        self._waiting = b""
        if self._source is not None:
            self._source.abandon()

    def _advance(self) -> None:
        if self._running:  # the reader resumes while it is being fed: the loop below goes on
            return
        self._running = True
        try:
            self._inflate()
        except zlib.error:
            self._give_up("gzip: invalid header" if self._inflater.eof is False else "gzip: invalid data")
        finally:
            self._running = False

    def _inflate(self) -> None:
        while not self._paused and not self.decoded.ended:
            if self._inflater.eof:
                if not self._waiting:
                    break
                self._inflater = zlib.decompressobj(_GZIP_WINDOW)  # members may follow each other (RFC 1952 2.2)
            waiting, self._waiting = self._waiting, b""
            piece = self._inflater.decompress(waiting, PIECE_BYTES)
            self._waiting = self._inflater.unconsumed_tail or self._inflater.unused_data
            if piece:
                self.decoded.feed(piece)
            elif not self._waiting and not self._inflater.eof:
                break
        if self._is_over and not self._waiting and not self._paused and not self.decoded.ended:
            if self._inflater.eof:
                self.decoded.end()
            else:
                self._give_up("unexpected EOF")

    def _give_up(self, text: str) -> None:
        self._waiting = b""
        self.decoded.fail(DecodeError(text))
        if self._source is not None:
            self._source.abandon()
