"""What a modifier's keys hold, and a modifier being read. Does not know any modifier."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any, Protocol

from crossgate.components.martian.errors import MartianError
from crossgate.components.martian.modifier import Modifier
from crossgate.golang.regex import PatternError, PatternSearch, compile_search

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Kind(Enum):
    """What a value has to be, in words."""

    TEXT = "a string"
    INTEGER = "a whole number"
    BOOLEAN = "true or false"
    TEXTS = "a list of strings"
    TEXT_MAP = "an object with strings as values"
    MODIFIER = "a modifier"
    LIST = "a list"

    def fits(self, value: Any) -> bool:
        """Whether a value is one."""
        match self:
            case Kind.TEXT:
                return isinstance(value, str)
            case Kind.INTEGER:
                return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
            case Kind.BOOLEAN:
                return isinstance(value, bool)
            case Kind.TEXTS:
                return isinstance(value, list) and all(isinstance(item, str) for item in value)
            case Kind.TEXT_MAP:
                return isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values())
            case Kind.LIST:
                return isinstance(value, list)
            case Kind.MODIFIER:
                return True


class Parse(Protocol):
    """Reads a modifier within another. Raises MartianError."""

    def __call__(self, value: Any, at: tuple[str | int, ...]) -> Modifier:
        """The modifier at a place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The keys of one modifier, `values` by their names, each with the name that is written."""

    values: Mapping[str, tuple[str, Any]]
    at: tuple[str | int, ...]
    parse: Parse
    random: Random

    def get(self, name: str, default: Any) -> Any:
        """A value."""
        return self.values[name][1] if name in self.values else default

    def text(self, name: str) -> str:
        """A text, empty where it is absent."""
        text: str = self.get(name, "")
        return text

    def written(self, name: str) -> str:
        """How a key is written."""
        return self.values[name][0] if name in self.values else name

    def fail(self, name: str, message: str, hint: str = "") -> MartianError:
        """What is wrong with a value."""
        return MartianError(message, (*self.at, self.written(name)) if name in self.values else self.at, hint)

    def field_name(self, name: str) -> bytes:
        """The lower-case name of a field. DEVIATION(DEV-MARTIAN-2): never one that frames a body in two ways."""
        field = self.text(name)
        if not field:
            raise self.fail(name, f'"{name}" must be the name of a field')
        if not _TOKEN.fullmatch(field):
            raise self.fail(name, f'"{field[:40]}" is not the name of a field')
        if field.lower() == "transfer-encoding":
            message = "Transfer-Encoding cannot be changed: a body that ends in two places is two requests to a backend"
            raise self.fail(name, message, "remove it")
        return field.lower().encode()

    def field_value(self, name: str) -> bytes:
        """The value of a field as UTF-8."""
        return self.text(name).encode("utf-8", "replace")

    def search(self, name: str) -> PatternSearch:
        """A regular expression."""
        try:
            return compile_search(self.text(name))
        except PatternError as error:
            hint = "patterns are RE2's: without look-around and back-references"
            raise self.fail(name, f"this is not a regular expression: {error}", hint) from None

    def modifier(self, name: str) -> Modifier:
        """A modifier that has to be there."""
        if name not in self.values:
            raise MartianError(f'there is no "{name}"', self.at, f'add "{name}": {{…}}')
        return self.parse(self.get(name, None), (*self.at, self.written(name)))

    def otherwise(self) -> Modifier:
        """The one under `else`, if there is one."""
        return self.modifier("else") if "else" in self.values else Modifier()


@dataclass(frozen=True, slots=True)
class Shape:
    """What may be written below a modifier's name, and what it becomes. A group's scope says nothing of its members."""

    keys: Mapping[str, Kind]
    make: Callable[[Reading], Modifier]
    is_group: bool = False


FILTER: Mapping[str, Kind] = {"modifier": Kind.MODIFIER, "else": Kind.MODIFIER}
