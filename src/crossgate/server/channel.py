"""What a parent and one of its workers say to each other: words with a few values, one JSON line each, over a socket.

Knows how words are written and read; does not know what they mean to whom. When one end is gone, the other hears so.
"""

import contextlib
import json
import select
import socket
from collections.abc import Iterator
from typing import Any

DRAIN, END = "drain", "end"
"""The parent's own words: finish what is under way and stop; stop at once."""

READY, LEAVING, CLOSED = "ready", "leaving", "closed"
"""A worker's: requests are served; a successor is needed, since this one will stop; no connection is taken any more."""

_PATIENCE_SECONDS = 5.0


class Channel:
    """One end. Who is told something and does not take it for seconds is given up."""

    __slots__ = ("_received", "_socket")

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._received = b""

    def fileno(self) -> int:
        """For selectors and event loops."""
        return self._socket.fileno()

    def tell(self, word: str, **values: Any) -> None:
        """Say something. Values are what JSON has."""
        left = json.dumps({"word": word, **values}).encode() + b"\n"
        with contextlib.suppress(OSError):
            while left:
                try:
                    left = left[self._socket.send(left) :]
                except BlockingIOError:
                    # Half a line would make nonsense of what follows: wait, but not for who hears no more.
                    if not select.select((), (self._socket,), (), _PATIENCE_SECONDS)[1]:
                        self._socket.shutdown(socket.SHUT_RDWR)

    def heard(self) -> Iterator[dict[str, Any]]:
        """What was said meanwhile; its `word` is always there. Raises EOFError where the other end is gone."""
        try:
            data = self._socket.recv(65_536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            raise EOFError
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            yield json.loads(line)

    def close(self) -> None:
        """Let go of this end."""
        self._socket.close()
