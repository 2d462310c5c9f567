"""Which tokens were revoked, known to all workers at once: a table in memory that they share.

The table is made before workers begin and never grows. One entry is the digest of a claim's name and value, and when it
may be forgotten. Readers take no lock: an entry is written digest first, and its time makes it count.

DEVIATION(DEV-REVOKE-2): KrakenD keeps revocations in a Bloom filter, which refuses some tokens that nobody revoked.
"""

import fcntl
import hashlib
import mmap
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

DIGEST_BYTES = 16
_ENTRY = struct.Struct("=16sd")
_PROBES = 64
MIN_ENTRIES, MAX_ENTRIES = 4096, 4_194_304


class RevocationTable:
    """`expected` is how many revocations there may be at a time; there is room for twice as many."""

    def __init__(self, expected: int) -> None:
        self._size = max(MIN_ENTRIES, min(2 * expected, MAX_ENTRIES))
        self._memory = mmap.mmap(-1, self._size * _ENTRY.size)
        # A file without a name, locked by whichever worker writes, for as long as there are any.
        self._lock, path = tempfile.mkstemp(prefix="crossgate-revocations-")
        Path(path).unlink()

    def add(self, key: str, value: str, until: float, now: float) -> None:
        """Revoke, until a time in seconds since the epoch. A full table forgets what would be forgotten next."""
        self.add_digest(digest_of(key, value), until, now)

    def add_digest(self, digest: bytes, until: float, now: float) -> None:
        """The same by the digest. One that is there already until then costs no lock."""
        if self._ends(digest) >= until:
            return
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            victim, soonest = -1, float("inf")
            for offset in self._offsets(digest):
                known, ends = _ENTRY.unpack_from(self._memory, offset)
                if known == digest or ends <= now:
                    victim = offset
                    break
                if ends < soonest:
                    victim, soonest = offset, ends
            _ENTRY.pack_into(self._memory, victim, digest, 0.0)
            _ENTRY.pack_into(self._memory, victim, digest, until)
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)

    def has(self, key: str, value: str, now: float) -> bool:
        """Whether it is revoked now."""
        return self._ends(digest_of(key, value)) > now

    @property
    def size(self) -> int:
        """How many revocations there is room for."""
        return self._size

    def _ends(self, digest: bytes) -> float:
        """When a revocation ends, 0 where there is none."""
        latest = 0.0
        for offset in self._offsets(digest):
            known, ends = _ENTRY.unpack_from(self._memory, offset)
            if known == digest and ends > latest:
                latest = ends
        return latest

    def _offsets(self, digest: bytes) -> Iterator[int]:
        start = int.from_bytes(digest[:8], "big")
        for probe in range(_PROBES):
            yield (start + probe) % self._size * _ENTRY.size


def revoked_by(
    table: RevocationTable, token_keys: Sequence[str], now: Callable[[], float]
) -> Callable[[Mapping[str, Any]], bool]:
    """Whether one of these claims, as far as it is a text, was revoked."""

    def is_revoked(claims: Mapping[str, Any]) -> bool:
        for key in token_keys:
            value = claims.get(key)
            if isinstance(value, str) and table.has(key, value, now()):
                return True
        return False

    return is_revoked


def digest_of(key: str, value: str) -> bytes:
    """What is kept of a claim's name and value."""
    text = f"{key}-{value}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=DIGEST_BYTES).digest()
