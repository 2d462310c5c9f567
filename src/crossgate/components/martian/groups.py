"""Several modifiers as one. Source: google/martian v2.1 `fifo/`, `priority/`."""

from collections.abc import Mapping
from typing import Any

from crossgate.components.martian.errors import MartianError
from crossgate.components.martian.kinds import Kind, Reading, Shape
from crossgate.components.martian.modifier import Modifier, in_order


def _fifo(reading: Reading) -> Modifier:
    at = (*reading.at, reading.written("modifiers"))
    members = [reading.parse(item, (*at, position)) for position, item in enumerate(reading.get("modifiers", []))]
    return in_order(members, aggregates=reading.get("aggregateErrors", False))


def _priority(reading: Reading) -> Modifier:
    """The highest first; of equal ones the last."""
    at = (*reading.at, reading.written("modifiers"))
    members = [_member(item, (*at, position), reading) for position, item in enumerate(reading.get("modifiers", []))]
    in_turn = sorted(enumerate(members), key=lambda member: (-member[1][0], -member[0]))
    return in_order([modifier for _, (_, modifier) in in_turn])


def _member(item: Any, at: tuple[str | int, ...], reading: Reading) -> tuple[int, Modifier]:
    if not isinstance(item, Mapping):
        raise MartianError('a member must be {"priority": …, "modifier": {…}}', at)
    found = {str(name).lower(): (name, value) for name, value in item.items()}
    written, priority = found.get("priority", ("priority", 0))
    if not Kind.INTEGER.fits(priority):
        raise MartianError('"priority" must be a whole number', (*at, written))
    if "modifier" not in found:
        raise MartianError('there is no "modifier"', at)
    written, modifier = found["modifier"]
    return priority, reading.parse(modifier, (*at, written))


GROUPS: Mapping[str, Shape] = {
    "fifo.Group": Shape({"modifiers": Kind.LIST, "aggregateErrors": Kind.BOOLEAN}, _fifo, is_group=True),
    "priority.Group": Shape({"modifiers": Kind.LIST}, _priority, is_group=True),
}
