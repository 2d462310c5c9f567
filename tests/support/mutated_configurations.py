"""Configurations with one thing changed, as people change them by mistake: a guard gone, a limit raised, a path moved.

A mutation gets a copy of a configuration and a random generator, changes the copy, and says whether it found something
to change.
"""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

Tree = dict[str, Any]
Mutation = Callable[[Tree, random.Random], bool]

GUARDS = ("auth/validator", "auth/api-keys", "qos/ratelimit/router", "security/bot-detector", "auth/basic")


def one(random_: random.Random, items: Any) -> Any:
    return random_.choice(list(items))


def endpoints(tree: Tree, wanted: Callable[[Tree], Any] = lambda _: True) -> list[Tree]:
    return [each for each in tree["endpoints"] if wanted(each)]


def backends(tree: Tree, wanted: Callable[[Tree], Any] = lambda _: True) -> list[Tree]:
    return [each for endpoint in tree["endpoints"] for each in endpoint["backend"] if wanted(each)]


def cors(tree: Tree) -> Tree | None:
    return tree.get("extra_config", {}).get("security/cors")


def spaces(tree: Tree, name: str) -> list[Tree]:
    owners = [tree, *tree["endpoints"], *backends(tree)]
    return [each["extra_config"] for each in owners if name in each.get("extra_config", {})]


def in_cors(change: Callable[[Tree, random.Random], Any]) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        block = cors(tree)
        if block is None:
            return False
        before = copy.deepcopy(block)
        change(block, random_)
        return block != before

    return mutate


def in_one(found: Callable[[Tree], list[Tree]], change: Callable[[Tree, random.Random], Any]) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        places = found(tree)
        if not places:
            return False
        place = one(random_, places)
        before = copy.deepcopy(place)
        change(place, random_)
        return place != before

    return mutate


def in_space(name: str, change: Callable[[Tree, random.Random], Any]) -> Mutation:
    return in_one(lambda tree: [space[name] for space in spaces(tree, name)], change)


def drop_guard(tree: Tree, random_: random.Random) -> bool:
    found = [(space, name) for name in GUARDS for space in spaces({**tree, "extra_config": {}}, name)]
    if not found:
        return False
    space, name = one(random_, found)
    del space[name]
    return True


def added(key: str, value: Callable[[random.Random], Any]) -> Callable[[Tree, random.Random], Any]:
    return lambda place, random_: place.__setitem__(key, [*place.get(key, []), value(random_)])


def removed(key: str) -> Callable[[Tree, random.Random], Any]:
    def change(place: Tree, random_: random.Random) -> None:
        if place.get(key):
            items = list(place[key])
            items.remove(one(random_, items))
            place[key] = items

    return change


def word(random_: random.Random) -> str:
    return "".join(random_.choices("abcdefghijklmnop", k=6))


def raised(key: str) -> Callable[[Tree, random.Random], Any]:
    def change(place: Tree, _: random.Random) -> None:
        if isinstance(place.get(key), int):
            place[key] = place[key] * 2 + 1

    return change


def put(key: str, value: Callable[[Tree, random.Random], Any]) -> Callable[[Tree, random.Random], Any]:
    return lambda place, random_: place.__setitem__(key, value(place, random_))


def other(first: str, second: str) -> Callable[[Tree, random.Random], str]:
    """The first; the second where something begins with the first already. Made for `put`, which knows the key."""
    return lambda place, _: second if first in place.values() else first


def dropped(key: str) -> Callable[[Tree, random.Random], Any]:
    return lambda place, _: place.pop(key, None)


