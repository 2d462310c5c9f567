"""`compare_plans` against brute force: of random pairs of configurations, what requests show is what is reported.

Files of version 3, some with old names of namespaces, and of version 2. Both are asked requests of every class, on the
real pipe without sockets, with backends that answer alike, each another thing, and fail. Where an answer, or what
reached a backend, is another, a difference about it is reported; and each reported difference is shown by the request
that it names, but for one in a hundred that are reported as what may be one. Limits and how the gateway listens need
more than one request: tests/unit/compare has those.

`CROSSGATE_PAIRS` is how many pairs there are, `CROSSGATE_SEED` which. Where there is one, the counts are printed: see
CONTRIBUTING.md.
"""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from crossgate.compare.difference import CORS_KINDS, Difference, Example, Kind
from crossgate.compare.plans import Compiled
from crossgate.compare.routes import Routes
from crossgate.config.model import BackendConfig
from crossgate.plan.routes import RouteKind
from tests.property.test_written_suites import CONFIG
from tests.support.changed_configurations import CHANGES, SPELLINGS, changed
from tests.support.mutated_configurations import Tree
from tests.support.older_configurations import as_version_2
from tests.support.two_gateways import TwoGateways, loaded, reported

pytestmark = pytest.mark.usefixtures("one_list_of_suffixes")

PAIRS = int(os.environ.get("CROSSGATE_PAIRS", "15"))
SEED = int(os.environ.get("CROSSGATE_SEED", "1"))
DATA = {
    "id": 7,
    "name": {"first": "Ada", "last": "L"},
    "mail": "a@b.example",
    "secret": "s",
    "data": {"inner": {"name": "deep", "secret": "t"}, "name": "inner", "secret": "u"},
    "list": [{"name": "n"}],
    "nothing": 1,
}


COUNTS = (
    "pairs",
    "pairs that are reported to differ",
    "reported",
    "shown",
    "compared",
    "undecided",
    "missed",
    "not shown",
)
OTHERS = {"id": 8, "name": "other", "data": [], "one": 1, "title": "other"}
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def pairs(count: int, seed: int) -> Iterator[tuple[str, Tree, Tree]]:
    random_ = random.Random(seed)
    made = 0
    while made < count:
        before, old = changed(CONFIG, random_, CHANGES, random_.choice((0, 0, 1, 3)))
        from_scratch = random_.random() < 0.2
        after, new = changed(CONFIG if from_scratch else old, random_, CHANGES, random_.choice((1, 1, 2, 4)))
        _, new = changed(new, random_, SPELLINGS, random_.choice((0, 1, 2)))
        if any(loaded(one) is None or loaded(as_version_2(one)) is None for one in (old, new)):
            continue
        made += 1
        older = made % 4 == 0
        yield f"pair {made}: {before} -> {after}", *(as_version_2(one) if older else one for one in (old, new))


def backends_of(compiled: Compiled) -> list[BackendConfig]:
    """Those of endpoints that have several."""
    return [one for end in compiled.config.endpoints for one in end.backends if len(end.backends) > 1]


