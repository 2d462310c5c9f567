"""The state of all buckets in memory that the workers of a gateway share, so that a limit holds for all of them.

The memory is made before workers begin, its size is fixed, and the system gives pages only where buckets are. Buckets
are found by name: that of a limit, or that of a limit and one of its clients. So they survive a reload that leaves
their limit as it was. Knows memory and locks; what a bucket does is `bucket.py`'s.
"""

import hashlib
import mmap
import os
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context

from crossgate.limits.bucket import Bucket, take

LIMITS = 1 << 14
"""Room for the buckets of limits themselves: those of a file, and of the files that were loaded before it."""

CLIENTS = 1 << 21
"""Room for clients' buckets, of all limits together: 48 MiB, if it is ever needed.

DEVIATION(DEV-RATE-2): KrakenD keeps any number, each until ten minutes after the client's last request.
"""

SHELF = 8
"""A client's bucket is on one of two shelves of so many places, the emptier of them. Where others have all of both,
the one with the oldest bucket leaves; with half as many clients as there is room for, nobody has to.

Source: Azar, Broder, Karlin, Upfal: Balanced allocations, 1994.
"""

_HALF = SHELF // 2

STALE_SECONDS = 0.05
"""A lock that is held for so long was left behind by a worker that died: it is held for a microsecond otherwise."""

_CELL_BYTES = 8
_CELLS = 3  # whose bucket it is, time of the last refill, tokens
_SHELF_CELLS = SHELF * _CELLS


def nanoseconds_of(now: Callable[[], float]) -> Callable[[], int]:
    """A clock of whole nanoseconds out of one of seconds; the system's has one of its own."""
    return time.monotonic_ns if now is time.monotonic else lambda: int(now() * 1e9)


class TooManyLimitsError(ValueError):
    """There is no room for one more limit."""

    def __init__(self) -> None:
        super().__init__("there have been too many rate limits since the start: a restart is needed")


