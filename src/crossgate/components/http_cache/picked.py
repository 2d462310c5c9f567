"""The few fields that matter to a cache, picked out of field lines that nobody has taken apart.

Does not know what fields mean.
"""

import re
from collections.abc import Callable, Iterable

from crossgate.http.message import Fields

Pick = Callable[[bytes], Fields]
"""From valid field lines, each with its CRLF in front, to those fields among them that are picked, in order and with
names as they are written."""


def picking(names: Iterable[bytes]) -> Pick:
    """Picks the fields of these lower-case names."""
    pattern = re.compile(rb"\r\n(" + _any_of(set(names)) + rb"):[ \t]*([^\r]*[^\r \t]|)", re.IGNORECASE)
    return pattern.findall


def values_in(lines: bytes, name: bytes) -> list[bytes]:
    """The values of all lines that have that lower-case name."""
    lower, start = lines.lower(), b"\r\n%b:" % name
    found, at = [], lower.find(start)
    while at >= 0:
        begin = at + len(start)
        end = lines.find(b"\r\n", begin)
        if end < 0:
            end = len(lines)
        found.append(lines[begin:end].strip(b" \t"))
        at = lower.find(start, end)
    return found


def _any_of(names: set[bytes]) -> bytes:
    """A pattern for any of them that looks at no letter twice: lines are many, and hardly any has one of the names."""
    one, other = min(names), max(names)
    begin = one[: next((at for at, letter in enumerate(one) if other[at] != letter), len(one))]
    rests: dict[bytes, set[bytes]] = {}
    for name in names:
        rest = name[len(begin) :]
        rests.setdefault(rest[:1], set()).add(rest)
    if len(names) == 1:
        return re.escape(begin)
    return re.escape(begin) + b"(?:%b)" % b"|".join(_any_of(rest) for rest in rests.values())