def requests(gateways: TwoGateways) -> Iterator[Example]:
    """Of every class that one of the two can tell apart."""
    names, queries, targets, agents = (
        {"X-Other", "User-Agent", "Content-Type", "X-Forwarded-For"},
        {"other"},
        {},
        {"curl/8"},
    )
    for gateway in (gateways.old, gateways.new):
        plan = gateway.compiled.plan
        rules = plan.components.get("bot_detector")
        agents |= {one.decode() for one in getattr(rules, "deny", ())}
        for route in plan.routes:
            if route.kind is RouteKind.ENDPOINT:
                config = plan.endpoints[route.endpoint].config
                names |= {name for name in config.input_headers if name not in ("*", "Content-Length")}
                queries |= {name for name in config.input_query_strings if name != "*"}
            path = "/".join("v1" if part[:1] in (":", "*") else part for part in route.pattern.split("/"))
            targets.setdefault(path, []).append(route.method)
    backends = [one for gateway in (gateways.old, gateways.new) for one in backends_of(gateway.compiled)]
    paths = sorted({PLACEHOLDER.sub("*", one.url_pattern) for one in backends}) if len(backends) > 2 else []
    fields = tuple((name, "f") for name in sorted(names))
    query = "&".join(f"{name}=q" for name in sorted(queries))
    for path, methods in targets.items():
        for method in dict.fromkeys(methods):
            body = '{"sent":"by the client"}' if method in ("POST", "PUT") else None
            plain = Example(method, f"{path}?{query}", fields, body)
            yield from gateways.credentials(plain)
            rich = list(gateways.credentials(replace(plain, backend_data=DATA)))
            yield from rich
            for one in rich[:2] + rich[-1:]:
                yield replace(one, backend_status=503)
                yield replace(one, backend_delay_seconds=2.0)
                yield replace(one, backend_delay_seconds=5.0)
                yield replace(one, backend_delay_seconds=9.0)
                yield replace(one, fields=(), body=None)
                yield replace(one, backend_data=[DATA])
                yield replace(one, body="[1]")
            for asked in paths:
                for one in rich[:1]:
                    yield replace(one, only_backend=asked, others_status=500)
                    yield replace(one, only_backend=asked, others_data=OTHERS)
                    yield replace(one, only_backend=asked, backend_data=None, backend_text="<name>xml</name>")
            for agent in sorted(agents):
                yield replace(plain, fields=(("User-Agent", agent),))
        for method in ("GET", "OPTIONS", "TRACE", "DELETE"):
            yield Example(method, path)
        for other in (path + "/", path.upper(), path + "/v2", "/" + path):
            yield Example("GET", other)
        for origin in ("https://shop.example", "https://a.partner.example", "https://evil.example", "null"):
            yield Example("GET", path, (("Origin", origin),))
            for asked in ("PUT", "PURGE"):
                preflight = (("Origin", origin), ("Access-Control-Request-Method", asked))
                yield Example("OPTIONS", path, preflight)
                yield Example("OPTIONS", path, (*preflight, ("Access-Control-Request-Headers", "x-trace")))


def is_about(difference: Difference, labels: set[str], example: Example) -> bool:
    """Whether that is what such a request could show."""
    if difference.kind in CORS_KINDS:
        return any(name == "Origin" for name, _ in example.fields)
    if not difference.endpoint:
        return difference.shown_by == "request"
    if not labels - {""}:
        return difference.kind in (Kind.STATUS, Kind.ROUTE)
    return difference.endpoint in labels


def label(routes: Routes, example: Example) -> str:
    route = routes.lead(example.method, example.target.partition("?")[0]).route
    if route is None or route.kind is not RouteKind.ENDPOINT:
        return ""
    return f"{route.method} {routes.plan.endpoints[route.endpoint].config.path}"


def faults(name: str, old: Tree, new: Tree, told: Counter[str], kinds: set[Kind]) -> Iterator[str]:
    found = reported(old, new)
    before, after = loaded(old), loaded(new)
    routes = Routes(before.plan), Routes(after.plan)
    with TwoGateways(before, after) as gateways:
        missed: set[frozenset[str]] = set()
        told["pairs"] += 1
        told["pairs that are reported to differ"] += bool(found)
        told["reported"] += len(found)
        for example in requests(gateways):
            labels = {label(one, example) for one in routes}
            key = frozenset(labels)
            if key in missed or any(is_about(one, labels, example) for one in found):
                continue
            if gateways.differ(example, but_for_cors=any(one.kind in CORS_KINDS for one in found)):
                missed.add(key)
                told["missed"] += 1
                old_seen, new_seen = gateways.old.ask(example), gateways.new.ask(example)
                yield f"{name}\n  not reported: {example}\n    {old_seen}\n    {new_seen}"
        for one in found:
            told[one.evidence] += 1
            kinds.add(one.kind)
            if one.shown_by == "request" and not one.is_undecided and not gateways.shows(one):
                told["not shown"] += 1
                yield f"{name}\n  not shown: {one}\n    {one.example}"


def test_what_requests_show_is_what_is_reported(capsys):
    told: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
    kinds: set[Kind] = set()
    found = [fault for name, old, new in pairs(PAIRS, SEED) for fault in faults(name, old, new, told, kinds)]
    if "CROSSGATE_PAIRS" in os.environ:
        with capsys.disabled():
            print("", *(f"{count:6} {word}" for word, count in told.items()), sep="\n")
    assert not found, f"{len(found)} faults\n" + "\n".join(found[:5])
    assert len(kinds) >= 6
    assert told["undecided"] <= 0.01 * told["reported"] + 1, told


@pytest.mark.parametrize("seed", range(3))
def test_what_means_the_same_is_no_difference(seed):
    random_ = random.Random(seed + 10 * SEED)
    for _ in range(max(10, PAIRS // 4)):
        _, old = changed(CONFIG, random_, CHANGES, random_.choice((0, 1, 2)))
        names, new = changed(old, random_, SPELLINGS, 4)
        if loaded(old) is None or loaded(new) is None:
            continue
        assert reported(old, new) == [], names
