"""Two plans compared, everything there is to it: CORS, routes, endpoints, the service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from crossgate.compare.bound import Bound, anonymous
from crossgate.compare.component_values import component_meaning
from crossgate.compare.cors_everywhere import CorsEverywhere
from crossgate.compare.difference import RANKS, Difference, Example, Kind, Place
from crossgate.compare.endpoints import compare_endpoints
from crossgate.compare.requested import Requests, on_condition
from crossgate.compare.routes import Led, Outcome, Routes, example_paths, led_elsewhere
from crossgate.compare.same import says_same
from crossgate.compare.service import compare_services
from crossgate.compare.words import seconds
from crossgate.components.component import Component
from crossgate.config.model import BackendConfig, EndpointConfig, ServiceConfig
from crossgate.gateway.generation import identity_from
from crossgate.pipeline.deadline import effective_timeout_seconds
from crossgate.plan import Plan, compile_plan
from crossgate.plan.routes import RouteKind, RoutePlan

_MOST_TOLD = 3
_MOST_PLACES = 12  # at which a difference of the service is tried
_ENDPOINT_FIELDS = [
    one.name for one in fields(EndpointConfig) if one.name not in ("index", "backends", "components", "cors")
]
_BACKEND_FIELDS = [one.name for one in fields(BackendConfig) if one.name not in ("index", "components")]


@dataclass(frozen=True)
class Compiled:
    """One file: its model, and the plan of it."""

    config: ServiceConfig
    plan: Plan

    @cached_property
    def routes(self) -> Routes:
        """Where requests lead."""
        return Routes(self.plan)


def compiled(config: ServiceConfig, environ: Mapping[str, str], like: Plan | None = None) -> Compiled:
    """A model with its plan. `like`: see compile_plan."""
    return Compiled(config, compile_plan(config, identity=identity_from(environ), like=like))


def compare_plans(old: Compiled, new: Compiled, components: Sequence[Component]) -> Iterator[Difference]:
    """Every difference. Linear in the plans, but for routes where many of their patterns differ."""
    return _Comparison(old, new, components).differences()


class _Comparison:
    def __init__(self, old: Compiled, new: Compiled, components: Sequence[Component]) -> None:
        self._old, self._new = old, new
        self._before, self._after = old.routes, new.routes
        pairs = list(example_paths(self._before, self._after))
        self._pairs = pairs
        self._requests = Requests(
            components,
            {(route.method, route.pattern): path for one, other, path in pairs for route in (one, other)},
        )
        self._cors = CorsEverywhere(self._before, self._after)
        self._leads_to_others = False

    def differences(self) -> Iterator[Difference]:
        yield from self._cors.of_service([path for _, _, path in self._pairs])
        for was, now, path in self._pairs:
            old, new = Bound(self._old.plan, was, {}), Bound(self._new.plan, now, {})
            yield from self._cors.of_endpoint(old, new, path)
            if not _is_same(old, new):
                yield from compare_endpoints(old, new, self._requests.plain(new, old))
        yield from sorted(self._routes(), key=_place_in_file)
        yield from compare_services(
            (self._old.config, self._old.plan, self._before),
            (self._new.config, self._new.plan, self._after),
            self._any_requests,
            self._failing_request(),
            shares_endpoints=bool(self._pairs) or self._leads_to_others,
        )

    def _any_requests(self, component: str) -> list[Example]:
        """One at least, to endpoints that both have, to those with that component if there are any."""
        if not self._pairs:
            return [Example("GET", "/not/there")]
        old, new = self._old.plan.endpoints, self._new.plan.endpoints
        having = [
            pair
            for pair in self._pairs
            if component in old[pair[0].endpoint].config.components
            and component in new[pair[1].endpoint].config.components
        ]
        return [
            self._requests.plain(Bound(self._new.plan, now, {}), Bound(self._old.plan, was, {}))
            for was, now, _ in (having or self._pairs)[:_MOST_PLACES]
        ]

    def _failing_request(self) -> Example | None:
        """A request whose backend takes too long, and that nothing is made up for."""
        for was, now, _ in self._pairs:
            ends = [Bound(self._old.plan, was, {}), Bound(self._new.plan, now, {})]
            plans = [one.endpoint for one in ends]
            if all(one.backends and one.config.static is None and not one.config.left_out for one in plans):
                longest = max(effective_timeout_seconds(one.timeout_seconds) for one in plans)
                slow = replace(self._requests.plain(ends[1], ends[0]), backend_delay_seconds=longest + 1)
                return on_condition(slow, f"the backend takes {seconds(longest + 1)}")
        return None

    def _routes(self) -> Iterator[Difference]:
        told: set[object] = set()
        for led in led_elsewhere(self._before, self._after):
            before, after = led.old.route, led.new.route
            key = (led.method, _name(led.old), _name(led.new))
            if key in told:
                continue
            found = None
            if _is_endpoint(before) and _is_endpoint(after):
                found = self._led_to_another(led)
            elif _is_endpoint(after):
                found = self._new_endpoint(led)
            elif _is_endpoint(before):
                found = self._gone(led)
            else:
                found = _unrouted(led)
            if found is not None:
                told.add(key)
                yield found

    def _led_to_another(self, led: Led) -> Difference | None:
        before, after = led.old.route, led.new.route
        assert before is not None and after is not None  # noqa: S101, PT018 # both are endpoints
        self._leads_to_others = True
        old, new = Bound(self._old.plan, before, led.known), Bound(self._new.plan, after, led.known)
        plain = replace(self._requests.plain(new, old), target=led.path)
        found = [*compare_endpoints(old, new, plain), *self._cors.of_endpoint(old, new, led.path)]
        if not found:
            return None
        found.sort(key=lambda one: (not one.opens, RANKS[one.kind]))
        said = "; ".join([one.sentence for one in found[:_MOST_TOLD]])
        more = f"; and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
        text = f"{led.path} leads to {new.label} instead of {old.label}: {said}{more}"
        return Difference(
            Kind.ROUTE,
            text,
            any(one.opens for one in found),
            new.label,
            Place(old.endpoint.config.index, key="endpoint"),
            Place(new.endpoint.config.index, key="endpoint"),
            found[0].example,
        )

    def _new_endpoint(self, led: Led) -> Difference:
        assert led.new.route is not None  # noqa: S101 # it leads there
        new = Bound(self._new.plan, led.new.route, led.known)
        plain = replace(self._requests.plain(new), target=led.path)
        text = f"there is this endpoint (before: {_name(led.old)})"
        return Difference(
            Kind.ROUTE, text, True, new.label, None, Place(new.endpoint.config.index, key="endpoint"), plain
        )

    def _gone(self, led: Led) -> Difference:
        assert led.old.route is not None  # noqa: S101 # it led there
        old = Bound(self._old.plan, led.old.route, led.known)
        plain = replace(self._requests.plain(old), target=led.path)
        text = f"there is no such endpoint any more (now: {_name(led.new)})"
        return Difference(
            Kind.ROUTE, text, False, old.label, Place(old.endpoint.config.index, key="endpoint"), None, plain
        )


def _place_in_file(one: Difference) -> int:
    place = one.new or one.old
    return -1 if place is None else place.endpoint


def _unrouted(led: Led) -> Difference:
    """What no endpoint takes. All of it is one sentence: it follows from which endpoints there are."""
    example = Example(
        led.method,
        led.path,
        condition=f"{led.new.words or _name(led.new)} instead of {led.old.words or _name(led.old)}",
    )
    label = f"{led.method} {led.path}"
    if led.old.route is not None and led.new.route is not None and led.old.route.kind is led.new.route.kind:
        text = f"OPTIONS is answered with Allow: {led.new.route.allow} instead of {led.old.route.allow}"
        return Difference(Kind.STATUS, text, False, label, example=replace(example, condition=""), is_unrouted=True)
    if led.old.route is None and led.new.route is None:
        text = "what no endpoint takes gets another 404, 405, Allow or redirect"
        return Difference(Kind.STATUS, text, False, label, example=example, is_unrouted=True)
    text = f"answered is this by {_name(led.new)} instead of {_name(led.old)}"
    return Difference(Kind.ROUTE, text, led.new.route is not None, label, example=example)


def _is_endpoint(route: RoutePlan | None) -> bool:
    return route is not None and route.kind is RouteKind.ENDPOINT


def _name(outcome: Outcome) -> str:
    """Where a request leads, in words; redirects without their target, which is the path's."""
    route = outcome.route
    if route is None:
        return outcome.words.partition(" to ")[0]
    if route.kind is RouteKind.ENDPOINT:
        return f"{route.method} {anonymous(route.pattern)}"
    return f"the gateway's own {route.kind.value}"


