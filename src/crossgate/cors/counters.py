"""Counts of decisions by outcome and reason. Knows no exporter and no clock."""

from collections import Counter
from typing import Any

from crossgate.cors.decision import Decision


class Counters:
    """Counts of decisions since it was made. Not synchronised: one per thread or event loop."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Counter[tuple[Any, ...]] = Counter()  # by the decision's beginning, which is cheap to come by

    def count(self, decision: Decision) -> None:
        """Adds one decision."""
        self._counts[decision[:4]] += 1

    def snapshot(self) -> dict[tuple[str, str], int]:
        """The counts so far by (outcome, reason): (`preflight-refused`, `origin-not-listed`) and so on.

        Outcomes are `not-cors`, and `actual` or `preflight` with `-allowed` or `-refused`. A copy: it stays as it is.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for (kind, allowed, _, reason), count in self._counts.items():
            counts[outcome_of(kind, allowed), str(reason)] += count
        return dict(counts)


def outcome_of(kind: str, allowed: bool) -> str:
    """A decision in a word: see `snapshot`."""
    if kind == "not-cors" and allowed:
        return "not-cors"
    return f"{kind}-{'allowed' if allowed else 'refused'}"
