"""Differences told together: the same change at many endpoints is one entry with a count. Knows no plans."""

from collections.abc import Iterable
from dataclasses import dataclass

from crossgate.compare.difference import RANKS, Difference


@dataclass(frozen=True, slots=True)
class Grouped:
    """Differences that one sentence tells. `first` stands for all; `endpoints` are theirs, in the file's order."""

    first: Difference
    endpoints: tuple[str, ...]

    @property
    def count(self) -> int:
        """At how many endpoints; 1 where it is about none."""
        return max(1, len(self.endpoints))


def grouped(differences: Iterable[Difference]) -> list[Grouped]:
    """Worst first, what was not decided last; among equals what opens something, then in the order found."""
    found: dict[tuple[object, ...], tuple[Difference, dict[str, None]]] = {}
    for one in differences:
        key = (one.kind, one.opens, one.sentence, one.is_undecided)
        _, endpoints = found.setdefault(key, (one, {}))
        if one.endpoint:
            endpoints[one.endpoint] = None
    groups = [Grouped(first, tuple(endpoints)) for first, endpoints in found.values()]
    return sorted(groups, key=lambda group: _worth(group.first))


def _worth(one: Difference) -> tuple[bool, int, int, bool]:
    return (one.is_undecided, RANKS[one.kind], one.rank, not one.opens)
