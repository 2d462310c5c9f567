"""How Go's fmt prints values with `%v`."""

from typing import Any


def print_form(value: Any) -> str:
    """The text of a JSON value as a `respN_` variable has it."""
    return str(value)
