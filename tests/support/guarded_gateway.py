"""A configuration with guards of every kind, and random requests to it: well-formed ones, and such as are refused.

The same in each version of configuration files, and as a template that includes its parts. Of what is refused, all
follows from file and request; nothing is used up.
"""

import base64
import json
import random
import string
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import yaml

from crossgate.config.namespaces.table import NAMESPACES

SECRET = b"a secret of the tests that is long enough for HS256 and HS384"
ISSUER = "https://id.example"
HASH = "$2b$04$CwTycUXWue0Thq9StjUM0uJ8pGq0qDjFvZc6SB3oQOhPcRLsZr9Gi"
HOSTS = ("api.example", "localhost:8080")
ORIGIN = "https://shop.example"
REVOKED = "gone"
"""The `jti` of tokens that were revoked."""
VALIDATOR = {
    "alg": "HS256",
    "jwk_local_path": "keys.json",
    "disable_jwk_security": True,
    "issuer": ISSUER,
    "audience": ["shop"],
    "roles": ["admin"],
    "roles_key": "roles",
    "scopes": ["read"],
    "scopes_key": "scope",
}
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 5}, "tags": {"type": "array", "items": {"type": "string"}}},
}


def endpoint(path: str, method: str = "GET", extra: Any = None, backend: Any = None, **more: Any) -> dict[str, Any]:
    found = {"endpoint": path, "method": method, "backend": [{"url_pattern": path, **(backend or {})}], **more}
    return found if extra is None else {**found, "extra_config": extra}


def configuration(backend: str) -> dict[str, Any]:
    """In version 3."""
    return {
        "$schema": "https://www.krakend.io/schema/v3.json",
        "version": 3,
        "host": [f"http://{backend}"],
        "extra_config": {
            "security/http": {"allowed_hosts": list(HOSTS)},
            "security/bot-detector": {
                "deny": ["evil", "wget/1"],
                "allow": ["good-bot"],
                "patterns": ["^scraper/", "bot$"],
            },
            "security/cors": {
                "allow_origins": [ORIGIN],
                "allow_methods": ["GET", "POST"],
                "allow_headers": ["Content-Type", "Authorization"],
            },
            "crossgate/cors": {
                "policies": {"own": {"allow_origins": ["https://own.example"], "allow_methods": ["GET", "PUT"]}}
            },
            "auth/api-keys": {
                "keys": [{"key": "of-a-user", "roles": ["user"]}, {"key": "of-a-chief", "roles": ["admin", "user"]}]
            },
        },
        "endpoints": [
            endpoint("/open/{id}"),
            endpoint("/open/{id}/parts/{part}"),
            endpoint("/passed", backend={"encoding": "no-op"}, output_encoding="no-op"),
            endpoint("/token", extra={"auth/validator": VALIDATOR}),
            endpoint("/cookie", extra={"auth/validator": {**VALIDATOR, "cookie_key": "session"}}),
            endpoint(
                "/every", extra={"auth/validator": {**VALIDATOR, "scopes": ["read", "write"], "scopes_matcher": "all"}}
            ),
            endpoint(
                "/orders",
                "POST",
                extra={"auth/validator": VALIDATOR, "validation/json-schema": SCHEMA},
            ),
            endpoint("/schema", "POST", extra={"validation/json-schema": SCHEMA}),
            endpoint("/key", extra={"auth/api-keys": {"roles": ["admin"]}}),
            endpoint("/key-in-query", extra={"auth/api-keys": {"strategy": "query_string", "identifier": "key"}}),
            endpoint("/password", extra={"auth/basic": {"users": {"ada": HASH}}}),
            endpoint(
                "/cel/{id}",
                extra={
                    "validation/cel": [
                        {"check_expr": "req_params.Id != 'first'"},
                        {"check_expr": "req_headers['X-Tenant'][0] == 'a'"},
                        {"check_expr": "req_params.Id.matches('^[a-z]+$')"},
                    ]
                },
                input_headers=["X-Tenant"],
            ),
            endpoint(
                "/intranet",
                extra={
                    "plugin/req-resp-modifier": {
                        "name": ["ip-filter"],
                        "ip-filter": {"CIDR": ["127.0.0.0/8"]},
                    }
                },
            ),
            endpoint(
                "/quiet", extra={"security/bot-detector": {"deny": ["quiet-bot"], "empty_user_agent_is_bot": True}}
            ),
            endpoint("/script/{id}", extra={"modifier/lua-endpoint": {"pre": LUA_GATE, "allow_open_libs": True}}),
            endpoint(
                "/script-answers",
                output_encoding="no-op",
                extra={"modifier/lua-proxy": {"post": LUA_ANSWER}},
                backend={"encoding": "no-op"},
            ),
            endpoint("/own", extra={"crossgate/cors": {"policy": "own"}}),
            endpoint("/switches", backend={"encoding": "no-op"}, output_encoding="no-op"),
            endpoint(
                "/named",
                extra={"qos/ratelimit/router": {"client_max_rate": 10_000, "strategy": "header", "key": "X-Client"}},
            ),
        ],
    }


