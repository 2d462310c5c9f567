"""Whether two values mean the same: frozen values of any kind as what can be compared.

Python takes 1 for True and a list for another than the tuple of the same; JSON does neither. Values are compared with
all that they hide from view; nothing of them is shown here.
"""

import dataclasses
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

import msgspec


def meaning(value: Any) -> Any:
    """A value as something hashable that equals that of another value where both say the same."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | float):
        return ("below", 0) if value == 0 and math.copysign(1, value) < 0 else value  # which is written as -0
    if isinstance(value, msgspec.Raw):
        return meaning(msgspec.json.decode(value))
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.compare]
        return (type(value).__name__, tuple((name, meaning(member)) for name, member in members))
    if isinstance(value, msgspec.Struct):
        return (type(value).__name__, tuple((name, meaning(getattr(value, name))) for name in value.__struct_fields__))
    if isinstance(value, Mapping):
        return ("object", frozenset((meaning(key), meaning(member)) for key, member in value.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(map(meaning, value)))
    if isinstance(value, AbstractSet):
        return ("set", frozenset(map(meaning, value)))
    return value


def says_same(old: Any, new: Any) -> bool:
    """Whether two values mean the same."""
    return old is new or bool(meaning(old) == meaning(new))
