"""`mapping`: rename keys of the outermost object."""

from collections.abc import Callable, Mapping
from typing import Any


def compile_mapping(mapping: Mapping[str, str]) -> Callable[[dict[str, Any] | None], dict[str, Any] | None]:
    """Rename in the order of the configuration; a new name that is already there is overwritten.

    A key that is mapped to itself is dropped, as in KrakenD, which sets the new name first and removes the old one
    after. Targets have been cut at their first dot when the configuration was read.

    DEVIATION(DEV-DATA-3): KrakenD renames in random order, which shows where names collide.
    """
    renames = tuple(mapping.items())

    def rename(data: dict[str, Any] | None) -> dict[str, Any] | None:
        if not data:
            return data
        renamed = data.copy()
        for old, new in renames:
            if old in renamed:
                renamed[new] = renamed[old]
                del renamed[old]
        return renamed

    return rename
