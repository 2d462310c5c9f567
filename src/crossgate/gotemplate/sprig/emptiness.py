"""What sprig takes for empty, and the functions that ask. Source: sprig 3.2.3 `defaults.go`."""

from typing import Any

from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.values import Object


def is_empty(value: Any) -> bool:
    """Whether it is nil, zero, false, or has no items; structs never are."""
    if value is None:
        return True
    return not isinstance(value, Object) and not value


def _default(default: Any, *given: Any) -> Any:
    return default if not given or is_empty(given[0]) else given[0]


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if not is_empty(value)), None)


EMPTINESS: dict[str, Function] = {
    "default": go_function("any, ...any", _default),
    "empty": go_function("any", is_empty),
    "coalesce": go_function("...any", _coalesce),
    "all": go_function("...any", lambda *values: not any(is_empty(value) for value in values)),
    "any": go_function("...any", lambda *values: any(not is_empty(value) for value in values)),
    "ternary": go_function("any, any, bool", lambda yes, no, condition: yes if condition else no),
}
