"""A request that is not read yet, since it has to wait. Knows its bytes; does not know what it waits for."""

from typing import Protocol

MOST_BYTES = 16_384
"""What is longer is read at once. If a client sends more meanwhile, nothing more is taken from it until then."""


class Place(Protocol):
    """Where it waits (see Load)."""

    def give_up(self) -> None:
        """It need not hear of the end of its wait: its client is gone. Harmless where it has."""


class Unread:
    """See above. It came at `since_seconds`."""

    __slots__ = ("data", "place", "since_seconds")

    def __init__(self, data: bytes, since_seconds: float) -> None:
        self.data = data
        self.since_seconds = since_seconds
        self.place: Place | None = None

    def add(self, data: bytes) -> bool:
        """More from its client; whether that is enough for now."""
        self.data += data
        return len(self.data) > MOST_BYTES

    def give_up(self) -> None:
        """Its client is gone."""
        if self.place is not None:
            self.place.give_up()
