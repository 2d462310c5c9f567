"""Functions that templates call: their parameters as Go declares them, and what runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Shorthands of the declarations below, and Go's names, which error messages show.
_GO_NAMES = {
    "any": "interface {}",
    "value": "reflect.Value",
    "map": "map[string]interface {}",
    "list": "[]interface {}",
}
NILLABLE = frozenset({"interface {}", "reflect.Value", "map[string]interface {}", "[]interface {}"})


@dataclass(frozen=True, slots=True)
class Function:
    """`parameters` are Go's type names, the last one that of each further argument where it is `variadic`.

    `call` gets what Go's function gets: None for a nil interface; for `reflect.Value` also INVALID and Interface.
    It raises GoError for an error or a panic, and gives None for a nil interface.
    """

    parameters: tuple[str, ...]
    variadic: bool
    call: Callable[..., Any]

    @property
    def fixed(self) -> int:
        """How many parameters are not the variadic one."""
        return len(self.parameters) - self.variadic


def go_function(declaration: str, call: Callable[..., Any]) -> Function:
    """A function from its parameters as in `int, string` or `any, ...any`."""
    words = [word.strip() for word in declaration.split(",") if word.strip()]
    variadic = bool(words) and words[-1].startswith("...")
    names = tuple(_GO_NAMES.get(word.removeprefix("..."), word.removeprefix("...")) for word in words)
    return Function(names, variadic, call)
