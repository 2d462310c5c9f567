"""Keys of an object of the file, however the file writes them."""

from collections.abc import Mapping
from typing import Any

from crossgate.config.document import Namespace
from crossgate.diagnostics.path import child


def key_in(space: Namespace, key: str) -> tuple[str, Any]:
    """The path and value of a key in a namespace; an empty path where it has none.

    Version 2 has `maxRate` or `max-rate` where version 3 has `max_rate`.
    """
    value = space.value
    if isinstance(value, Mapping):
        for name in [key, *(one for one in value if _folded(one) == _folded(key))]:
            if value.get(name) is not None:
                return child(space.path, name), value[name]
    return "", None


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
