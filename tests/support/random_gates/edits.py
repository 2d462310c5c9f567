"""Anything in a configuration changed, as people and tools do it: values, keys, lists, whole endpoints and components.

Does not know which change matters.
"""

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any

from tests.support.random_gates.components import OF_BACKEND, OF_ENDPOINT, OF_SERVICE, Kinds
from tests.support.random_gates.composed import endpoint
from tests.support.random_gates.versions import as_version_2_part, old_keys, old_name, spellings
from tests.support.random_gates.words import (
    AGENTS,
    EXPRESSIONS,
    FIELDS,
    METHODS,
    NETWORKS,
    ORIGINS,
    PATHS,
    ROLES,
    Tree,
)

_POOLS: dict[str, Sequence[Any]] = {
    "allow_origins": ORIGINS,
    "allow_methods": ("GET", "POST", "PUT", "DELETE", "HEAD", "*", "put"),
    "allow_headers": FIELDS,
    "expose_headers": ("X-E", "X-F", "Content-Length", "*"),
    "roles": ROLES,
    "scopes": ("read", "write", "all"),
    "audience": ("shop", "crm", "ops"),
    "input_headers": FIELDS,
    "headers_to_pass": FIELDS,
    "input_query_strings": ("q", "page", "*"),
    "querystring_params": ("q", "page", "*"),
    "CIDR": NETWORKS,
    "trusted_proxies": NETWORKS,
    "allow": AGENTS[:3],
    "deny": AGENTS[:3],
    "patterns": ("^curl/", "(?i)bot", "Good.*"),
    "allowed_hosts": ("gateway.test", "www.test"),
    "remote_ip_headers": ("X-Forwarded-For", "X-Client"),
    "token_keys": ("jti", "sub"),
    "method": METHODS,
    "endpoint": PATHS,
    "strategy": ("ip", "header", "param"),
    "max_age": ("1h", "60m", "3600s", "10s"),
    "issuer": ("https://id.example", "https://other.example", ""),
    "check_expr": EXPRESSIONS,
    "type": ("object", "array", "string"),
    "timeout": ("1s", "2s", "2000ms", "5s"),
    "every": ("1s", "1m", "60s"),
}
_LEFT = frozenset(("host", "url_pattern", "version", "$schema", "jwk_url", "name", "backend", "endpoints"))


def _places(value: Any, key: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Every container with a key of it; `key` is the nearest name."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        nearest = name if isinstance(name, str) else key
        yield value, name, nearest
        yield from _places(member, nearest)


def _leaf_changed(tree: Tree, r: random.Random) -> str:
    places = [(box, key, name) for box, key, name in _places(tree) if name not in _LEFT]
    if not places:
        return ""
    box, key, name = r.choice(places)
    value = box[key]
    pool = _POOLS.get(name)
    if isinstance(value, bool):
        box[key] = not value
    elif isinstance(value, int | float):
        box[key] = r.choice((0, value + 1, value * 2, value * 10, value // 2, -value, float(value)))
    elif isinstance(value, str):
        choices = [value.upper(), value + "x", value.lower(), *(pool or ()), *(pool or ())]
        box[key] = r.choice(choices)
    elif isinstance(value, list):
        _list_changed(value, pool, r)
    elif isinstance(value, dict) and value:
        if r.random() < 0.7:
            del value[r.choice(list(value))]
        else:
            old = r.choice(list(value))
            value[r.choice((old.upper(), old + "s", f"@{old}"))] = value.pop(old)
    return f"{name} of {value!r}"[:70]


def _list_changed(items: list[Any], pool: Sequence[Any] | None, r: random.Random) -> None:
    action = r.random()
    if action < 0.35 and pool:
        items.insert(r.randint(0, len(items)), r.choice(pool))
    elif action < 0.6 and items:
        del items[r.randrange(len(items))]
    elif action < 0.75 and items:
        items.append(copy.deepcopy(r.choice(items)))
    elif action < 0.9:
        r.shuffle(items)
    elif items and pool:
        items[r.randrange(len(items))] = r.choice(pool)


def _at(tree: Tree, r: random.Random) -> tuple[Tree, Kinds]:
    endpoints = tree.get("endpoints") or []
    backends = [one for each in endpoints for one in each.get("backend") or []]
    kind = r.random()
    if kind < 0.4 or not endpoints:
        return tree, OF_SERVICE
    return (r.choice(endpoints), OF_ENDPOINT) if kind < 0.85 or not backends else (r.choice(backends), OF_BACKEND)


def _component_set(tree: Tree, r: random.Random) -> str:
    place, kinds = _at(tree, r)
    name = r.choice(list(kinds))
    extra = place.setdefault("extra_config", {})
    written = next(
        (one for one in spellings(name) if one in extra), name if tree.get("version") == 3 else old_name(name)
    )
    extra[written] = old_keys(name, kinds[name][1](r)) if tree.get("version") == 2 else kinds[name][1](r)
    return f"{name} set"


def _component_dropped(tree: Tree, r: random.Random) -> str:
    having = [
        each
        for each in (
            tree,
            *tree.get("endpoints", ()),
            *(b for e in tree.get("endpoints", ()) for b in e.get("backend", ())),
        )
        if each.get("extra_config")
    ]
    if not having:
        return ""
    extra = r.choice(having)["extra_config"]
    name = r.choice(list(extra))
    del extra[name]
    return f"{name} dropped"


def _component_moved(tree: Tree, r: random.Random) -> str:
    """What one endpoint has, another has, too."""
    endpoints = tree.get("endpoints") or []
    having = [each for each in endpoints if each.get("extra_config")]
    if not having or len(endpoints) < 2:
        return ""
    name, value = r.choice(list(r.choice(having)["extra_config"].items()))
    r.choice(endpoints).setdefault("extra_config", {})[name] = copy.deepcopy(value)
    return f"{name} copied"


def _endpoint_changed(tree: Tree, r: random.Random) -> str:
    endpoints = tree.setdefault("endpoints", [])
    action = r.random()
    if action < 0.3 or not endpoints:
        added = endpoint(r, 0.5)
        endpoints.insert(r.randint(0, len(endpoints)), added if tree.get("version") == 3 else as_version_2_part(added))
        return "endpoint added"
    if action < 0.5:
        del endpoints[r.randrange(len(endpoints))]
        return "endpoint gone"
    if action < 0.7:
        r.shuffle(endpoints)
        return "endpoints shuffled"
    chosen = r.choice(endpoints)
    if action < 0.85:
        another = copy.deepcopy(chosen)
        another["method"] = r.choice(METHODS)
        endpoints.append(another)
        return "endpoint doubled"
    chosen["endpoint"] = r.choice((*PATHS, chosen["endpoint"] + "/", chosen["endpoint"].replace("{id}", "{nr}")))
    return "path changed"


_EDITS = (
    (0.5, _leaf_changed),
    (0.15, _component_set),
    (0.1, _component_dropped),
    (0.1, _component_moved),
    (0.15, _endpoint_changed),
)


def edited(tree: Tree, r: random.Random, count: int) -> tuple[list[str], Tree]:
    """A copy with so many edits, and what they are about."""
    copied = copy.deepcopy(tree)
    done = []
    while len(done) < count:
        edit = r.choices([one for _, one in _EDITS], [share for share, _ in _EDITS])[0]
        if said := edit(copied, r):
            done.append(said)
    return done, copied
