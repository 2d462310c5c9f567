"""Differences that were found, each tried: shown by a request, or undecided where no request is found that shows it.

What can be tried without the network, other processes or other people's code is; the rest stays as it was found, but
for what was told apart by its text alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace

from crossgate.compare.closed import Depth, closed_at, depth_of, is_closed, is_nameless, is_never_asked
from crossgate.compare.confirm.aspects import is_one_more
from crossgate.compare.confirm.attempts import Attempts
from crossgate.compare.confirm.large_limits import differ_beyond
from crossgate.compare.confirm.repeats import MOST_AT_ONCE
from crossgate.compare.confirm.search import Search
from crossgate.compare.confirm.stands import TwoStands, with_endpoints
from crossgate.compare.difference import CORS_KINDS, Difference, Kind
from crossgate.compare.plans import Compiled
from crossgate.compare.routes import Routes
from crossgate.components.api_keys.config import KeyRing
from crossgate.components.component import Component
from crossgate.components.lua.config import EndpointScripts, Scripts
from crossgate.components.plugins.config import PlacePlugins, ServicePlugins
from crossgate.config.model import EndpointConfig, ServiceConfig

_MOST_ALIKE = 8  # differences of one sentence that are tried; what these show, the others are taken to show
_MOST_ASKED = 8_000  # requests in all, beyond which the rest stays as it was found
_FEW_ENDPOINTS = 200
_OUTSIDE = frozenset(("opentelemetry", "overload", "redis", "metrics"))
"""Components that a test stand does without, or that need several requests at once."""


def confirmed(
    differences: Iterable[Difference],
    old: Compiled,
    new: Compiled,
    components: Sequence[Component],
    environ: Mapping[str, str],
) -> list[Difference]:
    """The same differences in their order, with what is behind each; without those that no request gets to."""
    found = list(differences)
    alike: dict[object, list[int]] = defaultdict(list)
    for number, one in enumerate(found):
        alike[(one.kind, one.opens, one.sentence)].append(number)
    tried = Tried(old, new)
    chosen = sorted(number for some in alike.values() for number in some[:_MOST_ALIKE])
    chosen = [number for number in chosen if tried.can_try(found[number])]
    chosen.sort(key=lambda number: found[number].shown_by == "repeats")  # which take the most requests
    if chosen:
        _try_all(found, chosen, tried, components, environ)
    for some in alike.values():
        _take_over(found, [one for one in some[:_MOST_ALIKE] if one not in tried.unseen], some[_MOST_ALIKE:])
    return [
        replace(one, evidence="undecided") if one.is_text and one.evidence == "compared" else one
        for number, one in enumerate(found)
        if number not in tried.unseen
    ]


def _try_all(
    found: list[Difference],
    chosen: Sequence[int],
    tried: "Tried",
    components: Sequence[Component],
    environ: Mapping[str, str],
) -> None:
    configs = tried.reduced([found[number] for number in chosen])
    try:
        with TwoStands(*configs, components, environ) as stands:
            for number in chosen:
                if stands.asked >= _MOST_ASKED:
                    break
                with suppress(Exception):  # what cannot be asked here is not decided; the others are
                    decided = tried.decide(found[number], stands)
                    if decided is None:
                        tried.unseen.add(number)
                    else:
                        found[number] = decided
    except Exception:  # noqa: BLE001 # a part that cannot be built here: nothing is decided, which the report says
        return


def _take_over(found: list[Difference], tried: Sequence[int], others: Sequence[int]) -> None:
    """What those that were tried come to counts for those that are like them."""
    evidence = {found[number].evidence for number in tried}
    taken = next((one for one in ("shown", "compared", "undecided") if one in evidence), "compared")
    for number in others:
        found[number] = replace(found[number], evidence=taken)  # type: ignore[arg-type] # it is one of those


class Tried:
    """Of two files, what can be tried and how. `unseen` are the numbers of differences that no request gets to."""

    def __init__(self, old: Compiled, new: Compiled) -> None:
        self.unseen: set[int] = set()
        self._old, self._new = old, new
        self._routes = (old.routes, new.routes)
        self._sides = tuple({one.index: one for one in each.config.endpoints} for each in (old, new))
        self._ends = {id(end.config): end for each in (old, new) for end in each.plan.endpoints}
        self._is_alien = any(
            "redis" in each.config.components or _is_alien(each.config.components.values()) for each in (old, new)
        )

    def can_try(self, one: Difference) -> bool:
        """Whether the stands can tell."""
        if one.example is None or one.shown_by == "operation" or self._is_alien:
            return False
        if any(place is not None and place.is_component and place.key in _OUTSIDE for place in (one.old, one.new)):
            return False
        return not any(_needs_others(place) for place in self._places(one))

    def _places(self, one: Difference) -> list[EndpointConfig]:
        """The endpoint in both files, in those that have it."""
        return [
            endpoints[place.endpoint]
            for place, endpoints in zip((one.old, one.new), self._sides, strict=True)
            if place is not None and place.endpoint in endpoints
        ]

    def reduced(self, differences: Sequence[Difference]) -> tuple[ServiceConfig, ServiceConfig]:
        """Both configurations, of many endpoints those alone that the examples can lead to."""
        configs = []
        for routes, each, position in zip(self._routes, (self._old, self._new), (0, 1), strict=True):
            config = each.config
            if len(config.endpoints) > _FEW_ENDPOINTS:
                config = with_endpoints(config, self._led_to(routes, differences, position))
            configs.append(config)
        return configs[0], configs[1]

    def _led_to(self, routes: Routes, differences: Sequence[Difference], position: int) -> Iterator[int]:
        methods = sorted({route.method for route in routes.plan.routes})
        for one in differences:
            place = (one.old, one.new)[position]
            if place is not None:
                yield place.endpoint
            for example in (one.example, *one.elsewhere) if one.example is not None else ():
                path = example.target.partition("?")[0]
                for method in methods:
                    route = routes.lead(method, path).route
                    if route is not None and route.endpoint >= 0:
                        yield routes.plan.endpoints[route.endpoint].config.index

    def decide(self, one: Difference, stands: TwoStands) -> Difference | None:
        """With the request that shows it, or undecided; None where no request gets to what it is about."""
        decided = self._decide(one, stands)
        for other in one.elsewhere if decided is not None and decided.is_undecided else ():
            elsewhere = self._decide(replace(one, example=other), stands)
            if elsewhere is not None and not elsewhere.is_undecided:
                return elsewhere
        return decided

    def _decide(self, one: Difference, stands: TwoStands) -> Difference | None:
        if self._is_where_nobody_gets(one) or self._is_of_the_nameless(one):
            return None
        if one.kind is Kind.LIMIT and self._asks_nobody(one):
            return None
        places = self._led_places(one) or self._places(one)
        ends = [end for place in places if (end := self._ends.get(id(place))) is not None]
        attempts = Attempts(one, places, (self._old.plan, self._new.plan), ends)
        rings = [
            ring if isinstance(ring := each.config.components.get("api_keys"), KeyRing) else None
            for each in (self._old, self._new)
        ]
        credentials = list(stands.purse.credentials([place.components for place in places], rings))
        search = Search(one, stands, attempts, credentials)
        if one.kind is Kind.LIMIT and self._is_larger(one) and search.lets_in():
            return one
        showing = search.shown()
        if showing is None:
            is_seen = not self._asks_nobody(one) and not self._is_out_of_reach(one, search.reached)
            return replace(one, evidence="undecided") if is_seen else None
        return replace(one, evidence="shown", example=showing)

    def _is_larger(self, one: Difference) -> bool:
        """Whether it is about a limit beyond as many requests as are sent."""
        places = self._led_places(one)
        if len(places) < 2:
            return False
        numbers = [-1 if place is None else place.backend for place in (one.old, one.new)]
        old, new = zip(places, numbers, (self._old.plan, self._new.plan), strict=True)
        return differ_beyond(MOST_AT_ONCE, old, new)

    def _is_where_nobody_gets(self, one: Difference) -> bool:
        """Whether it is about a backend of one file alone, which no request there gets to."""
        if not is_one_more(one):
            return False
        sides = zip((one.old, one.new), self._sides, (self._old.plan, self._new.plan), strict=True)
        for place, endpoints, plan in sides:
            if place is not None and place.backend >= 0:
                at = endpoints[place.endpoint]
                is_silent = one.kind is Kind.CALLS and is_never_asked(at, place.backend, plan)
                return is_silent or closed_at(at, plan) is not None
        return False

    def _is_of_the_nameless(self, one: Difference) -> bool:
        """Whether it is about an endpoint's limit that refuses everybody first, for a name that nobody has."""
        place = one.new or one.old
        places = self._led_places(one)
        if place is None or place.key != "rate_limit" or place.endpoint < 0 or place.backend >= 0 or len(places) < 2:
            return False
        sides = zip(places, (self._old.plan, self._new.plan), strict=True)
        return all(len(at.components.get("rate_limit", ())) == 1 and is_nameless(at, plan) for at, plan in sides)

    def _is_out_of_reach(self, one: Difference, reached: AbstractSet[str]) -> bool:
        """Whether requests end before they come to it, in both files. `reached` are the gates that some came to."""
        place = one.new or one.old
        if place is None or one.kind in CORS_KINDS or (place.endpoint < 0 and not place.is_component):
            return False
        if place.endpoint < 0:
            return is_closed(self._old.plan) and is_closed(self._new.plan) and place.key not in reached
        places = self._led_places(one)
        plans = (self._old.plan, self._new.plan)
        if len(places) < len(plans):
            return False
        if one.kind is Kind.ROUTE:
            return False
        ends = [closed_at(each, plan) for each, plan in zip(places, plans, strict=True)]
        depths = [end for end in ends if end is not None]
        if len(depths) < len(ends):
            return False
        depth = depth_of(place)
        return depth > max(depths) or (depth is max(depths) is Depth.GATES and place.key not in reached)

    def _asks_nobody(self, one: Difference) -> bool:
        """Whether it is about a backend that neither file asks for anything."""
        places = self._led_places(one)
        sides = (one.old, one.new)
        if (
            len(places) < len(sides)
            or one.kind is Kind.ROUTE
            or any(side is None or side.backend < 0 for side in sides)
        ):
            return False
        if one.kind in CORS_KINDS or any(side is not None and side.key == "cel" for side in sides):
            return False
        if one.kind is Kind.LIMIT and self._says_why():
            return False
        plans = (self._old.plan, self._new.plan)
        return all(
            side is not None and is_never_asked(at, side.backend, plan)
            for side, at, plan in zip(sides, places, plans, strict=True)
        )

    def _says_why(self) -> bool:
        """Whether clients can tell one failure from another: limits and circuit breakers stand before expressions."""
        plans = (self._old.plan, self._new.plan)
        return any(
            plan.router.return_error_msg or plan.error_style == "http" or "explain" in plan.components for plan in plans
        )

    def _led_places(self, one: Difference) -> list[EndpointConfig]:
        """Where the example leads in both files: the endpoints whose guards it meets."""
        assert one.example is not None  # noqa: S101 # see can_try
        path = one.example.target.partition("?")[0]
        outcomes = [routes.lead(one.example.method, path).route for routes in self._routes]
        return [
            routes.plan.endpoints[route.endpoint].config
            for routes, route in zip(self._routes, outcomes, strict=True)
            if route is not None and route.endpoint >= 0
        ]


def _is_alien(values: Iterable[object]) -> bool:
    """Whether they hold code that is not run to compare files."""
    for value in values:
        if isinstance(value, Scripts | EndpointScripts):
            return True
        if isinstance(value, ServicePlugins) and any(one.origin != "own" for one in value.server):
            return True
        if isinstance(value, PlacePlugins):
            named = [*value.modifiers, *([] if value.client is None else [value.client])]
            if any(one.origin != "own" for one in named):
                return True
    return False


def _needs_others(place: EndpointConfig) -> bool:
    """Whether the endpoint needs somebody else's code, or the network beside its backends."""
    parts = [place.components, *(one.components for one in place.backends)]
    return any(one.sd != "static" for one in place.backends) or any(_is_alien(one.values()) for one in parts)
