"""Standard output and standard error as a gateway writes to them: no reader, slow or gone, holds a request up.

What a pipe, socket, terminal or full disk does not take waits, up to a bound; what is more is left out and counted.
Does not know lines' forms.
"""

import asyncio
import contextlib
import errno
import os
import select
import socket
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

MAX_WAITING_BYTES = 4 * 1024 * 1024
_LAST_WORDS_SECONDS = 1.0
_NO_SPACE = frozenset((errno.ENOSPC, errno.EDQUOT))


class StandardOutput:
    """Writes to a descriptor that others may share: whole lines in pieces that a pipe takes as one (PIPE_BUF), so that
    those of several workers do not mix. A line longer than that may come in two where the pipe is full.

    `on_left_out` is told 0 when lines begin to be left out, and how many were once there is room again.
    """

    def __init__(self, descriptor: int, on_left_out: Callable[[int], object]) -> None:
        self._on_left_out = on_left_out
        self._descriptor, self._send, self._end = _opened(descriptor)
        self._lock = threading.RLock()  # plugins have threads, and may print
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = self._left_out = 0
        self._is_full = False  # a disk
        self._error: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # that tells when there is room

    def write(self, text: str) -> None:
        """Whole lines. Raises OSError where nobody reads any more."""
        data = text.encode("utf-8", "surrogateescape")
        begins = False
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._waiting and self._waiting_bytes + len(data) > MAX_WAITING_BYTES:
                begins = not self._left_out
                self._left_out += text.count("\n")
            else:
                self._waiting_bytes += len(data)
                self._waiting.extend(_pieces(data))
            left_out = self._go_on()
        # Without the lock: who is told may write here, with locks of its own.
        if begins:
            self._on_left_out(0)
        if left_out:
            self._on_left_out(left_out)

    def catch_up(self) -> bool:
        """Write what waits, as far as there is room; whether something waits still."""
        if self._waiting and self._error is None:
            self._has_room()
        return bool(self._waiting) and self._error is None

    def forget(self) -> None:
        """In a process that was forked: what waits is its parent's to write, and so is its loop."""
        self._lock = threading.RLock()
        self._waiting.clear()
        self._waiting_bytes = self._left_out = 0
        self._loop = None

    def linger(self) -> None:
        """What waits has a moment more."""
        end = time.monotonic() + _LAST_WORDS_SECONDS
        with contextlib.suppress(OSError):
            while self.catch_up() and not self._is_full and (rest := end - time.monotonic()) > 0:
                select.select((), (self._descriptor,), (), rest)
        self._stop_listening()

    def close(self) -> None:
        """What waits has a moment more."""
        self.linger()
        self._waiting.clear()
        self._end()

    def _go_on(self) -> int:
        """How many lines were left out until now, where there is room again."""
        waiting = self._waiting
        try:
            while waiting:
                piece = waiting[0]
                taken = self._send(piece)
                self._waiting_bytes -= taken
                if taken == len(piece):
                    waiting.popleft()
                else:
                    waiting[0] = piece[taken:]
        except BlockingIOError:
            self._listen()
            return 0
        except OSError as error:
            if error.errno not in _NO_SPACE:
                raise
            self._is_full = True  # the next write tries again
            return 0
        self._is_full = False
        self._stop_listening()
        left_out, self._left_out = self._left_out, 0
        return left_out

    def _listen(self) -> None:
        if self._loop is None:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:  # the next write tries again
                return
            self._loop.add_writer(self._descriptor, self._has_room)

    def _stop_listening(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_writer(self._descriptor)

    def _has_room(self) -> None:
        left_out = 0
        with self._lock:
            try:
                left_out = self._go_on()
            except OSError as error:
                self._error = error  # for the next write
                self._stop_listening()
        if left_out:
            self._on_left_out(left_out)


def _opened(descriptor: int) -> tuple[int, Callable[[bytes], int], Callable[[], object]]:
    """The same place under a number of our own; what gives it bytes, and says how many it took or raises
    BlockingIOError; what closes it.

    Whether writing waits is a property that all processes share who have the place open: it must not be changed there.
    """
    mode = os.fstat(descriptor).st_mode
    own = os.dup(descriptor)
    if stat.S_ISSOCK(mode):
        place = socket.socket(fileno=own)
        return own, lambda data: place.send(data, socket.MSG_DONTWAIT), place.close
    if stat.S_ISREG(mode):
        return own, lambda data: os.write(own, data), lambda: os.close(own)
    try:
        anew = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:  # somebody else's terminal, or no such names here
        return own, lambda data: _ask_and_write(own, data), lambda: os.close(own)
    os.close(own)
    return anew, lambda data: os.write(anew, data), lambda: os.close(anew)


def _ask_and_write(descriptor: int, data: bytes) -> int:
    """A pipe that has room at all has it for PIPE_BUF bytes, but for what others write meanwhile."""
    if not select.select((), (descriptor,), (), 0)[1]:
        raise BlockingIOError
    return os.write(descriptor, data[: select.PIPE_BUF])


def _pieces(data: bytes) -> Iterator[bytes]:
    start = 0
    while len(data) - start > select.PIPE_BUF:
        end = data.rfind(b"\n", start, start + select.PIPE_BUF) + 1 or data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end
    if start < len(data):
        yield data[start:]
