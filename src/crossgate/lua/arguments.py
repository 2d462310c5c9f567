"""The arguments of a function that a script calls, read as krakend-lua's binder reads them.

Source: gopher-lua 1.1 `auxlib.go`; alexeyco/binder.
"""

from collections.abc import Callable
from typing import Any

from crossgate.golang.header_name import canonical_header_name
from crossgate.lua.data_values import ScriptFaultError
from crossgate.lua.number_text import number_text, read_number

NEED_ARGUMENTS = "need arguments"


class Arguments:
    """`count` of them, nil included; the first one is what a method was called on. `type_of` names Lua's type."""

    __slots__ = ("_name", "_type_of", "_values", "count")

    def __init__(self, name: str, count: int, values: tuple[Any, ...], type_of: Callable[[Any], str]) -> None:
        self._name = name
        self._values = values
        self._type_of = type_of
        self.count = count

    def __getitem__(self, number: int) -> Any:
        """The argument as it came, counted from 1; None where there is none."""
        return self._values[number - 1] if number <= self.count else None

    def text(self, number: int) -> bytes:
        """A string, or a number's text."""
        value = self[number]
        if isinstance(value, bytes):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number_text(value)
        raise self._wrong(number, "string")

    def key(self, number: int) -> str:
        """A key of an object."""
        return self.text(number).decode("utf-8", "replace")

    def header(self, number: int) -> bytes:
        """The name of a field, canonical."""
        return canonical_header_name(self.text(number).decode("latin-1")).encode("latin-1")

    def number(self, number: int) -> float:
        """A number, or a text that is one."""
        value = self[number]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        found = read_number(value) if isinstance(value, bytes) else None
        if found is None:
            raise self._wrong(number, "number")
        return found

    def integer(self, number: int) -> int:
        """The same, its fraction cut."""
        try:
            return int(self.number(number))
        except (ValueError, OverflowError):
            return -(2**63)

    def boolean(self, number: int) -> bool:
        """true or false, nothing else."""
        value = self[number]
        if isinstance(value, bool):
            return value
        raise self._wrong(number, "boolean")

    def _wrong(self, number: int, wanted: str) -> ScriptFaultError:
        found = self._type_of(self[number]) if number <= self.count else "no value"
        return ScriptFaultError(f"bad argument #{number} to {self._name} ({wanted} expected, got {found})")
