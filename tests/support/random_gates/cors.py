"""Random CORS: `security/cors`, and `crossgate/cors` with rules and policies. Knows nothing of other components."""

import random
from collections.abc import Sequence

from tests.support.random_gates.words import FIELDS, ORIGINS, OWN_ORIGINS, Tree, maybe, some


def cors(r: random.Random, origins: Sequence[str] = ORIGINS) -> Tree:
    return {
        **maybe(r, 0.9, "allow_origins", some(r, origins, 1, 4)),
        **maybe(r, 0.7, "allow_methods", some(r, ("GET", "POST", "PUT", "DELETE", "patch", "HEAD", "*"), 1, 4)),
        **maybe(r, 0.6, "allow_headers", some(r, FIELDS, 0, 4)),
        **maybe(r, 0.4, "expose_headers", some(r, ("X-E", "Content-Length", "x-e", "X-F", "*"), 0, 3)),
        **maybe(r, 0.4, "allow_credentials", r.random() < 0.6),
        **maybe(r, 0.5, "max_age", r.choice(("1h", "60m", "3600s", "12h", "0s", "-1s", "90s", "1m30s", "1500ms"))),
        **maybe(r, 0.1, "options_passthrough", r.random() < 0.7),
        **maybe(r, 0.1, "options_success_status", r.choice((200, 204))),
        **maybe(r, 0.1, "allow_private_network", r.random() < 0.7),
        **maybe(r, 0.1, "debug", r.random() < 0.7),
    }


def own_cors(r: random.Random) -> Tree:
    block = cors(r, OWN_ORIGINS)
    if r.random() < 0.3:
        block["rules"] = [_rule(r) for _ in range(r.randint(1, 2))]
    return (
        block | maybe(r, 0.3, "upstream", r.choice(("strip", "pass", "prefer"))) | maybe(r, 0.05, "report_only", True)
    )


def _rule(r: random.Random) -> Tree:
    kept = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_credentials", "max_age")
    block = {key: value for key, value in cors(r, OWN_ORIGINS).items() if key in kept}
    return {"allow_origins": some(r, OWN_ORIGINS, 1, 2), **block}


def service_cors(r: random.Random) -> Tree:
    block = own_cors(r)
    if r.random() < 0.4:
        block["policies"] = {name: own_cors(r) for name in some(r, ("one", "two"), 1, 2)}
    return block


def endpoint_cors(r: random.Random) -> Tree:
    return {"policy": r.choice(("one", "two"))} if r.random() < 0.3 else own_cors(r)
