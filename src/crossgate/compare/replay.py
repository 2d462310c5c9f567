"""Real requests held against differences: how many of them each one touches.

Knows requests as records and where they lead in both plans; does not know how records were written.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from crossgate.compare.difference import CORS_KINDS, Kind
from crossgate.compare.grouped import Grouped
from crossgate.compare.routes import Outcome, Routes
from crossgate.golang.url import UrlError, parse_query, path_unescape
from crossgate.plan import Plan
from crossgate.plan.routes import RouteKind


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that was. `origin` and `names` (lower-case, of fields) are None where the record does not tell."""

    method: str
    path: str
    query: str = ""
    origin: str | None = None
    names: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Class:
    """Requests that differ in nothing that is looked at."""

    labels: frozenset[str]
    moved: Literal["", "endpoint", "unrouted"]
    queries: frozenset[str]
    names: frozenset[str] | None
    origin: str | None


class Replay:
    """Counts requests by what they are, and then what each difference touches."""

    def __init__(self, old: Plan, new: Plan) -> None:
        self._old, self._new = Routes(old), Routes(new)
        self._led: dict[tuple[str, str], tuple[frozenset[str], Literal["", "endpoint", "unrouted"]]] = {}
        self._counts: Counter[_Class] = Counter()

    def add(self, requests: Iterable[Recorded]) -> None:
        """Count requests."""
        for request in requests:
            labels, moved = self._lead(request.method, request.path)
            try:
                queries = frozenset(
                    name.decode("utf-8", "replace") for name in parse_query(request.query.encode("utf-8", "replace"))
                )
            except UrlError:
                queries = frozenset()
            self._counts[_Class(labels, moved, queries, request.names, request.origin)] += 1

    @property
    def total(self) -> int:
        """How many there were."""
        return self._counts.total()

    def touched(self, groups: Sequence[Grouped]) -> list[int]:
        """Of each difference, how many requests it is about: those that lead there and bring what it is about, as far
        as the record tells."""
        return [sum(count for one, count in self._counts.items() if _touches(group, one)) for group in groups]

    def _lead(self, method: str, path: str) -> tuple[frozenset[str], Literal["", "endpoint", "unrouted"]]:
        known = self._led.get((method, path))
        if known is None:
            try:
                decoded = path_unescape(path.encode("utf-8", "replace")).decode("utf-8", "surrogateescape")
            except UrlError:
                return frozenset(), ""
            outcomes = self._old.lead(method, decoded), self._new.lead(method, decoded)
            labels = {
                _label(outcome, routes.plan) for outcome, routes in zip(outcomes, (self._old, self._new), strict=True)
            }
            moved: Literal["", "endpoint", "unrouted"] = ""
            if outcomes[0].meaning != outcomes[1].meaning:
                moved = "endpoint" if labels - {""} else "unrouted"
            known = self._led[method, path] = (frozenset(labels - {""}), moved)
        return known


def _label(outcome: Outcome, plan: Plan) -> str:
    route = outcome.route
    if route is None or route.kind is not RouteKind.ENDPOINT:
        return ""
    return f"{route.method} {plan.endpoints[route.endpoint].config.path}"


def _touches(group: Grouped, one: _Class) -> bool:
    first = group.first
    if first.kind in CORS_KINDS and one.origin is not None and not one.origin:
        return False
    if first.is_unrouted:
        return one.moved == "unrouted"
    if not group.endpoints:
        return True
    if first.kind in CORS_KINDS:  # preflights are about endpoints that the record does not name
        return one.labels <= set(group.endpoints)
    if one.labels.isdisjoint(group.endpoints):
        return False
    if first.kind is Kind.ROUTE and one.moved != "endpoint":
        return False
    if first.queries and one.queries.isdisjoint(first.queries):
        return False
    return not (first.names and one.names is not None and one.names.isdisjoint(first.names))
