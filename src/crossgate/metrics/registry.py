"""What is counted, by name: plain numbers of one process, read when somebody asks.

Whoever counts either holds a `Count` or `Times` and adds to it, which costs one addition, or keeps numbers as it likes
and says how they are read. Nothing here is synchronised: one per process and event loop.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["counter", "gauge", "histogram"]
Labels = tuple[str, ...]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds of histograms of times."""


class Count:
    """A number that grows."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def add(self, number: int = 1) -> None:
        """So many more."""
        self.value += number


class Times:
    """A histogram of seconds. `counts` are those up to each of SECONDS and beyond the last."""

    __slots__ = ("counts", "largest", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.sum = 0.0
        self.largest = 0.0

    def add(self, seconds: float) -> None:
        """It took so long once more."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.sum += seconds
        if seconds > self.largest:
            self.largest = seconds

    @property
    def numbers(self) -> list[float]:
        """As a sample has it: the counts, then the sum."""
        return [*self.counts, self.sum]


Read = Callable[[], Iterable[tuple[Labels, Any]]]
"""Values by labels: numbers, or of histograms `Times.numbers`."""


@dataclass(frozen=True, slots=True)
class Family:
    """What has one name. `takes_largest`: of several processes' values the largest counts, not their sum.

    `bounds` are those of a histogram, whose values have a count for each, one for what is beyond, and the sum.
    """

    name: str
    help: str
    kind: Kind
    labels: Labels
    read: Read
    takes_largest: bool = False
    bounds: tuple[float, ...] = SECONDS


class Registry:
    """The families of one process."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._counts: dict[str, dict[Labels, Count]] = {}

    def count(self, name: str, help: str, **labels: str) -> Count:  # noqa: A002 - Prometheus calls it so
        """The count of that name with these labels: always the same one, so that it survives reloads."""
        counts = self._counts.setdefault(name, {})
        names = tuple(labels)
        if name not in self._families:
            read: Read = lambda: [(values, count.value) for values, count in counts.items()]  # noqa: E731
            self.read_at_scrape(name, help, "counter", names, read)
        values = tuple(labels.values())
        found = counts.get(values)
        if found is None:
            found = counts[values] = Count()
        return found

    def read_at_scrape(
        self,
        name: str,
        help: str,  # noqa: A002 - Prometheus calls it so
        kind: Kind,
        labels: Labels,
        read: Read,
        *,
        takes_largest: bool = False,
        bounds: tuple[float, ...] = SECONDS,
    ) -> None:
        """A family whose values are kept elsewhere. Takes the place of a former one of that name."""
        self._families[name] = Family(name, help, kind, labels, read, takes_largest, bounds)

    def snapshot(self) -> "Snapshot":
        """The numbers now. A copy: it stays as it is."""
        return [
            Sampled(
                family.name,
                family.help,
                family.kind,
                family.labels,
                [(values, value) for values, value in family.read()],
                family.takes_largest,
                family.bounds,
            )
            for family in self._families.values()
        ]


@dataclass(slots=True)
class Sampled:
    """A family with its values, by the values of its labels."""

    name: str
    help: str
    kind: Kind
    labels: Labels
    samples: list[tuple[Labels, Any]]
    takes_largest: bool = False
    bounds: tuple[float, ...] = SECONDS


Snapshot = list[Sampled]


def merged(snapshots: Iterable[Snapshot]) -> Snapshot:
    """The sum over processes. Of a family that a reload gave other labels or bounds, the first counts."""
    families: dict[str, Sampled] = {}
    values: dict[str, dict[Labels, Any]] = {}
    for snapshot in snapshots:
        for family in snapshot:
            first = families.setdefault(family.name, family)
            if (family.labels, family.bounds) != (first.labels, first.bounds):
                continue
            known = values.setdefault(family.name, {})
            for labels, value in family.samples:
                before = known.get(labels)
                known[labels] = value if before is None else _together(before, value, largest=family.takes_largest)
    return [replace(family, samples=list(values[name].items())) for name, family in families.items()]


def _together(one: Any, other: Any, *, largest: bool) -> Any:
    if isinstance(one, list):
        return [a + b for a, b in zip(one, other, strict=True)]
    return max(one, other) if largest else one + other


def growing(snapshot: Snapshot) -> Snapshot:
    """What of it outlives its process: counters and histograms."""
    return [family for family in snapshot if family.kind != "gauge"]
