"""Which components a random service, endpoint or backend may have, how often, and what each is made of.

Knows names and shares; whether parts fit together is for whoever composes them.
"""

import copy
import random

from tests.support.random_gates.cors import cors, endpoint_cors, service_cors
from tests.support.random_gates.identity import auth, demand, revoker, ring, signer, users, validator
from tests.support.random_gates.requests import (
    bots,
    breaker,
    checks,
    filters,
    limit,
    proxy_limit,
    security,
    tiers,
)
from tests.support.random_gates.words import NETWORKS, SCHEMAS, Make, Tree, maybe, some

Kinds = dict[str, tuple[float, Make]]


def _router(r: random.Random) -> Tree:
    return {
        key: value
        for key, value in (
            ("auto_options", True),
            ("disable_health", True),
            ("health_path", r.choice(("/alive", "/a", "/__health"))),
            ("disable_redirect_trailing_slash", True),
            ("disable_redirect_fixed_path", True),
            ("disable_handle_method_not_allowed", True),
            ("remove_extra_slash", True),
            ("disable_path_decoding", True),
            ("hide_version_header", True),
            ("return_error_msg", True),
            ("error_body", r.choice(({"404": {"m": "no"}}, {"404": "no", "405": {"m": 1}}))),
            ("forwarded_by_client_ip", False),
            ("remote_ip_headers", some(r, ("X-Forwarded-For", "X-Real-IP", "X-Client", "x-real-ip"), 1, 2)),
            ("trusted_proxies", some(r, NETWORKS, 0, 2)),
            ("app_engine", True),
            ("logger_skip_paths", ["/a"]),
        )
        if r.random() < 0.15
    }


def _server(r: random.Random) -> Tree:
    return {
        **maybe(r, 0.4, "max_body_bytes", r.choice((10, 100, 1000))),
        **maybe(r, 0.3, "max_headers", r.choice((12, 40, 128))),
        **maybe(r, 0.3, "max_head_bytes", r.choice((1000, 8000, 65536))),
        **maybe(r, 0.3, "max_target_bytes", r.choice((60, 200, 16384))),
        **maybe(r, 0.2, "max_connections", 100),
        **maybe(r, 0.2, "header_timeout", r.choice(("5s", "10s"))),
        **maybe(r, 0.1, "half_close", "answer"),
    }


OF_SERVICE: Kinds = {
    "security/cors": (0.5, cors),
    "crossgate/cors": (0.35, service_cors),
    "router": (0.6, _router),
    "security/bot-detector": (0.2, bots),
    "security/http": (0.25, security),
    "auth/api-keys": (0.35, ring),
    "crossgate/auth": (0.2, auth),
    "qos/ratelimit/service": (0.08, lambda r: limit(r, ("ip", "header", "jwt"))),
    "qos/ratelimit/tiered": (0.05, tiers),
    "crossgate/server": (0.15, _server),
    "crossgate/errors": (0.15, lambda r: {"style": r.choice(("http", "krakend"))}),
    "crossgate/explain": (0.05, lambda _: {"loopback_only": True}),
    "plugin/http-server": (0.08, filters),
    "auth/revoker": (0.05, revoker),
    "modifier/lua-endpoint": (0.0, lambda _: {}),
}
OF_ENDPOINT: Kinds = {
    "crossgate/cors": (0.2, endpoint_cors),
    "auth/validator": (0.25, validator),
    "auth/api-keys": (0.12, demand),
    "auth/basic": (0.06, users),
    "auth/signer": (0.04, signer),
    "crossgate/auth": (0.1, lambda r: r.choice(({"public": True}, {"providers": some(r, ("id", "other"), 1, 2)}))),
    "qos/ratelimit/router": (0.2, limit),
    "qos/ratelimit/tiered": (0.08, tiers),
    "security/bot-detector": (0.12, bots),
    "validation/cel": (0.15, checks),
    "validation/json-schema": (0.15, lambda r: copy.deepcopy(r.choice(SCHEMAS))),
    "plugin/req-resp-modifier": (0.1, filters),
}
OF_BACKEND: Kinds = {
    "qos/ratelimit/proxy": (0.15, proxy_limit),
    "qos/circuit-breaker": (0.15, breaker),
    "validation/cel": (0.06, checks),
    "backend/http": (0.06, lambda r: r.choice(({"return_error_code": True}, {"return_error_details": "b"}))),
}


def components_of(r: random.Random, kinds: Kinds, scale: float) -> Tree:
    return {name: make(r) for name, (share, make) in kinds.items() if r.random() < share * scale}