class SharedBuckets:
    """Buckets of limits, and of their clients. Times are nanoseconds of one monotonic clock."""

    def __init__(self, *, limits: int = LIMITS, clients: int = CLIENTS) -> None:
        """Room for so many of each, powers of two, one shelf of clients at least. Raises OSError."""
        self._limits_mask = limits - 1
        self._clients_mask = clients - 1
        self._shelf_mask = clients - SHELF
        self._clients_at = limits * _CELLS
        self._memory = mmap.mmap(-1, (limits + clients) * _CELLS * _CELL_BYTES)
        self._cells = memoryview(self._memory).cast("q")
        self._lock = _Lock()
        # Forked workers have the interpreter's hash secret in common; this makes up for one that is known.
        self._salt = os.urandom(16)

    @property
    def bytes_reserved(self) -> int:
        """The size of the memory, which never changes."""
        return len(self._memory)

    def place(self, limit: str, bucket: Bucket, now_ns: int) -> int:
        """Where the bucket of a limit is, made unless it is there already. Raises TooManyLimitsError."""
        owner = hash(self._salt + f"{limit}\0{bucket}".encode()) or 1
        cells = self._cells
        self._lock.acquire()
        try:
            for step in range(self._limits_mask + 1):
                at = ((owner + step) & self._limits_mask) * _CELLS
                if cells[at] == 0:
                    self._make(at, owner, bucket, now_ns)
                if cells[at] == owner:
                    return at + 1
        finally:
            self._lock.release()
        raise TooManyLimitsError

    def take(self, place: int, bucket: Bucket, now_ns: int) -> int:
        """Take a token of the bucket at that place; see `bucket.take`."""
        lock, cells = self._lock, self._cells
        if not lock.acquire_now(False):
            lock.wait()
        try:
            if bucket.refills_when_empty:
                tokens: int = cells[place + 1]
                if tokens > 0:  # as `take` has it, without its call
                    cells[place + 1] = tokens = tokens - 1
                    return tokens
            return take(bucket, cells, place, now_ns)
        finally:
            lock.release()

    def note(self, place: int, left: int, now_ns: int) -> None:
        """Somebody who knows better says what is left of the bucket at that place."""
        lock = self._lock
        lock.acquire()
        try:
            self._cells[place] = now_ns
            self._cells[place + 1] = left
        finally:
            lock.release()

    def note_of(self, name: bytes, bucket: Bucket, left: int, now_ns: int) -> None:
        """The same of a client's bucket."""
        client = hash(name) or 1
        lock = self._lock
        lock.acquire()
        try:
            at = self._find(client, bucket, now_ns)
            self._cells[at] = now_ns
            self._cells[at + 1] = left
        finally:
            lock.release()

    def prefix(self, limit: str, bucket: Bucket) -> bytes:
        """What `take_of` wants before the name of a client, for one limit."""
        return hashlib.blake2b(f"{limit}\0{bucket}".encode(), digest_size=16, key=self._salt).digest()

    def take_of(self, name: bytes, bucket: Bucket, now_ns: int) -> int:
        """Take a token of a client's bucket, which is made if there is none. Names begin with a `prefix`."""
        client = hash(name) or 1
        cells, lock = self._cells, self._lock
        at = self._clients_at + (client & self._clients_mask) * _CELLS  # where it nearly always is
        if not lock.acquire_now(False):
            lock.wait()
        try:
            at = at + 1 if cells[at] == client else self._find(client, bucket, now_ns)
            if bucket.refills_when_empty:
                tokens: int = cells[at + 1]
                if tokens > 0:
                    cells[at + 1] = tokens = tokens - 1
                    return tokens
            return take(bucket, cells, at, now_ns)
        finally:
            lock.release()

    def _find(self, client: int, bucket: Bucket, now_ns: int) -> int:
        """Where the client's time and tokens are.

        Shelves only fill: who is not on a first one that is not half full has never been put on the second.
        """
        cells = self._cells
        first = self._clients_at + (client & self._shelf_mask) * _CELLS
        at, left, free = self._look(client, first)
        if at >= 0:
            return at + 1
        if left <= _HALF:
            second = self._clients_at + ((client >> 32) & self._shelf_mask) * _CELLS
            at, left_there, free_there = self._look(client, second)
            if at >= 0:
                return at + 1
            if left_there > left:
                free = free_there
            elif not left:
                free = min(self._oldest(first), self._oldest(second), key=lambda place: cells[place + 1])
        else:
            home = self._clients_at + (client & self._clients_mask) * _CELLS  # where `take_of` looks first
            if cells[home] == 0:
                free = home
        self._make(free, client, bucket, now_ns)
        return free + 1

    def _oldest(self, shelf: int) -> int:
        """The place of the bucket that was refilled least lately."""
        cells = self._cells
        return min(range(shelf, shelf + _SHELF_CELLS, _CELLS), key=lambda place: cells[place + 1])

    def _look(self, client: int, shelf: int) -> tuple[int, int, int]:
        """The client's place on a shelf, or -1; how many are free, and one of those, or -1."""
        cells = self._cells
        left, free = 0, -1
        for at in range(shelf, shelf + _SHELF_CELLS, _CELLS):
            known = cells[at]
            if known == client:
                return at, 0, -1
            if known == 0:
                left, free = left + 1, at
        return -1, left, free

    def _make(self, at: int, owner: int, bucket: Bucket, now_ns: int) -> None:
        self._cells[at + 1] = now_ns
        self._cells[at + 2] = bucket.initial
        self._cells[at] = owner


class _Lock:
    """A lock between processes that costs no system call while nobody else wants it.

    `acquire_now(False)` says whether it was free; where it was not, `wait`.
    """

    __slots__ = ("_acquire", "_release", "acquire_now")

    def __init__(self) -> None:
        self._acquire: Callable[..., object] = _nothing
        self._release: Callable[[], object] = _nothing
        # Where the system has no semaphores, two workers may take one token in the same microsecond. That is not worth
        # a gateway that does not start.
        with suppress(OSError):
            semaphore = get_context("fork").Lock()
            self._acquire = semaphore.acquire
            self._release = semaphore.release
        self.acquire_now = self._acquire

    def acquire(self) -> None:
        """Take it, waiting if need be."""
        if not self.acquire_now(False):
            self.wait()

    def wait(self) -> None:
        """Wait for it. One that a dead worker holds is taken over."""
        self._acquire(True, STALE_SECONDS)

    def release(self) -> None:
        """Give it back; harmless if the one that was thought dead has done so, too."""
        try:
            self._release()
        except ValueError:
            return


def _nothing(*_: object) -> bool:
    return True