def _is_same(old: Bound, new: Bound) -> bool:
    """Whether two endpoints are the same at a glance, so that nothing has to be looked at."""
    before, after = old.endpoint.config, new.endpoint.config
    if old.route.pattern != new.route.pattern or len(before.backends) != len(after.backends):
        return False
    if any(getattr(before, name) != getattr(after, name) for name in _ENDPOINT_FIELDS):
        return False
    if not says_same(before.static, after.static):
        return False  # for Python, 1 is True
    if old.plan.error_style != new.plan.error_style or old.plan.router != new.plan.router:
        return False
    if before.backends is after.backends and before.components is after.components:
        return True
    if not _are_same(before.components, after.components, old, new):
        return False
    return all(
        all(getattr(one, name) == getattr(other, name) for name in _BACKEND_FIELDS)
        and tuple(one.mapping) == tuple(other.mapping)  # whose order decides where new names collide
        and _are_same(one.components, other.components, old, new)
        for one, other in zip(before.backends, after.backends, strict=True)
    )


def _are_same(one: object, other: object, old: Bound, new: Bound) -> bool:
    before, after = dict(one), dict(other)  # type: ignore[call-overload]
    if old.plan.router.return_error_msg and before.get("cel") != after.get("cel"):
        return False  # error texts tell which expression it was
    return before.keys() == after.keys() and all(
        component_meaning(before[name], old) == component_meaning(after[name], new) for name in before
    )
