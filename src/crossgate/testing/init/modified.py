"""Fields that Martian's modifiers of a backend speak of, with the values that its filters wait for.

Knows how modifiers are written; does not run them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.components.martian.config import MartianConfig
from crossgate.config.model import BackendConfig
from crossgate.testing.init.approach import sample_of

_NAME = re.compile(r"[A-Za-z0-9-]+")


def modified_fields(backend: BackendConfig) -> dict[str, str]:
    """By name; an empty value where none is waited for."""
    martian = backend.components.get("martian")
    found: dict[str, str] = {}
    if isinstance(martian, MartianConfig):
        for name, value in _fields(martian.modifier):
            if _NAME.fullmatch(name):
                found[name] = found.get(name) or value
    return found


def _fields(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for member in value:
            yield from _fields(member)
    if not isinstance(value, Mapping):
        return
    for key, member in value.items():
        if key in ("name", "header") and isinstance(member, str):
            yield member, _waited_for(value)
        elif key == "names" and isinstance(member, list):
            yield from ((name, "") for name in member if isinstance(name, str))
        else:
            yield from _fields(member)


def _waited_for(modifier: Mapping[str, Any]) -> str:
    """What a filter lets its modifier have: what others put is another thing."""
    if "modifier" not in modifier:
        return ""
    value, pattern = modifier.get("value"), modifier.get("regex")
    text = value if isinstance(value, str) else sample_of(pattern) if isinstance(pattern, str) else ""
    return text if text.isprintable() and text.isascii() else ""