LUA_GATE = "local r = ctx.load(); if r:params('id') == 'no' then custom_error('not this one', 418) end"
LUA_ANSWER = "local r = response.load(); if r:body() == '' then r:statusCode(200) else r:statusCode(409) end"


OLD_KEYS = {
    "allow": "whitelist",
    "deny": "blacklist",
    "input_headers": "headers_to_pass",
    "input_query_strings": "querystring_params",
    "client_max_rate": "clientMaxRate",
}
"""Of keys that have other names in version 2 and are used here."""


def old_name(name: str) -> str:
    """A namespace's name in version 2."""
    return next((spec.old[0] for spec in NAMESPACES if spec.name == name and spec.old), name)


def in_version_2(tree: Any) -> Any:
    """The configuration with version 2's names."""
    if isinstance(tree, list):
        return [in_version_2(one) for one in tree if "auth/basic" not in str(one)]
    if not isinstance(tree, dict):
        return tree
    found = {OLD_KEYS.get(name, name): in_version_2(value) for name, value in tree.items() if name != "$schema"}
    if "version" in found:
        found["version"] = 2
    if "extra_config" in found:
        found["extra_config"] = {old_name(name): value for name, value in found["extra_config"].items()}
    return found


@dataclass
class Sent:
    """A request: what a client writes, and where it came about."""

    method: str
    target: str
    host: str = HOSTS[0]
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None

    def rendered(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in self.fields]
        if self.body is not None:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join([*lines, "Connection: close", "", ""])).encode("latin-1") + (self.body or b"")

    def curl(self) -> list[str]:
        command = ["curl", "--path-as-is", "--globoff", "-X", self.method]
        if self.target.startswith("/"):
            command.append(f"http://{self.host}{self.target}")
        else:
            command += [f"http://{self.host}/", "--request-target", self.target]
        if all(name.lower() != "user-agent" for name, _ in self.fields):
            command += ["-H", "User-Agent:"]
        if all(name.lower() != "accept" for name, _ in self.fields):
            command += ["-H", "Accept:"]
        for name, value in self.fields:
            command += ["-H", f"{name}: {value}" if value else f"{name};"]
        return command if self.body is None else [*command, "--data-raw", self.body.decode()]

    def entry(self) -> dict[str, Any]:
        """As HAR has it."""
        request: dict[str, Any] = {
            "method": self.method,
            "url": f"http://{self.host}{self.target}",
            "headers": [{"name": name, "value": value} for name, value in self.fields],
        }
        if self.body is not None:
            request["postData"] = {"mimeType": "", "text": self.body.decode()}
        return {"request": request, "response": {"headers": []}}


