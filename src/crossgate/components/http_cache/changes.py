"""When what stands at URLs was last changed through the gateway: one memory for all of its workers.

It is made before they are forked. Places share cells, of which there are many: what changes elsewhere may count as a
change here, which costs a call of a backend and nothing else. No cell needs a lock: whoever writes last has the time.
"""

import mmap
from collections.abc import Hashable

_CELLS = 1 << 17
_CELL_BYTES = 8


class Changes:
    """Times, in seconds since the epoch, by cell; 0 where nothing was changed."""

    def __init__(self) -> None:
        self.times = memoryview(mmap.mmap(-1, _CELLS * _CELL_BYTES)).cast("d")

    def cell(self, place: Hashable) -> int:
        """That of a place, the same in all workers: they have the seed of hashes of where they come from."""
        return hash(place) % _CELLS

    def note(self, place: Hashable, now: float) -> None:
        """A place has changed."""
        self.times[self.cell(place)] = now
