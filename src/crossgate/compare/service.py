"""What both plans have of the whole service: how it answers, what it bounds, how it connects, its components."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from crossgate.compare.addresses import are_seen, believed, showing
from crossgate.compare.component_values import UNSEEN, component_meaning, service_value
from crossgate.compare.difference import Difference, Example, Kind, Place
from crossgate.compare.guards import compare_component
from crossgate.compare.routes import Routes
from crossgate.compare.same import says_same
from crossgate.compare.told import seen_ring
from crossgate.compare.words import listed, seconds
from crossgate.components.api_keys.config import KeyRing
from crossgate.config.model import LimitsConfig, RouterConfig, ServiceConfig, UpstreamConfig
from crossgate.plan import Plan

_NOWHERE = Example("GET", "/not/there")
_ROUTER_PATHS = (
    "disable_redirect_trailing_slash",
    "disable_redirect_fixed_path",
    "disable_handle_method_not_allowed",
    "remove_extra_slash",
)
_MOST_PATHS_TRIED = 2_000
Plains = Callable[[str], list[Example]]
_NOT_LIMITS = frozenset(("half_close",))


def compare_services(
    old: tuple[ServiceConfig, Plan, Routes],
    new: tuple[ServiceConfig, Plan, Routes],
    plains_at: Plains,
    failing: Example | None,
    *,
    shares_endpoints: bool,
) -> Iterator[Difference]:
    """`plains_at` makes requests that reach endpoints of both, if there are some with that component some of these, or
    nothing where there is none; `failing` is one that such an endpoint cannot answer. `shares_endpoints`: there are
    requests that come to an endpoint in both."""
    plain, *others = plains_at("")
    yield from _compare_answers(old[1], new[1], plain, failing)
    yield from _compare_paths(old[2], new[2])
    if shares_endpoints and are_seen(old[1]) and are_seen(new[1]):
        yield from _compare_addresses(old[1].router, new[1].router, [plain, *others])
    yield from _compare_limits(old[0].limits, new[0].limits)
    yield from _compare_upstream(old[1].upstream, new[1].upstream, plain)
    yield from _compare_listening(old[0], new[0])
    yield from _compare_components(old[1], new[1], plains_at)


def _found(kind: Kind, key: str, sentence: str, example: Example | None, *, opens: bool = False) -> Difference:
    shown_by: Any = "operation" if example is None else "request"
    return Difference(kind, sentence, opens, "", Place(key=key), Place(key=key), example, shown_by)


def _compare_answers(old: Plan, new: Plan, plain: Example, failing: Example | None) -> Iterator[Difference]:
    if old.unsupported != new.unsupported and bool(old.unsupported) != bool(new.unsupported):
        text = "all but health is refused" if new.unsupported else "requests are answered again"
        kind = Kind.GUARD_STRONGER if new.unsupported else Kind.GUARD_GONE
        names = listed(new.unsupported or old.unsupported)
        yield _found(kind, "", f"{text}: {names}", plain, opens=not new.unsupported)
        return
    was, now = old.router, new.router
    if was.hide_version_header != now.hide_version_header:
        verb = "does not name" if now.hide_version_header else "names"
        yield _found(Kind.STATUS, "router", f"X-Krakend {verb} the version", _NOWHERE)
    if old.error_style != new.error_style:
        text = f"errors have the style {new.error_style} instead of {old.error_style}"
        yield _found(Kind.STATUS, "crossgate/errors", text, _NOWHERE)
    else:
        for status, target in ((404, _NOWHERE), (405, replace(_NOWHERE, method="TRACE", target=plain.target))):
            before, after = was.error_bodies.get(status), now.error_bodies.get(status)
            if not says_same(before, after):
                yield _found(Kind.STATUS, "router", f"{status} has another body", target)
    if failing is not None and was.return_error_msg != now.return_error_msg:
        verb = "shown" if now.return_error_msg else "no longer shown"
        text = f"messages about what went wrong, which name backends, are {verb} to clients"
        yield _found(Kind.STATUS, "router", text, failing, opens=now.return_error_msg)


def _compare_paths(old: Routes, new: Routes) -> Iterator[Difference]:
    """Options of the router, where a path of some route shows them."""
    was, now = old.plan.router, new.plan.router
    names = [name for name in _ROUTER_PATHS if getattr(was, name) != getattr(now, name)]
    if names:
        for method, path in _tried_paths(new):
            before, after = old.lead(method, path), new.lead(method, path)
            if before.meaning != after.meaning and not (before.route and after.route):
                text = f"paths that are not quite an endpoint's are answered otherwise ({listed(names)})"
                yield _found(Kind.ROUTE, "router", text, Example(method, path), opens=after.route is not None)
                break
    if was.disable_path_decoding != now.disable_path_decoding:
        route = next((one for one in new.plan.routes if ":" in one.pattern and one.endpoint >= 0), None)
        if route is not None:
            path = "/".join("v%252F" if part[:1] in (":", "*") else part for part in route.pattern.split("/"))
            verb = "go on to backends" if now.disable_path_decoding else "are refused"
            text = f"values of paths that are encoded twice {verb}"
            yield _found(Kind.ROUTE, "router", text, Example(route.method, path), opens=now.disable_path_decoding)


def _tried_paths(routes: Routes) -> Iterator[tuple[str, str]]:
    for route in routes.plan.routes[:_MOST_PATHS_TRIED]:
        path = "/".join("v" if part[:1] in (":", "*") else part for part in route.pattern.split("/"))
        for varied in (
            path + "/",
            path.rstrip("/"),
            path.swapcase(),
            "/" + path,
            path.replace("/", "//"),
            path + "/..",
        ):
            yield route.method, varied or "/"
        yield "TRACE", path


def _compare_addresses(old: RouterConfig, new: RouterConfig, plains: Sequence[Example]) -> Iterator[Difference]:
    if believed(old) != believed(new):
        text = "clients' addresses, which limits and backends see, are found otherwise"
        first, *others = [one for plain in plains for one in showing(old, new, plain)]
        yield replace(_found(Kind.FIELDS, "router", text, first, opens=True), elsewhere=tuple(others))


def _compare_limits(old: LimitsConfig, new: LimitsConfig) -> Iterator[Difference]:
    for one in fields(LimitsConfig):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before == after:
            continue
        if one.name in _NOT_LIMITS:
            text = f"requests whose client has ended its side: {after} instead of {before}"
            yield _found(Kind.SERVICE, "crossgate/server", text, None)
        elif one.name.endswith("_seconds"):
            name = one.name.removesuffix("_seconds")
            text = f"{name}: {_or_none(after, seconds)} instead of {_or_none(before, seconds)}"
            yield _found(Kind.TIMEOUT, name, text, None)
        else:
            opens = not after or (bool(before) and after > before)
            text = f"{one.name}: {_or_none(after, str)} instead of {_or_none(before, str)}"
            yield _found(Kind.LIMIT, "crossgate/server", text, None, opens=opens)


def _or_none(value: float, words: Any) -> str:
    return str(words(value)) if value else "none"


def _compare_upstream(old: UpstreamConfig, new: UpstreamConfig, plain: Example) -> Iterator[Difference]:
    for one in fields(UpstreamConfig):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before == after:
            continue
        key = one.name.removesuffix("_seconds")
        if one.name == "allow_insecure_connections":
            text = f"certificates of backends are {'no longer' if after else 'now'} checked"
            kind = Kind.GUARD_WEAKER if after else Kind.GUARD_STRONGER
            yield _found(kind, key, text, None, opens=after)
        elif one.name == "disable_compression":
            text = f"backends are {'not ' if after else ''}asked for gzip on the gateway's own account"
            yield _found(Kind.FIELDS, key, text, plain)
        else:
            kind = Kind.TIMEOUT if one.name.endswith("timeout_seconds") else Kind.SERVICE
            text = f"{key} towards backends: {after:g} instead of {before:g}"
            yield _found(kind, key, text, None)


def _compare_listening(old: ServiceConfig, new: ServiceConfig) -> Iterator[Difference]:
    if old.port != new.port:
        yield _found(Kind.SERVICE, "port", f"the gateway listens on port {new.port} instead of {old.port}", None)
    if old.listen_ip != new.listen_ip:
        text = (
            f"the gateway listens on {new.listen_ip or 'all addresses'} instead of {old.listen_ip or 'all addresses'}"
        )
        yield _found(Kind.SERVICE, "listen_ip", text, None, opens=new.listen_ip in ("", "0.0.0.0", "::"))
    before, after = _places(old.components), _places(new.components)
    if before != after:
        more = listed([f"{host}:{port}" for host, port in sorted(after - before)]) or "fewer places"
        yield _found(Kind.SERVICE, "", f"metrics are read at {more}", None, opens=bool(after - before))


def _places(components: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Where metrics are listened for."""
    found = set()
    for name in ("metrics", "opentelemetry"):
        for place in getattr(components.get(name), "places", ()):
            found.add((str(getattr(place, "host", "")), int(getattr(place, "port", 0))))
    return found


def _compare_components(old: Plan, new: Plan, plains_at: Plains) -> Iterator[Difference]:
    for name in dict.fromkeys([*old.components, *new.components]):
        if name in UNSEEN:
            continue
        was, now = (service_value(plan.components.get(name)) for plan in (old, new))
        if isinstance(was, KeyRing) and isinstance(now, KeyRing):
            was, now = seen_ring(was, (old, new)), seen_ring(now, (old, new))
        if name == "api_keys" and not all(
            any(name in one.config.components for one in plan.endpoints) for plan in (old, new)
        ):
            continue  # keys that nobody asks for, or that endpoints tell of themselves
        if name == "jwt" and not all(
            any(name in one.config.components for one in plan.endpoints) for plan in (old, new)
        ):
            continue  # nobody has a token to revoke
        if (was is None and now is None) or (
            was is not None and now is not None and component_meaning(was, None) == component_meaning(now, None)
        ):
            continue
        for change in compare_component(name, was, now):
            place = Place(key=name, is_component=True)
            example, *others = [change.adapt(one) for one in plains_at(name)]
            yield Difference(
                change.kind,
                change.sentence,
                change.opens,
                "",
                place,
                place,
                example,
                change.shown_by,
                tuple(others),
                is_text=change.is_text,
            )