def token(rng: random.Random) -> str:
    """Right, or wrong in one way or two."""
    now = int(time.time())
    claims: dict[str, Any] = {"iss": ISSUER, "aud": "shop", "roles": ["admin"], "scope": "read write", "sub": "1"}
    claims["exp"] = now + 3600
    key, headers, alg = SECRET, {"kid": "k"}, "HS256"
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        match rng.randrange(17):
            case 0:
                claims["exp"] = now - rng.randrange(60, 10_000_000)
            case 1:
                claims["nbf"] = now + rng.randrange(120, 10_000)
            case 2:
                claims["aud"] = rng.choice(("books", ["books", "cars"], []))
            case 3:
                claims["iss"] = rng.choice(("https://evil.example", ISSUER + "/", 7))
            case 4:
                headers = {"kid": rng.choice(("other", ""))}
            case 5:
                alg = "HS384"
            case 6:
                key = b"another secret which is long enough for all of these here"
            case 7:
                claims["roles"] = rng.choice((["guest"], [], "admin", None, {"admin": True}))
            case 8:
                claims["scope"] = rng.choice(("write", "", "reader", ["read"], None))
            case 9:
                claims["iat"] = now + rng.randrange(120, 10_000)
            case 10:
                claims["exp"] = rng.choice(("soon", None, -1, 1e300))
            case 11:
                claims.pop(rng.choice(("exp", "iss", "aud", "roles", "scope", "sub")), None)
            case 13:
                claims["jti"] = REVOKED
            case 12:
                return rng.choice(("of.two", "....", "a", "ü", "e30.e30.", "null", "a" * 3000))
    text = jwt.api_jws.encode(json.dumps(claims).encode(), key, alg, headers=headers)
    match rng.randrange(30):
        case 0:
            return text[:-3]
        case 1:
            return text + "="
        case 2:
            head, payload, signature = text.split(".")
            return f"{head}.{payload[:-2]}.{signature}"
        case 3:
            none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
            return f"{none}.{text.split('.')[1]}."
    return text


def with_revoked_token() -> Sent:
    """A request in which nothing is wrong but that its token was revoked."""
    claims = {"iss": ISSUER, "aud": "shop", "roles": ["admin"], "scope": "read", "jti": REVOKED}
    claims["exp"] = int(time.time()) + 3600
    text = jwt.encode(claims, SECRET, "HS256", headers={"kid": "k"})
    return Sent("GET", "/token", fields=[("Authorization", f"Bearer {text}")])


def _credentials(rng: random.Random, path: str) -> list[tuple[str, str]]:
    """Fields, such as a client of that path would send, mostly."""
    bearer = ("Authorization", rng.choice(("Bearer ", "Bearer ", "Bearer ", "bearer ", "Basic ", "")) + token(rng))
    key = ("Authorization", f"Bearer {rng.choice(('of-a-user', 'of-a-chief', 'of-nobody', ''))}")
    words = rng.choice(("ada:wrong", "nobody:x", "ada", "", "ada:" + "x" * 80))
    basic = ("Authorization", f"Basic {base64.b64encode(words.encode()).decode()}")
    cookie = ("Cookie", rng.choice(("a=b; session=", "session=", "other=")) + token(rng))
    by_path = {"/key": [key], "/password": [basic], "/cookie": [cookie, bearer]}
    found = [rng.choice(by_path.get(path, [bearer]))]
    return rng.choice(([], found, found, found, found, [*found, bearer]))


