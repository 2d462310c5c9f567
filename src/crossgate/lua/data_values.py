"""Decoded data as scripts handle it: `luaTable`, `luaList` and `luaNil`. Awaits nothing, knows no Lua.

Lists are Go's slices: who takes one shares its items, but not that it grows or shrinks, until it is set back.
Numbers that nobody touched keep their literals. Source: krakend-lua 2.13 `decorator/`, `types.go`.
"""

import math
import re
from typing import Any

from crossgate.golang.number import Number, float64_text


class ScriptFaultError(Exception):
    """What a function of ours raises in Lua."""


class Table:
    """An object that a script holds."""

    __slots__ = ("items",)

    def __init__(self, items: dict[str, Any]) -> None:
        self.items = items


class List:
    """A list that a script holds: the first `length` of `items`."""

    __slots__ = ("items", "length")

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.length = len(items)

    def get(self, index: int) -> Any:
        """The item, or raises LookupError."""
        if 0 <= index < self.length:
            return self.items[index]
        raise LookupError

    def set(self, index: int, value: Any) -> None:
        """DEVIATION(DEV-LUA-7): behind its end a list grows; KrakenD fails where Go has room left behind it."""
        if index < self.length:
            self.items[index] = value
            return
        if index > MAX_LIST_ITEMS:
            raise ScriptFaultError(f"a list of more than {MAX_LIST_ITEMS} items")
        self.items = self.items[: self.length] + [None] * (index - self.length + 1)
        self.items[index] = value
        self.length = index + 1

    def delete(self, index: int) -> None:
        """The items behind it move up; whoever shares them has a null at the end."""
        if 0 <= index < self.length:
            last = self.length - 1
            self.items[index:last] = self.items[index + 1 : self.length]
            self.items[last] = None
            self.length = last

    def whole(self) -> list[Any]:
        """What is set where the list is."""
        if self.length != len(self.items):
            self.items = self.items[: self.length]
        return self.items


_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
MAX_LIST_ITEMS = 1_000_000
MAX_DATA_DEPTH = 10_000
MAX_DATA_VALUES = 2_000_000
NULL = object()
"""`luaNil` as scripts hand it over."""


def from_lua_number(value: float) -> Any:
    """A number that is set, as float64. DEVIATION(DEV-LUA-10): it is a number as any other from now on.

    DEVIATION(DEV-LUA-4): what is no number, or infinite, is an error; KrakenD answers 200 with an empty body.
    """
    if not math.isfinite(value):
        raise ScriptFaultError("json: unsupported value: " + ("NaN" if math.isnan(value) else "Inf"))
    return Number(float64_text(float(value)).encode())


def as_lua_number(value: Any) -> float | None:
    """The float64 of a number in data; None where it is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return float(bytes(value)) if isinstance(value, Number) else None


def as_list(items: dict[str, Any]) -> Any:
    """A nested native table: a list in the order of its keys where all are integers (null where there are none)."""
    if any(_INTEGER.fullmatch(key) is None for key in items):
        return items
    keys = {int(key): key for key in items}
    return [items[keys[key]] for key in sorted(keys)] or None


def check_size(data: dict[str, Any]) -> None:
    """Raise ScriptFaultError where data hold themselves, or the same again and again, so that their text has no end."""
    count = 0
    todo: list[tuple[Any, int]] = [(data, 0)]
    while todo:
        value, depth = todo.pop()
        inner = value.values() if type(value) is dict else value if type(value) is list else ()
        count += len(inner)
        if depth > MAX_DATA_DEPTH or count > MAX_DATA_VALUES:
            raise ScriptFaultError("the data are too large, or hold themselves")
        todo += [(item, depth + 1) for item in inner if type(item) in (dict, list)]
