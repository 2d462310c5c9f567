"""Which member of a cluster has which keys, as values. Knows no connections.

Source: the Redis cluster specification; `CLUSTER SLOTS`, which every version of a cluster has.
"""

from binascii import crc_hqx
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crossgate.redis.failure import RedisRefusalError

SLOTS = 16384
Place = tuple[str, int]
"""Host and port of a member."""


@dataclass(frozen=True, slots=True)
class SlotRange:
    """Slots `first` to `last` are at `place`, of which others are copies."""

    first: int
    last: int
    place: Place


def slot_of(key: bytes) -> int:
    """The slot of a key: that of what stands in its first braces, if there is something."""
    begin = key.find(b"{")
    if begin >= 0:
        end = key.find(b"}", begin + 1)
        if end > begin + 1:
            key = key[begin + 1 : end]
    return crc_hqx(key, 0) % SLOTS


def without_braces(text: str) -> str:
    """Another text for each, none with braces, which would choose the slot."""
    return text.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")


def ranges_in(answer: Any, asked: Place) -> Sequence[SlotRange]:
    """What an answer to CLUSTER SLOTS says; whoever does not know its own address means the one that was `asked`.

    Raises RedisRefusalError for what is none, or has no slots.
    """
    found: list[SlotRange] = []
    try:
        for first, last, primary, *_ in answer:
            if 0 <= first <= last < SLOTS:
                found.append(SlotRange(first, last, (_host(primary[0], asked), int(primary[1]))))
    except (TypeError, ValueError, LookupError):
        raise RedisRefusalError("ANSWER that is none of CLUSTER SLOTS's") from None
    if not found:
        raise RedisRefusalError("CLUSTER without slots: it is not one yet")
    return found


def _host(name: Any, asked: Place) -> str:
    text = name.decode("ascii") if isinstance(name, bytes) else ""
    return asked[0] if text in ("", "?") else text


def redirected(text: str, asked: Place) -> tuple[int, Place]:
    """Slot and place of `MOVED slot host:port` and `ASK slot host:port`. Raises RedisRefusalError."""
    try:
        _, number, address = text.split(" ")
        host, _, port = address.rpartition(":")
        slot = int(number)
        if 0 <= slot < SLOTS:
            return slot, (_host(host.encode(), asked), int(port))
    except (ValueError, UnicodeError):
        pass
    raise RedisRefusalError("ANSWER that leads nowhere")


def key_in(ranges: Iterable[SlotRange], begin: str) -> str:
    """A key that begins so and whose slot is in one of the ranges. `begin` has no braces, and there is a range."""
    wanted: set[int] = set()
    for each in ranges:
        wanted.update(range(each.first, each.last + 1))
    number = 0
    while slot_of(f"{begin}{number}".encode()) not in wanted:
        number += 1
    return f"{begin}{number}"
