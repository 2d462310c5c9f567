"""One endpoint as the same requests reach it in both plans. CORS and the way there are compared elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from crossgate.compare.backends import Called, compare_called, shows_failures
from crossgate.compare.bound import Bound, are_alike
from crossgate.compare.closed import REMAKING, absent_at_backend
from crossgate.compare.component_values import UNSEEN, component_meaning, forms_of
from crossgate.compare.decided import decided_otherwise
from crossgate.compare.decoded import good_answer, read_answers
from crossgate.compare.difference import Difference, Example, Kind, Place
from crossgate.compare.expressions import may_be_there, members_read, never_hold, undecided_checks
from crossgate.compare.failing import asks_nobody, fails_alike, is_behind_a_failure, is_never_complete
from crossgate.compare.forwarded import endpoint_fields
from crossgate.compare.guards import compare_component
from crossgate.compare.guards.change import Change
from crossgate.compare.manipulated import coming_through, showing_merged
from crossgate.compare.modifiers import seen_components
from crossgate.compare.pairs import backends_collide, paired
from crossgate.compare.requested import on_condition, with_field
from crossgate.compare.same import says_same
from crossgate.compare.static_data import static_effects, static_words
from crossgate.compare.told import seen_claims, seen_plugins
from crossgate.compare.visible import ACCEPTS, is_plain_no_op, rendered, rendered_as, seen_alone
from crossgate.compare.words import answered_as, kept, listed, seconds
from crossgate.components.cel.config import Checks
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.jwt.model import Validator
from crossgate.components.plugins.config import PlacePlugins
from crossgate.pipeline.concurrent import SHARE_OF_TIMEOUT as SHARE_OF_RACE
from crossgate.pipeline.deadline import effective_timeout_seconds
from crossgate.pipeline.merge import SHARE_OF_TIMEOUT as SHARE_OF_MERGE
from crossgate.plan import EndpointPlan

_A_MOMENT = 0.05  # so that no call is answered before all are made
_LOOKS_AT_REQUESTS = ("cel", "lua", "plugins")
"""Components before the backends that see all that an endpoint lets through."""
_MAY_BE_KEPT = (("Cache-Control", "max-age=60"),)
_MAKES_CALLS = REMAKING | {"graphql"}
_CACHED = ("GET", "HEAD")


def compare_endpoints(old: Bound, new: Bound, plain: Example) -> Iterator[Difference]:
    """All that is different but for CORS. `plain` is a request that reaches both and gets in."""
    return _Endpoints(old, new, plain).differences()


class _Endpoints:
    def __init__(self, old: Bound, new: Bound, plain: Example) -> None:
        self.old, self.new, self.plain = old, new, plain
        self.was, self.now = old.endpoint, new.endpoint
        self.has_same_surroundings = are_alike(old, new)

    def differences(self) -> Iterator[Difference]:
        was, now = self.was.config.left_out, self.now.config.left_out
        if bool(was) != bool(now):
            text = (
                f"all is answered 501: {listed(now)} is not run"
                if now
                else f"nothing is refused any more for {listed(was)}"
            )
            kind = Kind.GUARD_STRONGER if now else Kind.GUARD_GONE
            yield self.found(kind, "", text, opens=not now)
            return
        shows_names = self.new.plan.error_style == "http" and self.new.plan.router.return_error_msg
        if was != now and shows_names:
            yield self.found(Kind.STATUS, "", f"the 501 names {listed(now)} instead of {listed(was)}")
        yield from self._components()
        if now:
            return
        if not self.fails_alike:
            yield from self._time()
            yield from self._answer()
        yield from self._concurrent()
        yield from self._static()
        yield from self._backends()

    def found(
        self, kind: Kind, key: str, sentence: str, *, opens: bool = False, example: Example | None = None, **more: Any
    ) -> Difference:
        before, after = Place(self.was.config.index, key=key), Place(self.now.config.index, key=key)
        shown = self.plain if example is None else example
        return Difference(kind, sentence, opens, self.new.label, before, after, shown, **more)

    @cached_property
    def fails_alike(self) -> bool:
        """Whether whoever gets in finds the same failure in both."""
        return fails_alike(self.old) and fails_alike(self.new)

    @property
    def is_refused_as_failed(self) -> bool:
        """Whether it looks the same if expressions refuse what gets in, and if they do not: to backends, too."""
        has_schema = any("json_schema" in one.config.components for one in (self.was, self.now))
        return self.fails_alike and not self.asks_somebody and not has_schema

    @cached_property
    def asks_somebody(self) -> bool:
        """Whether a backend is asked for anything in either."""
        return not (asks_nobody(self.old) and asks_nobody(self.new))

    @property
    def asks_for_bodies(self) -> bool:
        """Whether no request without a body comes to the backends of either."""
        schemas = [one.config.components.get("json_schema") for one in (self.was, self.now)]
        remade = REMAKING & {*self.was.config.components, *self.now.config.components}
        return not remade and all(isinstance(one, BodySchema) and one.schema is not True for one in schemas)

    # -- parts

    def _components(self) -> Iterator[Difference]:
        methods = (self.old.route.method, self.new.route.method)
        yield from _compare_components(
            self, self.was.config.components, self.now.config.components, (-1, -1), "", methods
        )
        if any(_looks_at_requests(self.now.config.components.get(name)) for name in _LOOKS_AT_REQUESTS):
            before, after = (endpoint_fields(one.config.input_headers) for one in (self.was, self.now))
            queries = [frozenset(one.config.input_query_strings) for one in (self.was, self.now)]
            asked = [None if "*" in some else some for some in queries]
            are_seen = self._are_seen("req_headers", before.names, after.names)
            if are_seen or self._are_seen("req_querystring", *asked):
                more = sorted({*after.beyond(before), *(queries[1] - queries[0])})
                text = f"what looks at requests before the backends sees others: {listed(more) if more else 'fewer'}"
                name = next((one for one in after.beyond(before) if one != "any"), "x-other")
                key = "input_query_strings" if before == after else "input_headers"
                example = with_field(self.plain, name, "shown")
                yield self.found(Kind.FIELDS, key, text, opens=bool(more), example=example)

    def _are_seen(self, variable: str, was: frozenset[str] | None, now: frozenset[str] | None) -> bool:
        """Whether it is seen that other names pass (None: all), lower-case where they are of fields."""
        places = (self.was.config.components, self.now.config.components)
        if was == now or any(name != "cel" for name in _LOOKS_AT_REQUESTS for some in places if name in some):
            return was != now
        if self.is_refused_as_failed:
            return False
        texts = [text for some in places if isinstance(one := some.get("cel"), Checks) for text in one.before]
        members = members_read(texts, variable)
        names = None if members is None else {one.lower() if variable == "req_headers" else one for one in members}
        return names is None or any((was is None or one in was) != (now is None or one in now) for one in names)

    def _time(self) -> Iterator[Difference]:
        was, now = (effective_timeout_seconds(one.timeout_seconds) for one in (self.was, self.now))
        if was != now and (self.was.backends and self.now.backends):
            between = sum(max(0.0, one.timeout_seconds) * _share(one) for one in (self.was, self.now)) / 2
            slow = on_condition(
                replace(self._with_data(), backend_delay_seconds=between), f"the backend takes {seconds(between)}"
            )
            text = f"backends may take {seconds(now)} instead of {seconds(was)}"
            yield self.found(Kind.TIMEOUT, "timeout", text, example=slow)

    def _answer(self) -> Iterator[Difference]:
        was, now = rendered_as(self.was), rendered_as(self.now)
        if was != now:
            text = f"answers are {answered_as(now)} instead of {answered_as(was)}"
            yield self.found(Kind.DATA, "output_encoding", text, opens=now == "no-op", example=self._telling(was, now))
        before, after = (self._cache(one) for one in (self.old, self.new))
        if before != after:
            text = f"answers may be kept for {kept(after)} instead of {kept(before)}"
            yield self.found(Kind.DATA, "cache_ttl", text, example=self._with_data())

    def _concurrent(self) -> Iterator[Difference]:
        if self.asks_somebody and self.was.config.concurrent_calls != self.now.config.concurrent_calls:
            calls = self.was.config.concurrent_calls, self.now.config.concurrent_calls
            text = f"backends are asked {calls[1]} times at once instead of {calls[0]}"
            slow = on_condition(replace(self.plain, backend_delay_seconds=_A_MOMENT), "the backend takes a moment")
            yield self.found(Kind.CALLS, "concurrent_calls", text, example=slow)

    def _with_data(self) -> Example:
        """A request whose answer has data."""
        return replace(self.plain, backend_text=good_answer(self.now.backends[0]) if self.now.backends else None)

    def _telling(self, was: str, now: str) -> Example:
        """A request whose answer the two encodings write otherwise."""
        if "no-op" in (was, now) or not self.now.backends:
            return self.plain
        for body, made in read_answers(self.now.backends[0]):
            for accept in ACCEPTS:
                if rendered(self.was, made, accept) != rendered(self.now, made, accept):
                    example = replace(self.plain, backend_text=body)
                    return example if accept is None else with_field(example, "Accept", accept.decode())
        return self.plain

    def _cache(self, bound: Bound) -> int | None:
        """What Cache-Control says, where an answer can have it: one with all of its data."""
        endpoint = bound.endpoint
        ttl = endpoint.config.cache_ttl_seconds
        no_data = all(one.no_op for one in endpoint.backends) and endpoint.config.static is None
        if no_data and REMAKING & {*endpoint.config.modified_by, *endpoint.config.wrapped_by}:
            no_data = False
        return None if not ttl or no_data or is_never_complete(bound) else int(ttl)

    def _static(self) -> Iterator[Difference]:
        was, now = static_effects(self.was, self.now), static_effects(self.now, self.was)
        cases = [case for case in was if not says_same(was[case], now[case])]
        if cases:
            example = self._with_data() if cases[0] == "answered" else self._failing(cases[0])
            before, after = static_words(self.was.config.static), static_words(self.now.config.static)
            text = (
                f"static data are {after} instead of {before}"
                if after != before
                else f"static data: other values of {after}"
            )
            yield self.found(Kind.DATA, "proxy", text, example=example)
        if len(self.was.backends) > 1 and len(self.now.backends) > 1:
            if self.was.config.sequential != self.now.config.sequential:
                verb = "one after the other" if self.now.config.sequential else "at once"
                failing_first = on_condition(replace(self.plain, backend_status=500), "the first backend fails")
                yield self.found(Kind.CALLS, "proxy", f"backends are asked {verb}", example=failing_first)
            elif self.now.config.sequential and (
                set(self.was.config.sequential_propagated_params) != set(self.now.config.sequential_propagated_params)
            ):
                yield self.found(Kind.FIELDS, "proxy", "other values of answers go on to the backends behind")
            operations = self.was.config.flatmap, self.now.config.flatmap
            if operations[0] != operations[1]:
                data = showing_merged(*operations)
                if data is not None:
                    example = replace(self.plain, backend_data=data)
                    yield self.found(Kind.DATA, "proxy", "merged data are changed otherwise", example=example)

    def _failing(self, case: str) -> Example:
        """A request that the backends fail; where what they answer then comes through, by none in time."""
        ends = (self.was, self.now)
        comes_through = any(is_plain_no_op(one) or "incomplete" in static_effects(one) for one in ends)
        if case == "incomplete" or not comes_through:
            return on_condition(replace(self.plain, backend_status=500), "the backend fails")
        longest = max(effective_timeout_seconds(one.timeout_seconds) for one in (self.was, self.now)) + 1
        slow = replace(self.plain, backend_delay_seconds=longest)
        return on_condition(slow, f"the backend takes {seconds(longest)}")

    def _backends(self) -> Iterator[Difference]:
        lost: list[tuple[Called, bool]] = []
        gained: list[tuple[Called, bool]] = []
        for is_shadow in (False, True):
            before, after = (
                [Called(bound, one) for one in (plan.shadows if is_shadow else plan.backends)]
                for bound, plan in ((self.old, self.was), (self.new, self.now))
            )
            is_ordered = self.now.config.sequential and not is_shadow
            pairs = paired(before, after, is_ordered=is_ordered)
            for was, now in pairs:
                if now is None:
                    lost += [] if was is None else [(was, is_shadow)]
                elif was is None:
                    gained.append((now, is_shadow))
                else:
                    yield from self._both(was, now, is_shadow=is_shadow)
            if not is_shadow and not is_ordered and self._is_reordered(before, after, pairs):
                text = "backends are asked in another order: where they answer at once, others may win"
                yield self.found(Kind.DATA, "backend", text)
        for was, was_shadow in lost:
            like = next((one for one in gained if one[1] != was_shadow and one[0].target == was.target), None)
            if like is None:
                yield from self._one_more(was, None, is_shadow=was_shadow)
                continue
            gained.remove(like)
            yield from self._both(was, like[0], is_shadow=True)
            yield self._turned(was, like[0], is_shadow=like[1])
        for now, is_shadow in gained:
            yield from self._one_more(None, now, is_shadow=is_shadow)

    def _is_reordered(
        self, before: Sequence[Called], after: Sequence[Called], pairs: Sequence[tuple[Called | None, Called | None]]
    ) -> bool:
        both = [(before.index(was), after.index(now)) for was, now in pairs if was is not None and now is not None]
        order = [position for _, position in sorted(both)]
        if order == sorted(order):
            return False
        if all(shows_failures(one.bound, one.bound.endpoint, one.plan) for one in (*before, *after)):
            return True
        return backends_collide([now.config for now in after], seen_alone(self.was, self.now))

    def _both(self, was: Called, now: Called, *, is_shadow: bool) -> Iterator[Difference]:
        if not is_shadow and all(is_behind_a_failure(one.bound, one.plan) for one in (was, now)):
            return
        yield from compare_called(was, now, self.plain, is_shadow=is_shadow)
        which = f"backend #{now.config.index + 1}: " if len(self.now.config.backends) > 1 else ""
        yield from _compare_components(
            self,
            seen_components(was),
            seen_components(now),
            (was.config.index, now.config.index),
            which,
            (was.method, now.method),
        )

    def _turned(self, was: Called, now: Called, *, is_shadow: bool) -> Difference:
        """A backend that becomes a shadow, or the reverse."""
        verb = "is not used any more: it is a shadow" if is_shadow else "is used: it is no shadow any more"
        text = f"backend #{now.config.index + 1}: its answer {verb}"
        example = replace(self.plain, backend_data=coming_through((was if is_shadow else now).config))
        return Difference(Kind.DATA, text, not is_shadow, self.new.label, was.at(), now.at(), example)

    def _one_more(self, was: Called | None, now: Called | None, *, is_shadow: bool) -> Iterator[Difference]:
        one = now or was
        assert one is not None  # noqa: S101 # one of them is there
        if not is_shadow and is_behind_a_failure(one.bound, one.plan):
            return
        word = "shadow" if is_shadow else "backend"
        called = f"{one.method or one.plan.method} {', '.join(one.config.hosts)}{one.config.url_pattern}"
        count = "more" if now is not None else "less"
        text = f"a {word} {count} is asked: {called}"
        before, after = Place(self.was.config.index), Place(self.now.config.index)
        if was is not None:
            before = was.at()
        if now is not None:
            after = now.at()
        yield Difference(Kind.CALLS, text, now is not None, self.new.label, before, after, self.plain)
        if not is_shadow:
            text = f"a {word} {count} has a part in answers: {called}"
            example = replace(self.plain, backend_data=coming_through(one.config))
            yield Difference(Kind.DATA, text, now is not None, self.new.label, before, after, example)


def _compare_components(
    endpoints: _Endpoints, old: Any, new: Any, backends: tuple[int, int], which: str, methods: tuple[str, str]
) -> Iterator[Difference]:
    """Those of the endpoint (backends -1), or of a backend. `methods` are those of its requests, where there is one."""
    if old is new and endpoints.has_same_surroundings and methods[0] == methods[1]:
        return  # a file takes them over from one that is like it
    for name in dict.fromkeys([*old, *new]):
        if name in UNSEEN or (name == "opentelemetry"):
            continue
        if name == "http_cache" and all(method and method not in _CACHED for method in methods):
            continue  # nothing is kept of such a backend
        if name == "http_cache" and endpoints.asks_for_bodies and not _MAKES_CALLS & {*old, *new}:
            continue  # nor of requests with bodies
        if name == "cel" and backends == (-1, -1) and endpoints.is_refused_as_failed and _claims(old) == _claims(new):
            continue
        for change in _changes(endpoints, name, (old, new), methods):
            yield Difference(
                change.kind,
                which + change.sentence,
                change.opens,
                endpoints.new.label,
                Place(endpoints.was.config.index, backends[0], name, is_component=True),
                Place(endpoints.now.config.index, backends[1], name, is_component=True),
                _kept_answers(change.adapt(endpoints.plain)) if name == "http_cache" else change.adapt(endpoints.plain),
                change.shown_by,
                is_text=change.is_text,
            )


def _claims(components: Any) -> tuple[str, ...]:
    checks = components.get("cel")
    return checks.claims if isinstance(checks, Checks) else ()


def _looks_at_requests(value: Any) -> bool:
    return value is not None and not (isinstance(value, Checks) and not value.before)


def _changes(
    endpoints: _Endpoints, name: str, components: tuple[Any, Any], methods: tuple[str, str]
) -> Iterable[Change]:
    """Of one of the components."""
    was, now = (some.get(name) for some in components)
    tells_numbers = endpoints.old.plan.router.return_error_msg and endpoints.new.plan.router.return_error_msg
    absent = [
        absent_at_backend(some, bound.endpoint.config, bound.plan) if method else may_be_there
        for some, method, bound in zip(components, methods, (endpoints.old, endpoints.new), strict=True)
    ]
    asked = [
        undecided_checks(one, method, gone) if isinstance(one, Checks) else one
        for one, method, gone in zip((was, now), methods, absent, strict=True)
    ]
    if isinstance(was, Checks) and isinstance(now, Checks):
        if component_meaning(was, endpoints.old) == component_meaning(now, endpoints.new):
            change = decided_otherwise((was, now), methods, absent)
            if change is not None:
                return (change,)
        never = [
            never_hold(one.before, method, gone) for one, method, gone in zip((was, now), methods, absent, strict=True)
        ]
        if all(never) and was.claims == now.claims and not tells_numbers:
            return ()
        if tells_numbers and forms_of(was, endpoints.old) != forms_of(now, endpoints.new):
            return compare_component(name, was, now)
    is_in_both = was is not None and now is not None
    if is_in_both and component_meaning(asked[0], endpoints.old) == component_meaning(asked[1], endpoints.new):
        return ()
    if isinstance(was, Validator) and isinstance(now, Validator):
        asked = [seen_claims(was, endpoints.was), seen_claims(now, endpoints.now)]
    elif isinstance(was, PlacePlugins) and isinstance(now, PlacePlugins):
        asked = [seen_plugins(was, endpoints.was), seen_plugins(now, endpoints.now)]
    elif tells_numbers and not is_in_both and any(one != Checks() for one in asked if one is not None):
        asked = [was, now]
    return compare_component(name, *asked)


def _kept_answers(example: Example) -> Example:
    """Where backends let their answers be kept."""
    return on_condition(replace(example, backend_fields=_MAY_BE_KEPT), "the backend lets its answer be kept")


def _share(endpoint: EndpointPlan) -> float:
    """Of the endpoint's time, what its backends have."""
    share = SHARE_OF_MERGE if len(endpoint.backends) > 1 else 1.0
    return min(share, SHARE_OF_RACE) if endpoint.config.concurrent_calls > 1 else share
