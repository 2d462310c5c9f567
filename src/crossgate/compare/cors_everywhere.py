"""CORS policies compared at every place where one holds: the service, and endpoints that have their own."""

from collections.abc import Iterator, Sequence

from crossgate.compare.bound import Bound
from crossgate.compare.cors import CorsDifference, CorsExample, CorsKind, any_method, compare_policies
from crossgate.compare.difference import Difference, Example, Fields, Kind, Place
from crossgate.compare.routes import Routes
from crossgate.cors import CorsPolicy
from crossgate.plan.routes import SERVED_METHODS

_KINDS = {CorsKind.READABLE_WITH_COOKIES: Kind.READABLE_WITH_COOKIES, CorsKind.READABLE: Kind.READABLE}
_SIMPLE_METHODS = ("GET", "HEAD", "POST")
_OTHER_METHOD = "OTHER"
_NOWHERE = "/not/there"
_MOST_PATHS = 40


class CorsEverywhere:
    """Compares each pair of policies once, however many endpoints have them."""

    def __init__(self, old: Routes, new: Routes) -> None:
        self._old, self._new = old, new
        self._known: dict[tuple[int, int, frozenset[str]], tuple[CorsDifference, ...]] = {}

    def of_service(self, paths: Sequence[str]) -> Iterator[Difference]:
        """What holds for all that has no policy of its own, answers where there is no endpoint included. `paths` lead
        to endpoints."""
        for found in self._compare(self._old.plan.cors, self._new.plan.cors, frozenset()):
            path = next(
                (one for one in paths[:_MOST_PATHS] if self._is_of_service(found.example.method, one)), _NOWHERE
            )
            yield _told(found, "", Place(is_cors=True), Place(is_cors=True), path)

    def _is_of_service(self, method: str, path: str) -> bool:
        """Whether the service's policies decide there in both."""
        for routes in (self._old, self._new):
            route = routes.decides(method, path)
            if (
                route is not None
                and route.endpoint >= 0
                and routes.plan.endpoints[route.endpoint].config.cors is not None
            ):
                return False
        return True

    def of_endpoint(self, old: Bound, new: Bound, path: str) -> Iterator[Difference]:
        """What holds for an endpoint, where it is not the service's in both."""
        before, after = old.endpoint.config.cors, new.endpoint.config.cors
        if before is None and after is None:
            return
        policies = before or self._old.plan.cors, after or self._new.plan.cors
        if not self._compare(*policies, frozenset()):
            return
        others = frozenset(
            method
            for method in (*SERVED_METHODS, _OTHER_METHOD)
            if self._old.decides(method, path) is not old.route or self._new.decides(method, path) is not new.route
        )
        places = [Place(one.endpoint.config.index, is_cors=True) for one in (old, new)]
        for found in self._compare(*policies, others):
            yield _told(found, new.label, places[0], places[1], path)

    def _compare(
        self, old: CorsPolicy | None, new: CorsPolicy | None, others: frozenset[str]
    ) -> tuple[CorsDifference, ...]:
        """`others` are methods that are for other policies, `OTHER` among them for all that no endpoint has."""
        key = (id(old), id(new), others)
        if key not in self._known:
            decide = any_method
            if others:

                def decide(method: str) -> bool:
                    return (method if method in SERVED_METHODS else _OTHER_METHOD) not in others

            self._known[key] = compare_policies(old, new, decide)
        return self._known[key]


def _told(found: CorsDifference, label: str, old: Place, new: Place, path: str) -> Difference:
    kind = _KINDS.get(found.kind, Kind.CORS) if found.opens else Kind.CORS
    example = _request(found.example, path)
    return Difference(kind, found.sentence, found.opens, label, old, new, example, rank=found.rank)


def _request(call: CorsExample, path: str) -> Example:
    """The request that a browser sends first for that call: a preflight, or the call itself."""
    origin = ("Origin", call.origin)
    needs_permission = call.method not in _SIMPLE_METHODS or bool(call.headers)
    if not call.is_preflight and not needs_permission:
        return Example(call.method, path, (origin, *([("Cookie", "a=b")] if call.with_cookies else [])))
    asked = ",".join(sorted(name.lower() for name, _ in call.headers))
    if call.raw_headers is not None:
        asked = call.raw_headers.decode("latin-1")
    fields: Fields = (origin, ("Access-Control-Request-Method", call.method))
    if asked:
        fields = (*fields, ("Access-Control-Request-Headers", asked))
    words = "its preflight" if not call.with_cookies else "its preflight, for a call with cookies"
    return Example("OPTIONS", path, fields, condition=words)