def request(rng: random.Random) -> Sent:
    """One."""
    endpoints = configuration("")["endpoints"]
    one = rng.choice(endpoints)
    path = one["endpoint"]
    for name in ("{id}", "{part}"):
        value = rng.choice(
            ("7", "a", "first", "no", "%2e%2e", "a%2fb", "%zz", "a%25b", "a%0ab", "..", "ü".encode().hex(), "%00")
        )
        path = path.replace(name, rng.choice((value, "7", "abc")))
    sent = Sent(one["method"], path)
    if rng.random() < 0.1:
        sent.method = rng.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "HEAD", "HEAD", "TRACE", "PURGE"))
    if rng.random() < 0.08:
        sent.target = rng.choice(
            (path[:-1], path + "/", path.upper(), "//" + path, "/nowhere", path + "x", "/", "/__debug/a", "/__health")
        )
    if rng.random() < 0.02:
        sent.method, sent.target = "OPTIONS", "*"
    elif rng.random() < 0.2 or "query" in path:
        sent.target += rng.choice(("?a=1", "?key=of-a-user", "?key=of-a-chief", "?key=nobody", "?", "?a=%zz", "?key="))
    if rng.random() < 0.06:
        sent.host = rng.choice(("evil.example", "API.example", "api.example:8080", "localhost", "[::1]:80"))
    agent = rng.choice(
        ("Mozilla/5.0",) * 9 + ("evil", "wget/1", "good-bot", "scraper/2", "a bot", "quiet-bot", "Evil", "")
    )
    if agent or rng.random() < 0.3:
        sent.fields.append(("User-Agent", agent))
    if rng.random() < 0.05:
        sent.fields += [("Upgrade", rng.choice(("websocket", "h2c"))), ("Sec-WebSocket-Version", "13")]
    needs = "extra_config" in one and any(name.startswith("auth/") for name in one["extra_config"])
    if needs or rng.random() < 0.05:
        sent.fields += _credentials(rng, one["endpoint"])
    if rng.random() < 0.12:
        sent.fields.append(("Origin", rng.choice((ORIGIN, "https://evil.example", "https://own.example", "null", "x"))))
        if rng.random() < 0.4:
            sent.method = "OPTIONS"
            sent.fields.append(("Access-Control-Request-Method", rng.choice(("GET", "PUT", "POST"))))
            if rng.random() < 0.6:
                listed = rng.choice(
                    (
                        "content-type",
                        "x-mine",
                        "authorization,content-type",
                        "content-type,authorization",
                        "Content-Type",
                    )
                )
                sent.fields.append(("Access-Control-Request-Headers", listed))
    if path == "/named" and rng.random() < 0.6:
        sent.fields.append(("X-Client", rng.choice(string.ascii_letters)))
    if path.startswith("/cel") and rng.random() < 0.7:
        sent.fields.append(("X-Tenant", rng.choice("ab")))
    if sent.method == "POST":
        sent.body = rng.choice(
            (
                b"{}",
                b'{"name": "ada"}',
                b'{"name": "much too long"}',
                b'{"name": 7}',
                b"[",
                b"",
                b"[]",
                b"null",
                b'{"name": "a", "tags": ["a", 1]}',
                b'{"name": "ada"} x',
                b"[" * 3000,
            )
        )
    return sent


def written(folder: Path, tree: Any, form: str) -> Path:
    """The configuration in a file of a folder, beside its keys: in version 2 as YAML, else as JSON."""
    key = {"kty": "oct", "k": jwt.utils.base64url_encode(SECRET).decode(), "kid": "k", "alg": "HS256"}
    (folder / "keys.json").write_text(json.dumps({"keys": [key]}))
    if form == "template":
        parts = folder / "partials"
        parts.mkdir(exist_ok=True)
        lines = []
        for number, one in enumerate(tree["endpoints"]):
            (parts / f"endpoint{number}.json").write_text(json.dumps(one, indent=2))
            lines.append(f'{{{{ include "endpoint{number}.json" }}}}')
        text = json.dumps({**tree, "endpoints": ["HERE"]}, indent=2).replace('"HERE"', ",\n".join(lines))
        path = folder / "krakend.tmpl"
        path.write_text(text)
        return path
    if form == "version 2":
        path = folder / "krakend.yaml"
        path.write_text(yaml.safe_dump(in_version_2(tree), sort_keys=False))
        return path
    path = folder / "krakend.json"
    path.write_text(json.dumps(tree, indent=2))
    return path
