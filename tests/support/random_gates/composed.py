"""A whole configuration made at random of what stands before backends: `composed`, and an `endpoint` alone.

Of version 3. Sees to it that what an endpoint names is there; not that routes do not cross.
"""

import random

from tests.support.random_gates.components import OF_BACKEND, OF_ENDPOINT, OF_SERVICE, components_of
from tests.support.random_gates.cors import own_cors, service_cors
from tests.support.random_gates.identity import auth, provider, ring
from tests.support.random_gates.words import FIELDS, METHODS, PATHS, Tree, maybe, some


def _backend(r: random.Random, path: str, number: int, scale: float) -> Tree:
    pattern = f"/x{number}" + ("/{id}" if "{id}" in path and r.random() < 0.6 else "")
    backend: Tree = {"url_pattern": pattern}
    extra = components_of(r, OF_BACKEND, scale)
    return backend | ({"extra_config": extra} if extra else {})


def endpoint(r: random.Random, scale: float = 1.0) -> Tree:
    path = r.choice(PATHS)
    made: Tree = {
        "endpoint": path,
        **maybe(r, 0.8, "method", r.choice(METHODS)),
        **maybe(r, 0.4, "input_headers", some(r, FIELDS, 1, 3)),
        **maybe(r, 0.3, "input_query_strings", some(r, ("q", "page", "*"), 1, 2)),
        **maybe(r, 0.2, "timeout", r.choice(("1s", "1000ms", "3s", "500ms"))),
        **maybe(r, 0.1, "output_encoding", "no-op"),
        "backend": [_backend(r, path, number, scale) for number in range(r.choice((1, 1, 1, 2)))],
    }
    if made.get("output_encoding") == "no-op":
        del made["backend"][1:]
    extra = components_of(r, OF_ENDPOINT, scale)
    return made | ({"extra_config": extra} if extra else {})


def composed(r: random.Random) -> Tree:
    """A configuration of version 3, which may not start: routes may cross."""
    scale = r.choice((0.3, 0.7, 1.0))
    endpoints = [endpoint(r, scale) for _ in range(r.randint(1, 4))]
    extra = components_of(r, OF_SERVICE, scale)
    for each in endpoints:
        _provide(extra, each.get("extra_config", {}), r)
    return {
        "version": 3,
        "host": ["http://backend:8000"],
        **maybe(r, 0.3, "timeout", r.choice(("2s", "3s", "3000ms"))),
        **maybe(r, 0.1, "disable_rest", True),
        **maybe(r, 0.05, "debug_endpoint", True),
        **maybe(r, 0.05, "echo_endpoint", True),
        **maybe(r, 0.05, "max_header_bytes", r.choice((2000, 1_000_000))),
        **({"extra_config": extra} if extra else {}),
        "endpoints": endpoints,
    }


def _provide(service: Tree, own: Tree, r: random.Random) -> None:
    """What an endpoint names has to be there."""
    if "auth/api-keys" in own:
        service.setdefault("auth/api-keys", ring(r))
    if policy := own.get("crossgate/cors", {}).get("policy"):
        service.setdefault("crossgate/cors", service_cors(r)).setdefault("policies", {}).setdefault(policy, own_cors(r))
    named = own.get("crossgate/auth", {})
    providers = (
        service.setdefault("crossgate/auth", auth(r)).setdefault("providers", []) if named.get("providers") else []
    )
    for name in named.get("providers", ()):
        if all(one["name"] != name for one in providers):
            providers.append(provider(r, name))
    if named.get("public"):
        own.pop("auth/validator", None)
    if (
        "auth/validator" not in own
        and not named.get("providers")
        and "validator" not in service.get("crossgate/auth", {})
    ):
        own["validation/cel"] = [one for one in own.get("validation/cel", ()) if "JWT" not in one["check_expr"]]
