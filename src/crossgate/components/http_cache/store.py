"""Where answers are kept: bounded by their number and by their bytes, the one that was not asked for longest leaves.

Bodies that are still arriving have a bound of their own.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

from crossgate.components.http_cache.changes import Changes
from crossgate.components.http_cache.control import OLDEST_SECONDS, Terms, terms_of
from crossgate.components.http_cache.picked import picking
from crossgate.flow.fiber import Flow, Signal
from crossgate.http.message import Fields, UpstreamResponse, first_of_lines, parse_lines

_LEAST_ROOM_BYTES = 64 * 1024 * 1024
_TEXTS = (bytes, str)
_AGE_LINE = re.compile(rb"\r\nage:[^\r\n]*", re.IGNORECASE)
_pick_terms = picking((b"age", b"cache-control", b"date", b"expires"))


class Kept:
    """One answer. `varied` has the values of the request's fields that it depends on, by lower-case name; `received` is
    when it was asked for, in seconds since the epoch.

    By `cell` it is known whether what it tells of has changed since; `stood_in` is when it last stood in for a failing
    backend. Instead of fields it may have `lines`, with what
    they say of the body; see UpstreamResponse. Once its body is there, nobody changes it.
    """

    __slots__ = (
        "_age",
        "_age_line",
        "_fields",
        "_terms",
        "body",
        "cell",
        "is_encoded",
        "length_bytes",
        "lines",
        "received",
        "status",
        "stood_in",
        "varied",
    )

    def __init__(
        self,
        status: int,
        fields: Fields | None,
        body: bytes,
        varied: tuple[tuple[bytes, bytes | None], ...],
        received: float | None = None,
        *,
        lines: bytes | None = None,
        length_bytes: int | None = None,
        is_encoded: bool = True,
        cell: int = 0,
    ) -> None:
        self.status = status
        self.body = body
        self.varied = varied
        self.received = received
        self.lines = lines
        self.length_bytes = length_bytes
        self.is_encoded = is_encoded
        self.cell = cell
        self.stood_in = -math.inf
        self._fields = fields
        self._terms: Terms | None = None
        self._age = 0
        self._age_line = b""

    @property
    def fields(self) -> Fields:
        """The field lines, taken apart when they are first asked for."""
        if self._fields is None:
            self._fields = parse_lines(self.lines or b"")
        return self._fields

    @property
    def terms(self) -> Terms:
        """What it says of its use, worked out when it is first asked for."""
        if self._terms is None:
            telling = self.fields if self.lines is None else _pick_terms(self.lines)
            self._terms = terms_of(telling, self.received)
        return self._terms

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name."""
        if self.lines is not None:
            return first_of_lines(self.lines, name)
        return next((value for known, value in self.fields if known.lower() == name), None)

    def answer(self, now: float | None = None) -> UpstreamResponse:
        """It as an answer, which may be changed. Given the time, it says how old it is; below a second that is nothing,
        which means the same."""
        lines = self.lines
        age = 0 if now is None else int(now - self.terms.born)
        if lines is None:
            fields = self.fields.copy()
            if age > 0:
                fields = [field for field in fields if field[0].lower() != b"age"]
                fields.append((b"age", b"%d" % min(age, OLDEST_SECONDS)))
            return UpstreamResponse(self.status, fields, self.body)
        if age > 0:
            if age != self._age:
                if not self._age:  # for the first time; it is the Age of before that goes
                    self.lines = lines = _AGE_LINE.sub(b"", lines)
                self._age, self._age_line = age, b"\r\nAge: %d" % min(age, OLDEST_SECONDS)
            lines += self._age_line
        return UpstreamResponse(self.status, None, self.body, "", lines, self.length_bytes, is_encoded=self.is_encoded)

    @property
    def size_bytes(self) -> int:
        """As it would be on the wire, about, with what it depends on."""
        if self.lines is not None:
            of_fields = len(self.lines)
        else:
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
    What was changed since it was asked for is not there any more: `changes` says so.
    """

    def __init__(self, max_items: int, max_bytes: int, changes: Changes | None = None) -> None:
        self.max_items = max_items
        self.max_bytes = max_bytes
        self.size_bytes = 0
        self.waiting: dict[Hashable, list[Signal[bool]]] = {}
        self.not_kept: set[int] = set()
        self.room = Room(max(max_bytes, _LEAST_ROOM_BYTES))
        self.changes = changes or Changes()
        self._changed = self.changes.times
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()  # with the bytes that both take

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
        found = self._kept.get(key)
        if found is None:
            return None
        kept = found[0]
        received = kept.received
        if received is not None and received <= self._changed[kept.cell]:  # `has_changed`
            self.drop(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer in the place of another, unless it alone is too large."""
        self.drop(key)
        size = kept.size_bytes + _bytes_in(key)
        if size >= self.max_bytes:
            return
        self._kept[key] = kept, size
        self.size_bytes += size
        while len(self._kept) > self.max_items or self.size_bytes > self.max_bytes:
            self.size_bytes -= self._kept.popitem(last=False)[1][1]

    def drop(self, key: Hashable) -> None:
        """Forget an answer."""
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.size_bytes -= gone[1]

    def has_changed(self, kept: Kept) -> bool:
        """Whether what an answer tells of may have changed since it was asked for."""
        return kept.received is not None and kept.received <= self._changed[kept.cell]


def _bytes_in(value: Hashable) -> int:
    """Those of all texts in nested tuples."""
    if isinstance(value, _TEXTS):
        return len(value)
    total = 0
    if isinstance(value, tuple):
        for part in value:
            total += len(part) if isinstance(part, _TEXTS) else _bytes_in(part)
    return total
