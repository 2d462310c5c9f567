"""Decoded data as plugins get it and give it back: plain Python values, of which nobody else holds a part.

A number that is no plain int keeps its text for as long as nobody replaces it. Walks without recursion, since peers
decide how deep data is.
"""

import math
from typing import Any

from crossgate.golang.number import Number, float64_text

MAX_VALUES = 2_000_000
MAX_DEPTH = 10_000
"""Of what a plugin gives back; what contains itself is deeper."""


class WrittenFloat(float):
    """A float that remembers how it was written: `1.0`, `1E+2`."""

    __slots__ = ("text",)
    text: bytes


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """The same object, its numbers made floats in place."""
    waiting: list[dict[str, Any] | list[Any]] = [data]
    while waiting:
        holder = waiting.pop()
        places: Any = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for place, value in list(places):
            kind = type(value)
            if kind is Number:
                holder[place] = _float(bytes(value))
            elif kind is dict or kind is list:
                waiting.append(value)
    return data


def given_back(data: Any) -> dict[str, Any]:
    """A copy as the gateway keeps data. Raises TypeError for what is no JSON, ValueError for what has no end."""
    if not isinstance(data, dict):
        raise TypeError(f"data is an object, not {type(data).__name__}")
    copied: dict[str, Any] = {}
    waiting: list[tuple[Any, Any, int]] = [(data, copied, 1)]
    left = MAX_VALUES
    while waiting:
        holder, into, depth = waiting.pop()
        left -= len(holder)
        if left < 0 or depth > MAX_DEPTH:
            raise ValueError(f"data has more than {MAX_VALUES} values, is deeper than {MAX_DEPTH}, or contains itself")
        depth += 1
        if isinstance(holder, dict):
            for name, value in holder.items():
                if not isinstance(name, str):
                    raise TypeError(f"names in data are texts, not {type(name).__name__}")
                into[name] = _copied(value, waiting, depth)
        else:
            into.extend([_copied(value, waiting, depth) for value in holder])
    return copied


def _copied(value: Any, waiting: list[tuple[Any, Any, int]], depth: int) -> Any:
    if value is None or isinstance(value, (bool, str)) or type(value) in (int, Number):
        return value
    if isinstance(value, dict):
        made: dict[str, Any] = {}
        waiting.append((value, made, depth))
        return made
    if isinstance(value, (list, tuple)):
        items: list[Any] = []
        waiting.append((value, items, depth))
        return items
    if type(value) is WrittenFloat:
        return Number(value.text)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("data has a number that JSON cannot have")
        return Number(float64_text(value))
    raise TypeError(f"data cannot have a {type(value).__name__}")


def _float(text: bytes) -> WrittenFloat:
    found = WrittenFloat(text)
    found.text = text
    return found
