"""`crossgate diff` against brute force on what stands before backends: of random pairs, what requests show is reported.

Both are asked what their gates may tell apart (origins, preflights, paths, tokens, keys, addresses, bodies, bursts):
where an answer, or what reached a backend, is another, a difference about it is reported, one that opens where somebody
gets in who did not, or a page reads what it could not. Whether each is shown by its example is tried as it is told.

`CROSSGATE_PAIRS` is how many pairs there are, `CROSSGATE_SEED` which: a thousand take some half an hour.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from crossgate.compare.difference import CORS_KINDS, Difference, Kind
from crossgate.compare.plans import Compiled
from crossgate.plan.routes import RouteKind
from tests.support.asked_gates.asked import Asked, Seen
from tests.support.asked_gates.everything import everything
from tests.support.asked_gates.gateways import Two
from tests.support.random_gates.pairs import random_pair
from tests.support.random_gates.words import Tree
from tests.support.two_gateways import loaded, reported

pytestmark = pytest.mark.usefixtures("one_list_of_suffixes")

PAIRS = int(os.environ.get("CROSSGATE_PAIRS", "4"))
SEED = int(os.environ.get("CROSSGATE_SEED", "1"))


def pairs(count: int, seed: int) -> Iterator[tuple[str, Tree, Tree]]:
    random_ = random.Random(seed)
    made = 0
    while made < count:
        name, old, new = random_pair(random_)
        if loaded(old) is not None and loaded(new) is not None:
            made += 1
            yield f"pair {made}: {name}", old, new


def is_told(found: list[Difference], labels: set[str], asked: Asked, old: Seen, new: Seen) -> bool:
    """Whether a difference is about what became of that request."""
    about = [one for one in found if not one.endpoint or one.endpoint in labels]
    if old.but_for_cors == new.but_for_cors:
        # a policy comes and goes with its route
        return any(one.kind in CORS_KINDS or one.kind is Kind.ROUTE for one in about)
    if asked.method == "OPTIONS":
        return bool(about) or any(one.kind is Kind.ROUTE for one in found)
    if not old.route and not new.route:  # what else there is at a path is told of 405s
        return any(one.kind in (Kind.ROUTE, Kind.STATUS) or not one.endpoint for one in found)
    if old.refused_by and not new.refused_by and new.calls and not old.calls:
        return any(one.opens or one.kind is Kind.LIMIT for one in about if one.kind not in CORS_KINDS)
    return any(one.kind not in CORS_KINDS for one in about)


def labels_of(pair: tuple[Compiled, Compiled], asked: Asked) -> set[str]:
    """The endpoints that it leads to; of what browsers ask, all that are at that path."""
    path = unquote(asked.target.partition("?")[0].replace("{n}", "1"), errors="surrogateescape")
    found = set()
    is_asking = asked.method == "OPTIONS" or any(name == "Origin" for name, _ in asked.fields)
    for compiled in pair:
        for method in (
            {asked.method, *("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")} if is_asking else [asked.method]
        ):
            routes = [compiled.routes.lead(method, path).route, compiled.routes.decides(method, path)]
            for route in routes:
                is_endpoint = route is not None and route.kind is RouteKind.ENDPOINT
                if is_endpoint and route is not None:
                    found.add(f"{route.method} {compiled.plan.endpoints[route.endpoint].config.path}")
    return found or {""}


def faults(name: str, old: Tree, new: Tree, told: Counter[str]) -> Iterator[str]:
    found = reported(old, new)
    told.update(one.evidence for one in found)
    both = loaded(old), loaded(new)
    seen: set[object] = set()
    with Two(*both) as two:
        for asked in everything(two, SEED):
            before, after = two.ask(asked)
            if before != after:
                labels = labels_of(both, asked)
                key = (frozenset(labels), before.refused_by, after.refused_by, before.status, after.status)
                if key not in seen and not is_told(found, labels, asked, before, after):
                    yield f"{name}\n  not reported: {asked}\n    {before}\n    {after}"
                seen.add(key)


def test_what_requests_show_of_gates_is_what_is_reported():
    told: Counter[str] = Counter()
    found = [fault for name, old, new in pairs(PAIRS, SEED) for fault in faults(name, old, new, told)]
    assert not found, f"{len(found)} faults\n" + "\n".join(found[:5])
    assert told["shown"] > PAIRS
    assert told["undecided"] <= 0.02 * told["shown"] + 1, told
