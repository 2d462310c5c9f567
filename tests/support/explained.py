"""Requests that one configuration refuses, a kind of refusal each, as options of `crossgate explain`."""

import base64
import time
from typing import Any

import jwt

from crossgate.testing.tokens import key_names_of, private_key_of

ISSUER = "https://id.example"
SCHEMA = {"type": "object", "required": ["name"]}
VALIDATOR = {
    "alg": "RS256",
    "jwk_url": "https://id.example/keys",
    "issuer": ISSUER,
    "audience": ["shop"],
    "roles": ["admin"],
    "roles_key": "roles",
    "scopes": ["read"],
    "scopes_key": "scope",
}
CONFIG: dict[str, Any] = {
    "version": 3,
    "host": ["http://backend:8000"],
    "extra_config": {
        "security/http": {"allowed_hosts": ["api.example", "localhost:8080"]},
        "security/bot-detector": {"deny": ["evil"], "patterns": ["^scraper/"]},
        "security/cors": {
            "allow_origins": ["https://shop.example"],
            "allow_methods": ["GET"],
            "allow_headers": ["Accept"],
        },
        "auth/api-keys": {"keys": [{"key": "of-a-user", "roles": ["user"]}]},
        "crossgate/server": {"max_target_bytes": 300, "max_head_bytes": 4000},
    },
    "endpoints": [
        {"endpoint": "/open/{id}", "backend": [{"url_pattern": "/o/{id}"}]},
        {
            "endpoint": "/token",
            "backend": [{"url_pattern": "/t"}],
            "extra_config": {"auth/validator": VALIDATOR},
        },
        {
            "endpoint": "/key",
            "backend": [{"url_pattern": "/k"}],
            "extra_config": {"auth/api-keys": {"roles": ["admin"]}},
        },
        {
            "endpoint": "/password",
            "backend": [{"url_pattern": "/p"}],
            "extra_config": {"auth/basic": {"htpasswd_path": "users.htpasswd"}},
        },
        {
            "endpoint": "/schema",
            "method": "POST",
            "backend": [{"url_pattern": "/s"}],
            "extra_config": {"validation/json-schema": SCHEMA},
        },
        {
            "endpoint": "/cel/{id}",
            "backend": [{"url_pattern": "/c/{id}"}],
            "extra_config": {"validation/cel": [{"check_expr": "req_params.Id == 'good'"}]},
        },
        {
            "endpoint": "/intranet",
            "backend": [{"url_pattern": "/i"}],
            "extra_config": {
                "plugin/req-resp-modifier": {
                    "name": ["ip-filter"],
                    "ip-filter": {"allow": True, "CIDR": ["10.0.0.0/8"]},
                }
            },
        },
        {
            "endpoint": "/limited",
            "backend": [{"url_pattern": "/l", "extra_config": {"qos/circuit-breaker": {"max_errors": 3}}}],
            "extra_config": {"qos/ratelimit/router": {"client_max_rate": 10, "strategy": "ip"}},
        },
    ],
}
HTPASSWD = "ada:$2b$04$" + "a" * 53 + "\n"


def token(**claims: Any) -> str:
    known = {"iss": ISSUER, "aud": "shop", "roles": ["admin"], "scope": "read", "exp": int(time.time()) + 86_400}
    claims = {name: value for name, value in {**known, **claims}.items() if value is not None}
    return jwt.encode(claims, private_key_of("RS256", is_strangers=False), "RS256", headers=dict(key_names_of("RS256")))


def bearer(text: str) -> list[str]:
    return ["-H", f"Authorization: Bearer {text}"]


def basic(text: str) -> list[str]:
    return ["-H", f"Authorization: Basic {base64.b64encode(text.encode()).decode()}"]


NOW = int(time.time())
REFUSALS = [
    ("route.none", 404, "", ["--url", "/opn/1"], "/open/{id}"),
    ("route.method", 405, '"endpoint": "/open/{id}"', ["--url", "/open/1", "--method", "PATCH"], '"PATCH"'),
    ("request.malformed", 400, "", ["--url", "/open/%zz"], ""),
    ("path.invalid", 400, "", ["--url", "/open/a%25b"], "%25"),
    ("path.invalid-url", 500, '"url_pattern"', ["--url", "/open/a%0ab"], "URL"),
    ("host.not-answered", 500, '"allowed_hosts"', ["--url", "http://other.example/open/1"], '"other.example"'),
    ("bot.detected", 403, '"evil"', ["--url", "/open/1", "-H", "User-Agent: evil"], '"evil"'),
    ("bot.detected", 403, '"^scraper/"', ["--url", "/open/1", "-H", "User-Agent: scraper/2"], '"scraper/2"'),
    ("key.missing", 401, '"auth/api-keys"', ["--url", "/key"], "key"),
    ("key.unknown", 401, '"keys"', ["--url", "/key", *bearer("nobody")], "key"),
    ("key.role", 403, '"roles"', ["--url", "/key", *bearer("of-a-user")], "role"),
    ("basic.missing", 401, '"auth/basic"', ["--url", "/password"], "Authorization"),
    ("basic.wrong", 401, '"auth/basic"', ["--url", "/password", *basic("ada:no")], ""),
    ("token.missing", 401, '"auth/validator"', ["--url", "/token"], "Authorization"),
    ("token.malformed", 401, '"auth/validator"', ["--url", "/token", *bearer("a.b")], ""),
    ("token.expired", 401, '"auth/validator"', ["--url", "/token", *bearer(token(exp=1000))], "new token"),
    ("token.not-yet", 401, '"auth/validator"', ["--url", "/token", *bearer(token(nbf=NOW + 9000))], "nbf"),
    ("token.issuer", 401, '"issuer"', ["--url", "/token", *bearer(token(iss="https://other.example"))], "iss"),
    ("token.audience", 401, '"audience"', ["--url", "/token", *bearer(token(aud="other"))], "aud"),
    ("token.role", 403, '"roles"', ["--url", "/token", *bearer(token(roles=["user"]))], "role"),
    ("token.scope", 403, '"scopes"', ["--url", "/token", *bearer(token(scope="write"))], "scope"),
    ("schema.invalid", 400, '"validation/json-schema"', ["--url", "/schema", "-d", "{}"], ""),
    ("schema.no-json", 400, '"validation/json-schema"', ["--url", "/schema", "-d", "{"], "JSON"),
    ("cel.request", 500, "{", ["--url", "/cel/bad"], "expression"),
    ("plugin.refused", 403, '"plugin/req-resp-modifier"', ["--url", "/intranet", "--client", "192.0.2.1"], ""),
    ("request.target-too-long", 414, '"max_target_bytes"', ["--url", "/open/" + "a" * 400], ""),
    ("request.head-too-large", 431, '"max_head_bytes"', ["--url", "/open/1", "-H", "X-Big: " + "a" * 9000], ""),
]
