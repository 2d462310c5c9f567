"""What functions of ours give to scripts, and what they need of whoever runs them."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from crossgate.lua.arguments import Arguments
from crossgate.lua.data_values import List, Table, as_lua_number
from crossgate.lua.wire import Answer, Ask

FAULT: Final = 0
VALUE: Final = 1
NOTHING: Final = 2
NIL: Final = 3
HANDLE: Final = 4

Result = tuple[int] | tuple[int, Any] | tuple[int, Any, bytes]
"""FAULT and its text, VALUE and what Lua can hold, NOTHING (no value at all), NIL, or HANDLE, an object, its class."""

Request = Callable[[Ask], Answer]
"""Asks the worker for something. Raises ScriptFaultError."""

Natives = Callable[[Any], Any]
"""What a native value of Lua is as data: dicts, lists, texts; raises LookupError for what is none."""

NO_RESULT: Result = (NOTHING,)


class Held(Protocol):
    """What is there for one request."""

    ask: Request
    native: Natives

    def touch(self) -> None:
        """Data may have been changed."""


Function = Callable[[Any, Arguments], Result]
"""One that scripts call, with what is there for the request."""


def shown(value: Any) -> Result:
    """An item of data as a script gets it."""
    if value is None:
        return (NIL,)
    kind = type(value)
    if kind is str:
        return VALUE, value.encode("utf-8", "surrogateescape")
    if kind is bool:
        return VALUE, value
    if kind is dict:
        return HANDLE, Table(value), b"luaTable"
    if kind is list:
        return HANDLE, List(value), b"luaList"
    number = as_lua_number(value)
    return NO_RESULT if number is None else (VALUE, number)


def text_of(raw: bytes) -> str:
    """A field's value, or a parameter's, as data have it."""
    return raw.decode("utf-8", "surrogateescape")