MUTATIONS: dict[str, Mutation] = {
    "origin added": in_cors(added("allow_origins", lambda r: f"https://{word(r)}.example")),
    "any origin": in_cors(put("allow_origins", lambda *_: ["*"])),
    "origin removed": in_cors(removed("allow_origins")),
    "CORS method added": in_cors(added("allow_methods", lambda r: one(r, ["PURGE", "LINK", "TRACE-IT"]))),
    "CORS header added": in_cors(added("allow_headers", lambda r: f"X-{word(r)}")),
    "CORS header exposed": in_cors(added("expose_headers", lambda r: f"X-{word(r)}")),
    "credentials switched": in_cors(put("allow_credentials", lambda place, _: not place.get("allow_credentials"))),
    "max_age changed": in_cors(put("max_age", lambda place, _: "7h" if place.get("max_age") != "7h" else "1h")),
    "CORS dropped": lambda tree, _: tree.get("extra_config", {}).pop("security/cors", None) is not None,
    "guard dropped": drop_guard,
    "role added": in_space("auth/validator", lambda place, r: "roles" in place and added("roles", word)(place, r)),
    "roles dropped": in_space("auth/validator", dropped("roles")),
    "audience dropped": in_space("auth/validator", dropped("audience")),
    "issuer changed": in_space("auth/validator", put("issuer", lambda *_: "https://another.example")),
    "key roles dropped": in_space("auth/api-keys", dropped("roles")),
    "limit raised": in_space("qos/ratelimit/router", raised("max_rate")),
    "limit lowered": in_space("qos/ratelimit/router", put("max_rate", lambda *_: 1)),
    "client limit raised": in_space("qos/ratelimit/router", raised("client_max_rate")),
    "backend limit raised": in_space("qos/ratelimit/proxy", raised("max_rate")),
    "breaker's patience raised": in_space("qos/circuit-breaker", raised("max_errors")),
    "bot let in": in_space("security/bot-detector", removed("deny")),
    "path changed": in_one(endpoints, put("endpoint", lambda place, r: place["endpoint"] + f"-{word(r)}")),
    "endpoint removed": in_one(lambda tree: [tree], removed("endpoints")),
    "method changed": in_one(
        endpoints, put("method", lambda place, r: one(r, {"GET", "POST", "PUT"} - {place.get("method", "GET")}))
    ),
    "timeout changed": in_one(endpoints, put("timeout", other("7s", "1s"))),
    "cache_ttl changed": in_one(endpoints, put("cache_ttl", lambda place, _: "77s")),
    "header let through": in_one(endpoints, added("input_headers", lambda r: f"X-{word(r)}")),
    "every header let through": in_one(endpoints, put("input_headers", lambda *_: ["*"])),
    "header held back": in_one(endpoints, removed("input_headers")),
    "query let through": in_one(endpoints, added("input_query_strings", word)),
    "query held back": in_one(endpoints, removed("input_query_strings")),
    "output encoding changed": in_one(
        lambda tree: endpoints(tree, lambda each: len(each["backend"]) == 1),
        put("output_encoding", other("no-op", "json")),
    ),
    "backend's path changed": in_one(backends, put("url_pattern", lambda each, r: f"/{word(r)}{each['url_pattern']}")),
    "backend's host changed": in_one(backends, put("host", lambda _, r: [f"http://{word(r)}:8080"])),
    "backend's method changed": in_one(backends, put("method", other("PUT", "POST"))),
    "backend added": in_one(
        endpoints, added("backend", lambda r: {"host": ["http://more:1080"], "url_pattern": f"/{word(r)}"})
    ),
    "field let through": in_one(
        lambda tree: backends(tree, lambda each: "allow" in each), lambda place, _: place.pop("allow")
    ),
    "field no longer denied": in_one(lambda tree: backends(tree, lambda each: "deny" in each), removed("deny")),
    "mapping changed": in_one(
        lambda tree: backends(tree, lambda each: "mapping" in each),
        lambda place, r: place["mapping"].update({one(r, place["mapping"]): word(r)}),
    ),
    "group changed": in_one(
        lambda tree: backends(tree, lambda each: "group" in each), put("group", lambda _, r: word(r))
    ),
    "target dropped": in_one(lambda tree: backends(tree, lambda each: "target" in each), dropped("target")),
    "error passed on": in_one(
        backends,
        lambda place, _: place.setdefault("extra_config", {}).update({"backend/http": {"return_error_code": True}}),
    ),
    "error messages shown": lambda tree, _: bool(
        tree.setdefault("extra_config", {}).update({"router": {"return_error_msg": True}}) or True
    ),
}


def mutants(tree: Tree, seed: int, count: int) -> Iterator[tuple[str, Tree]]:
    """So many of them, by kinds in turn, each with what was changed."""
    random_ = random.Random(seed)
    made = 0
    while made < count:
        before = made
        for kind, mutate in MUTATIONS.items():
            changed = copy.deepcopy(tree)
            if made < count and mutate(changed, random_):
                made += 1
                yield kind, changed
        if made == before:
            return
