"""Configurations made at random of what stands before backends: CORS, routes, guards, limits, in every version's words.

`composed` makes one from nothing, `edited` changes anything in one, as people and their tools do: values, keys, lists,
whole endpoints and components.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crossgate.config.namespaces.table import NAMESPACES

Tree = dict[str, Any]

PATHS = (
    "/a",
    "/a/{id}",
    "/a/{id}/b",
    "/a/b",
    "/a/b/c",
    "/a/{id}/{part}",
    "/b/{id}",
    "/B",
    "/c",
    "/c/d/",
    "/",
)
METHODS = ("GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "post")
ORIGINS = (
    "https://a.example",
    "https://b.example",
    "HTTPS://A.example",
    "https://a.example:443",
    "https://a.example:8443",
    "http://a.example",
    "https://*.a.example",
    "https://*.example",
    "http://localhost:3000",
    "http://localhost:*",
    "null",
    "*",
    "https://a.example/",
    "moz-extension://abc",
)
_NOT_OWN = ("*", "null", "HTTPS://A.example", "https://a.example:443", "https://a.example/")
OWN_ORIGINS = tuple(one for one in ORIGINS if one not in _NOT_OWN)
FIELDS = ("X-A", "X-B", "x-a", "Content-Type", "Authorization", "X-Key", "*", "User-Agent")
ROLES = ("admin", "user", "guest")
AGENTS = ("curl/8", "Bot/1", "Good/1", "")
NETWORKS = ("10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8", "192.0.2.7", "10.0.0.1/32", "0.0.0.0/0", "2001:db8::/32")
KEYS = {"key-one": ["admin"], "key-two": ["user"], "key-three": ["user", "guest"], "key-four": []}
PASSWORDS = {
    "secret": "$2b$04$ICWUKXd/55ElsC3RA7/L5eynmNtDDCwAQIKNHMbpVLc7Qkw9/jBm.",
    "other": "$2b$04$j1NZBL6qRSsL5rXGlJIqTuIdPDaO7RpPkCo7o7POyJjOTcMMsddqK",
}
EXPRESSIONS = (
    "req_method == 'GET'",
    "'X-A' in req_headers",
    "'X-A' in req_headers && req_headers['X-A'][0] == '1'",
    "size(req_querystring) < 2",
    "req_params.Id != 'v9'",
    "JWT.sub == 'somebody'",
    "JWT.iss.startsWith('https://')",
    "req_path.startsWith('/a')",
    "has(resp_data.a)",
    "resp_data.a != 'x'",
    "req_method != ''",
    "req_method == 'NONE'",
)
SCHEMAS: tuple[Tree, ...] = (
    {"type": "object"},
    {"type": "object", "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "integer"}}},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}},
    {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}, "additionalProperties": False},
    {"type": "array", "items": {"type": "integer"}},
    {"enum": [{"a": 1}, {"a": 2}]},
    {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
)

Make = Callable[[random.Random], Any]


def some(random_: random.Random, values: Sequence[Any], least: int = 0, most: int = 3) -> list[Any]:
    return random_.sample(values, min(len(values), random_.randint(least, most)))


def maybe(random_: random.Random, share: float, key: str, value: Any) -> Tree:
    return {key: value} if random_.random() < share else {}


def _cors(r: random.Random, origins: Sequence[str] = ORIGINS) -> Tree:
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


def _own_cors(r: random.Random) -> Tree:
    block = _cors(r, OWN_ORIGINS)
    if r.random() < 0.3:
        block["rules"] = [_rule(r) for _ in range(r.randint(1, 2))]
    return (
        block | maybe(r, 0.3, "upstream", r.choice(("strip", "pass", "prefer"))) | maybe(r, 0.05, "report_only", True)
    )


def _rule(r: random.Random) -> Tree:
    kept = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_credentials", "max_age")
    block = {key: value for key, value in _cors(r, OWN_ORIGINS).items() if key in kept}
    return {"allow_origins": some(r, OWN_ORIGINS, 1, 2), **block}


def _service_cors(r: random.Random) -> Tree:
    block = _own_cors(r)
    if r.random() < 0.4:
        block["policies"] = {name: _own_cors(r) for name in some(r, ("one", "two"), 1, 2)}
    return block


def _endpoint_cors(r: random.Random) -> Tree:
    return {"policy": r.choice(("one", "two"))} if r.random() < 0.3 else _own_cors(r)


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


def _validator(r: random.Random) -> Tree:
    alg, where = r.choice((("ES256", "keys"), ("HS256", "secrets"), ("ES256", "others")))
    return {
        "alg": alg,
        "jwk_url": f"http://id.example/{where}",
        "disable_jwk_security": True,
        **maybe(r, 0.4, "issuer", r.choice(("https://id.example", "https://other.example"))),
        **maybe(r, 0.4, "audience", some(r, ("shop", "crm", "ops"), 1, 2)),
        **maybe(r, 0.5, "roles", some(r, ROLES, 1, 3)),
        **maybe(r, 0.2, "roles_key", r.choice(("roles", "realm.roles", "groups"))),
        **maybe(r, 0.1, "roles_key_is_nested", True),
        **(_scopes(r) if r.random() < 0.25 else {}),
        **maybe(r, 0.2, "scopes_matcher", r.choice(("any", "all"))),
        **maybe(r, 0.2, "auth_header_name", r.choice(("X-Auth", "authorization"))),
        **maybe(r, 0.2, "cookie_key", r.choice(("tok", "access_token"))),
        **maybe(r, 0.2, "key_identify_strategy", r.choice(("kid", "x5t", "kid_x5t"))),
        **maybe(r, 0.2, "leeway", r.choice(("1s", "30s", "1m"))),
        **maybe(r, 0.2, "cache", True),
        **maybe(r, 0.1, "cache_duration", r.choice((60, 900))),
        **maybe(r, 0.25, "propagate_claims", some(r, (["sub", "X-A"], ["roles", "X-B"], ["realm.id", "X-A"]), 1, 2)),
        **maybe(r, 0.05, "propagate_claims_preserve_array", True),
        **maybe(r, 0.1, "operation_debug", True),
    }


def _scopes(r: random.Random) -> Tree:
    scopes = some(r, ("read", "write", "all"), 1, 3)
    return {"scopes": scopes, "scopes_key": r.choice(("scope", "scp", "grants.scope"))}


def _limit(r: random.Random, strategies: Sequence[str] = ("ip", "header", "param")) -> Tree:
    strategy = r.choice(strategies)
    key = {"header": ("X-A", "x-a", "X-B"), "param": ("id", "part"), "ip": ("", "X-Client"), "jwt": ("sub", "jti")}
    clients = {
        "client_max_rate": r.choice((1, 2, 5, 0.5)),
        "strategy": strategy,
        **maybe(r, 0.4, "client_capacity", r.choice((1, 2, 4))),
        **({"key": chosen} if (chosen := r.choice(key[strategy])) else {}),
    }
    total = {"max_rate": r.choice((1, 3, 10, 0.5)), **maybe(r, 0.4, "capacity", r.choice((1, 3, 9)))}
    chosen_parts = r.choice((total, clients, {**total, **clients}))
    return chosen_parts | maybe(r, 0.3, "every", r.choice(("1s", "1m", "10s", "1000ms")))


def _tiers(r: random.Random) -> Tree:
    tiers = [
        {
            **r.choice(
                (
                    {"tier_value": "gold"},
                    {"tier_value": "silver"},
                    {"tier_value": "value.startsWith('s')", "tier_value_as": "policy"},
                    {"tier_value_as": "*"},
                )
            ),
            "ratelimit": _limit(r, ("ip", "header")),
        }
        for _ in range(r.randint(1, 3))
    ]
    return {"tier_key": r.choice(("X-Plan", "x-plan", "X-B")), "tiers": tiers}


def _bots(r: random.Random) -> Tree:
    return {
        **maybe(r, 0.6, "deny", some(r, AGENTS[:3], 1, 2)),
        **maybe(r, 0.4, "allow", some(r, AGENTS[:3], 1, 2)),
        **maybe(r, 0.5, "patterns", some(r, ("^curl/", "(?i)bot", "Good.*", "^Bot/1$", "x{3}"), 1, 2)),
        **maybe(r, 0.4, "empty_user_agent_is_bot", r.random() < 0.7),
        **maybe(r, 0.2, "cache_size", 10),
    }


def _security(r: random.Random) -> Tree:
    return {
        **maybe(
            r, 0.4, "allowed_hosts", some(r, ("gateway.test", "www.test", "GATEWAY.test", "gateway.test:8080"), 1, 2)
        ),
        **maybe(r, 0.15, "allowed_hosts_are_regex", True),
        **maybe(r, 0.2, "host_proxy_headers", some(r, ("X-Forwarded-Host", "X-Host"), 1, 2)),
        **maybe(r, 0.15, "ssl_redirect", True),
        **maybe(r, 0.2, "ssl_host", "secure.test"),
        **maybe(r, 0.5, "ssl_proxy_headers", {"X-Forwarded-Proto": r.choice(("https", "wss"))}),
        **maybe(r, 0.4, "sts_seconds", r.choice((300, 600))),
        **maybe(r, 0.2, "sts_include_subdomains", True),
        **maybe(r, 0.2, "force_sts_header", True),
        **maybe(r, 0.3, "frame_deny", True),
        **maybe(r, 0.2, "custom_frame_options_value", "SAMEORIGIN"),
        **maybe(r, 0.3, "content_type_nosniff", True),
        **maybe(r, 0.2, "browser_xss_filter", True),
        **maybe(r, 0.2, "content_security_policy", r.choice(("default-src 'self';", "default-src *"))),
        **maybe(r, 0.2, "referrer_policy", "no-referrer"),
        **maybe(r, 0.05, "is_development", True),
    }


def _filter(r: random.Random) -> Tree:
    return {
        "CIDR": some(r, NETWORKS, 1, 3),
        "allow": r.random() < 0.5,
        **maybe(r, 0.3, "client_ip_headers", some(r, ("X-Forwarded-For", "X-Client"), 1, 2)),
        **maybe(r, 0.4, "trusted_proxies", some(r, NETWORKS, 1, 2)),
    }


def _filters(r: random.Random) -> Tree:
    return {"name": ["ip-filter"], "ip-filter": _filter(r)}


def _checks(r: random.Random) -> list[Tree]:
    return [{"check_expr": text} for text in some(r, EXPRESSIONS[:8] if r.random() < 0.9 else EXPRESSIONS, 1, 2)]


def _ring(r: random.Random) -> Tree:
    return {
        "keys": [
            {"key": key, "roles": some(r, ROLES, 0, 2) if r.random() < 0.2 else KEYS[key]}
            for key in some(r, list(KEYS), 1, 4)
        ],
        **maybe(r, 0.3, "strategy", r.choice(("header", "query_string"))),
        **maybe(r, 0.3, "identifier", r.choice(("X-Key", "key", "Authorization"))),
        **maybe(r, 0.3, "propagate_role", r.choice(("X-Role", "X-A"))),
    }


def _demand(r: random.Random) -> Tree:
    return {
        **maybe(r, 0.7, "roles", some(r, ROLES, 1, 2)),
        **maybe(r, 0.2, "strategy", r.choice(("header", "query_string"))),
        **maybe(r, 0.2, "identifier", r.choice(("X-Key", "key"))),
        **maybe(r, 0.2, "client_max_rate", r.choice((1, 3))),
    }


def _users(r: random.Random) -> Tree:
    return {"users": {name: r.choice(list(PASSWORDS.values())) for name in some(r, ("ann", "bob"), 1, 2)}}


def _providers(r: random.Random) -> Tree:
    return {"providers": [_provider(r, name) for name in some(r, ("id", "other"), 1, 2)]}


def _provider(r: random.Random, name: str) -> Tree:
    return {
        "name": name,
        "issuer": f"https://{name}.example",
        "alg": r.choice(("ES256", "HS256")),
        "jwk_url": f"http://{name}.example/keys",
        "disable_jwk_security": True,
        **maybe(r, 0.3, "audience", ["shop"]),
    }


def _auth(r: random.Random) -> Tree:
    return _providers(r) | maybe(r, 0.5, "validator", _validator(r))


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


def _signer(r: random.Random) -> Tree:
    return {
        "alg": "ES256",
        "kid": r.choice(("one", "two")),
        "keys_to_sign": some(r, ("a", "b", "token"), 1, 2),
        "jwk_url": "http://id.example/signing",
        "disable_jwk_security": True,
        **maybe(r, 0.2, "full", True),
    }


OF_SERVICE: dict[str, tuple[float, Make]] = {
    "security/cors": (0.5, _cors),
    "crossgate/cors": (0.35, _service_cors),
    "router": (0.6, _router),
    "security/bot-detector": (0.2, _bots),
    "security/http": (0.25, _security),
    "auth/api-keys": (0.35, _ring),
    "crossgate/auth": (0.2, _auth),
    "qos/ratelimit/service": (0.08, lambda r: _limit(r, ("ip", "header", "jwt"))),
    "qos/ratelimit/tiered": (0.05, _tiers),
    "crossgate/server": (0.15, _server),
    "crossgate/errors": (0.15, lambda r: {"style": r.choice(("http", "krakend"))}),
    "crossgate/explain": (0.05, lambda _: {"loopback_only": True}),
    "plugin/http-server": (0.08, _filters),
    "auth/revoker": (
        0.05,
        lambda r: {
            "N": 1000,
            "P": 1e-7,
            "hash_name": "optimal",
            "TTL": 60,
            "token_keys": some(r, ("jti", "sub"), 1, 2),
        },
    ),
    "modifier/lua-endpoint": (0.0, lambda _: {}),
}
OF_ENDPOINT: dict[str, tuple[float, Make]] = {
    "crossgate/cors": (0.2, _endpoint_cors),
    "auth/validator": (0.25, _validator),
    "auth/api-keys": (0.12, _demand),
    "auth/basic": (0.06, _users),
    "auth/signer": (0.04, _signer),
    "crossgate/auth": (0.1, lambda r: r.choice(({"public": True}, {"providers": some(r, ("id", "other"), 1, 2)}))),
    "qos/ratelimit/router": (0.2, _limit),
    "qos/ratelimit/tiered": (0.08, _tiers),
    "security/bot-detector": (0.12, _bots),
    "validation/cel": (0.15, _checks),
    "validation/json-schema": (0.15, lambda r: copy.deepcopy(r.choice(SCHEMAS))),
    "plugin/req-resp-modifier": (0.1, _filters),
}
OF_BACKEND: dict[str, tuple[float, Make]] = {
    "qos/ratelimit/proxy": (
        0.15,
        lambda r: {
            "max_rate": r.choice((1, 2, 5)),
            **maybe(r, 0.6, "capacity", r.choice((1, 2, 5))),
            **maybe(r, 0.2, "every", r.choice(("1s", "1m"))),
        },
    ),
    "qos/circuit-breaker": (
        0.15,
        lambda r: {
            "interval": r.choice((0, 10, 60)),
            "timeout": r.choice((5, 10, 60)),
            "max_errors": r.choice((0, 1, 2, 3)),
        },
    ),
    "validation/cel": (0.06, _checks),
    "backend/http": (0.06, lambda r: r.choice(({"return_error_code": True}, {"return_error_details": "b"}))),
}


def _components(r: random.Random, kinds: dict[str, tuple[float, Make]], scale: float) -> Tree:
    return {name: make(r) for name, (share, make) in kinds.items() if r.random() < share * scale}


def _backend(r: random.Random, path: str, number: int, scale: float) -> Tree:
    pattern = f"/x{number}" + ("/{id}" if "{id}" in path and r.random() < 0.6 else "")
    backend: Tree = {"url_pattern": pattern}
    extra = _components(r, OF_BACKEND, scale)
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
    extra = _components(r, OF_ENDPOINT, scale)
    return made | ({"extra_config": extra} if extra else {})


def composed(r: random.Random) -> Tree:
    """A configuration of version 3, which may not start: routes may cross."""
    scale = r.choice((0.3, 0.7, 1.0))
    endpoints = [endpoint(r, scale) for _ in range(r.randint(1, 4))]
    extra = _components(r, OF_SERVICE, scale)
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
        service.setdefault("auth/api-keys", _ring(r))
    if policy := own.get("crossgate/cors", {}).get("policy"):
        service.setdefault("crossgate/cors", _service_cors(r)).setdefault("policies", {}).setdefault(
            policy, _own_cors(r)
        )
    auth = own.get("crossgate/auth", {})
    providers = (
        service.setdefault("crossgate/auth", _auth(r)).setdefault("providers", []) if auth.get("providers") else []
    )
    for name in auth.get("providers", ()):
        if all(one["name"] != name for one in providers):
            providers.append(_provider(r, name))
    if auth.get("public"):
        own.pop("auth/validator", None)
    if (
        "auth/validator" not in own
        and not auth.get("providers")
        and "validator" not in service.get("crossgate/auth", {})
    ):
        own["validation/cel"] = [one for one in own.get("validation/cel", ()) if "JWT" not in one["check_expr"]]


# -- edits

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


def _at(tree: Tree, r: random.Random) -> tuple[Tree, dict[str, tuple[float, Make]]]:
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
    written = next((one for one in _spellings(name) if one in extra), name if tree.get("version") == 3 else _old(name))
    extra[written] = _old_keys(name, kinds[name][1](r)) if tree.get("version") == 2 else kinds[name][1](r)
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


# -- versions

_BY_NAME = {spec.name: spec for spec in NAMESPACES}
_OLD_KEYS = {"input_headers": "headers_to_pass", "input_query_strings": "querystring_params"}
_OLD_IN = {
    "auth/validator": {"jwk_url": "jwk-url", "propagate_claims": "propagate-claims"},
    "auth/signer": {"jwk_url": "jwk-url", "keys_to_sign": "keys-to-sign"},
    "qos/ratelimit/router": {"max_rate": "maxRate", "client_max_rate": "clientMaxRate"},
    "qos/ratelimit/proxy": {"max_rate": "maxRate"},
    "qos/circuit-breaker": {"max_errors": "maxErrors"},
    "security/bot-detector": {"cache_size": "cacheSize", "allow": "allowlist", "deny": "denylist"},
    "auth/revoker": {"token_keys": "TokenKeys"},
}


def _old(name: str) -> str:
    spec = _BY_NAME.get(name)
    return name if spec is None else spec.name_in(2) or name


def _spellings(name: str) -> tuple[str, ...]:
    spec = _BY_NAME.get(name)
    return (name,) if spec is None else (name, *spec.old)


def _old_keys(name: str, value: Any) -> Any:
    names = _OLD_IN.get(name, {})
    return {names.get(key, key): member for key, member in value.items()} if isinstance(value, dict) else value


def as_version_2_part(part: Tree) -> Tree:
    made = {_OLD_KEYS.get(key, key): value for key, value in part.items()}
    if "extra_config" in made:
        made["extra_config"] = {_old(name): _old_keys(name, value) for name, value in made["extra_config"].items()}
    if "backend" in made:
        made["backend"] = [as_version_2_part(one) for one in made["backend"]]
    return made


def as_version_2(tree: Tree) -> Tree:
    """The same in the words of version 2, as far as it has them."""
    made = as_version_2_part(copy.deepcopy(tree))
    return {**made, "version": 2, "endpoints": [as_version_2_part(one) for one in made["endpoints"]]}


def in_old_names(tree: Tree, r: random.Random) -> Tree:
    """A file of version 3 in which namespaces have the names of version 2, as KrakenD 2 takes them."""
    copied = copy.deepcopy(tree)
    for place in (copied, *copied["endpoints"], *(one for each in copied["endpoints"] for one in each["backend"])):
        extra = place.get("extra_config")
        if extra:
            place["extra_config"] = {
                spec.old[-1]
                if (spec := _BY_NAME.get(name)) and spec.old and spec.renamed and r.random() < 0.7
                else name: value
                for name, value in extra.items()
            }
    return copied


def random_pair(r: random.Random) -> tuple[str, Tree, Tree]:
    """What was done, and both; either may not start."""
    old = composed(r)
    if r.random() < 0.15:
        return "two of them", old, composed(r)
    version = r.random()
    names: list[str] = []
    if version < 0.2:
        old = as_version_2(old)
    elif version < 0.3:
        old = in_old_names(old, r)
    done, new = edited(old, r, r.choice((1, 1, 1, 2, 3)))
    if version >= 0.3 and r.random() < 0.1:
        new = in_old_names(new, r) if r.random() < 0.5 else as_version_2(new)
        names.append("other words")
    return "; ".join([*names, *done]), old, new


def text_of(tree: Tree) -> bytes:
    return json.dumps(tree, indent=2).encode()
