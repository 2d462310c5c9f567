"""Where answers are kept: bounded by their number and by their bytes, the one that was not asked for longest leaves.

Bodies that are still arriving have a bound of their own.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from crossgate.flow.fiber import Flow, Signal
from crossgate.http.message import Fields

_LEAST_ROOM_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer. `varied` has the values of the request's fields that it depends on, by lower-case name; `received` is
    when it came, in seconds since the epoch."""

    status: int
    fields: Fields
    body: bytes
    varied: tuple[tuple[bytes, bytes | None], ...]
    received: float | None = None

    @property
    def size_bytes(self) -> int:
        """As it would be on the wire, about, with what it depends on."""
        of_fields = sum(len(name) + len(value) + 4 for name, value in self.fields)
        return len(self.body) + 20 + of_fields + _bytes_in(self.varied)


class Shelf(Protocol):
    """Where answers are kept for other gateways, too."""

    def get(self, key: Hashable) -> Flow[Kept | None]:
        """The answer of that key."""

    def put(self, key: Hashable, kept: Kept, now: float) -> None:
        """Keep an answer for as long as it is of use, reckoned from `now` in seconds since the epoch."""

    def drop(self, key: Hashable) -> None:
        """Forget an answer."""


class Room:
    """How many bytes may be on their way into a store: beyond that, what arrives is passed on and not kept."""

    __slots__ = ("left_bytes",)

    def __init__(self, bytes_: int) -> None:
        self.left_bytes = bytes_

    def take(self, bytes_: int) -> bool:
        """Whether there is room for so many more; whoever took it gives it back."""
        if bytes_ > self.left_bytes:
            return False
        self.left_bytes -= bytes_
        return True

    def give(self, bytes_: int) -> None:
        """Give it back."""
        self.left_bytes += bytes_


class Store:
    """Answers by key. Keys count, too: they have the targets and fields that clients send.

    `waiting` are those who wait for an answer that is on its way, through whichever cache in front of the store;
    `not_kept` the hashes of keys (which may be long) whose last answer was not one to keep.
    """

    def __init__(self, max_items: int, max_bytes: int) -> None:
        self.max_items = max_items
        self.max_bytes = max_bytes
        self.size_bytes = 0
        self.waiting: dict[Hashable, list[Signal[bool]]] = {}
        self.not_kept: set[int] = set()
        self.room = Room(max(max_bytes, _LEAST_ROOM_BYTES))
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._kept)

    async def start(self) -> None:
        """Nothing runs beside requests (`Survivor`)."""

    async def stop(self) -> None:
        """Nothing to end."""

    def get(self, key: Hashable) -> Kept | None:
        """The answer of that key."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer in the place of another, unless it alone is too large."""
        self.drop(key)
        size = kept.size_bytes + _bytes_in(key)
        if size >= self.max_bytes:
            return
        self._kept[key] = kept
        self.size_bytes += size
        while len(self._kept) > self.max_items or self.size_bytes > self.max_bytes:
            other, gone = self._kept.popitem(last=False)
            self.size_bytes -= gone.size_bytes + _bytes_in(other)

    def drop(self, key: Hashable) -> None:
        """Forget an answer."""
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.size_bytes -= gone.size_bytes + _bytes_in(key)


def _bytes_in(value: Hashable) -> int:
    """Those of all texts in nested tuples."""
    if isinstance(value, bytes | str):
        return len(value)
    return sum(map(_bytes_in, value)) if isinstance(value, tuple) else 0
