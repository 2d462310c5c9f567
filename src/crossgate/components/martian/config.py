"""The modifier of a backend as a file has it, parsed once to see that it can be.

Source: krakend-martian v2 `martian.go`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from crossgate.components.martian.errors import MartianError
from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import KeyTable, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child

NAME = "modifier/martian"
KEYS = KeyTable("Martian's modifiers", Manner.OWN, (), is_free=True)
NAMESPACE = ComponentNamespace(NAME, "Changes to a backend's requests and responses.", {"backend": KEYS})
_OFF = "switches all modifiers of this backend off, with a line in its log"


@dataclass(frozen=True, slots=True)
class MartianConfig:
    """The modifier as written: an object with its name as the only key."""

    modifier: Mapping[str, Any]


def decode_martian(section: Section) -> MartianConfig | None:
    """The backend's modifier; None where it has none.

    DEVIATION(DEV-MARTIAN-1): KrakenD goes on without modifiers where one of them cannot be parsed.
    """
    namespace = section.namespaces.get(NAME)
    if namespace is None or namespace.value is None:
        return None
    from crossgate.components.martian.parse import parse_modifier

    unknown: list[tuple[str | int, ...]] = []
    try:
        parse_modifier(namespace.value, Random(0), unknown)
    except MartianError as error:
        path = _at(namespace.path, error.at)
        section.close(NAME, path, str(error), hint=error.hint, krakend=_OFF)
        return None
    for steps in unknown:
        message = f'"{steps[-1]}" is ignored: this modifier has no such key'
        krakend = "ignores it silently"
        section.report.warning("CFG205", _at(namespace.path, steps), message, krakend=krakend, on_key=True)
    return MartianConfig(namespace.value)


def _at(path: str, steps: tuple[str | int, ...]) -> str:
    for step in steps:
        path = child(path, step)
    return path
