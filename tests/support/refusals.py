"""For each reason code a situation in which the gateway refuses for it: a configuration, and a request as bytes.

`SITUATIONS` are what a client can bring about; what it cannot is in `OUT_OF_REACH`, with the reason. Configurations
are made for a folder, into which their keys are written, and for the places of backends.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import jwt

SECRET = b"a secret for tests, and long enough for HS256 and HS384"
FOLDER = Path(__file__).parents[1] / "data/plugins"
REVOKERS_TOKEN = "a token for those who revoke, in tests"
HOST = "gateway.test"
ORIGIN = "https://app.example"
_HASH = "$2b$10$CwTycUXWue0Thq9StjUM0uJ8pGq0qDjFvZc6SB3oQOhPcRLsZr9Gi"
_DEAR_HASH = _HASH.replace("$10$", "$14$")


class Places(NamedTuple):
    """Where backends are: one that answers by the script below, and a port that refuses connections.

    `revoker` is where the gateway takes revocations; `metrics` where it shows numbers, by configuration.
    """

    backend: str = "127.0.0.1:9"
    dead: str = "127.0.0.1:1"
    revoker: str = "127.0.0.1:9099"
    metrics: Mapping[str, str] = {}


SCRIPT: dict[str, Any] = {
    "/closes": {"drop": True},
    "/garbage": {"raw": "this is no HTTP\r\n\r\n"},
    "/fails": {"status": 500, "reason": "Internal Server Error", "body": "no"},
    "/text": {"body": "no JSON"},
    "/named": {"json": {"name": "somebody"}},
    "/breaks-off": {"body": "x" * 100_000, "truncate": 70_000},
    "/large": {"body": "x" * 30_000_000},
    "/hangs": {"delay_ms": 3_600_000},
    "/hangs-too": {"delay_ms": 3_600_000},
}
"""Of the backend (scripted_backend.py): what it does at which path. Anywhere else it answers with what it received."""


class Situation(NamedTuple):
    """One. `before` are requests sent before, each on a connection of its own and whatever they are answered.

    `holds` are requests that are sent after those and left unanswered, for as long as the gateway runs: again and again
    until one has got to the backend. With a `crowd`, the request is sent so many times at once, and one of them has to
    be refused for the code; it is the last of its configuration, unless all others stay unanswered.
    `follows_from_file` is False where the code depends on load, time, what came before, or on a backend's answer.
    `client` is what the client does once it has sent the request: it reads the answer; it ends its side, and gets none;
    it reads what comes until the connection is cut off; or it reads nothing.
    """

    code: str
    request: bytes
    status: int
    config: str = "main"
    before: tuple[bytes, ...] = ()
    holds: tuple[bytes, ...] = ()
    follows_from_file: bool = True
    crowd: int = 0
    client: Literal["reads", "leaves", "is cut off", "does not read"] = "reads"


def asked(target: str, *lines: str, method: str = "GET", body: bytes = b"", host: str = HOST) -> bytes:
    """A request as a client sends it."""
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


def token(key: bytes = SECRET, kid: str = "k", alg: str = "HS256", **claims: Any) -> str:
    """The field with a token that passes at `/token`, but for what is said here; None takes a claim out."""
    own = {"iss": "https://id.example", "aud": ["shop"], "roles": ["admin"], "scope": "read", "dept": "7", "jti": "1"}
    all_claims = {**own, "exp": int(time.time()) + 3600, **claims}
    body = {name: value for name, value in all_claims.items() if value is not None}
    text = jwt.api_jws.encode(json.dumps(body).encode(), key, alg, headers={"kid": kid})
    return f"Authorization: Bearer {text}"


def _backend(pattern: str, **more: Any) -> dict[str, Any]:
    return {"url_pattern": pattern, **more}


def _endpoint(path: str, pattern: str = "", *, extra: Any = None, backend: Any = None, **more: Any) -> dict[str, Any]:
    found = {"endpoint": path, "backend": [_backend(pattern or path, **(backend or {}))], **more}
    return found if extra is None else {**found, "extra_config": extra}


VALIDATOR = {
    "alg": "HS256",
    "jwk_local_path": "keys.json",
    "disable_jwk_security": True,
    "issuer": "https://id.example",
    "audience": ["shop"],
    "roles": ["admin"],
    "scopes": ["read"],
    "scopes_key": "scope",
    "propagate_claims": [["nick", "X-Nick"]],
}
_PROVIDER = {key: VALIDATOR[key] for key in ("alg", "jwk_local_path", "disable_jwk_security", "issuer")}
_CACHE = {"qos/http-cache": {}}
_LUA_410 = "local r = response.load(); r:statusCode(410)"
_LUA_NO = "custom_error('no', 403)"


def _service(**more: Any) -> dict[str, Any]:
    own = {"crossgate/log": {"access": "json"}, "crossgate/explain": {"loopback_only": True}}
    return {**own, **more}


def _main(places: Places) -> dict[str, Any]:
    host = [f"http://{places.backend}"]
    signer = {"alg": "HS256", "keys_to_sign": ["name"], "jwk_local_path": "keys.json", "disable_jwk_security": True}
    hour = {"every": "1h"}
    return {
        "version": 3,
        "host": host,
        "timeout": "60s",
        "echo_endpoint": True,
        "extra_config": _service(
            **{
                "security/http": {"allowed_hosts": [HOST]},
                "security/bot-detector": {"deny": ["bad-bot"]},
                "security/cors": {
                    "allow_origins": [ORIGIN],
                    "allow_methods": ["GET"],
                    "allow_headers": ["X-Listed", "X-Other"],
                },
                "crossgate/cors": {"policies": {"own": {"allow_origins": ["https://other.example"]}}},
                "auth/api-keys": {"keys": [{"key": "plain", "roles": ["user"]}, {"key": "chief", "roles": ["admin"]}]},
                "auth/revoker": {"N": 10, "P": 1e-7, "hash_name": "optimal", "TTL": 3600, "token_keys": ["jti"]},
                "crossgate/revoker": {"listen": places.revoker, "token_file": "revoker.token"},
                "crossgate/plugins": {"path": str(FOLDER), "modules": {"gate": "stand_ins:Gate"}},
                "plugin/http-server": {"name": ["gate"], "gate": {"word": "open"}},
                "crossgate/server": {"max_body_bytes": 300_000, "max_target_bytes": 300, "max_head_bytes": 20_000},
                "redis": {"connection_pools": [{"name": "counters", "address": places.dead}]},
            }
        ),
        "endpoints": [
            _endpoint("/plain", "/named"),
            _endpoint("/own", "/named", extra={"crossgate/cors": {"policy": "own"}}),
            _endpoint("/items/{id}"),
            _endpoint("/asks/{id}", "/asks?x={id}"),
            _endpoint("/not-run", extra={"auth/not-there-yet": {"keys": ["a"]}}),
            _endpoint("/shadows", backend={"extra_config": {"proxy": {"shadow": True}}}),
            _endpoint("/echoed", method="POST"),
            # tokens
            _endpoint("/token", extra={"auth/validator": VALIDATOR}),
            _endpoint("/dept", "/dept/{JWT.dept}", extra={"auth/validator": VALIDATOR}),
            _endpoint("/no-keys", extra={"auth/validator": {"alg": "HS256"}}),
            _endpoint(
                "/judged",
                extra={"auth/validator": VALIDATOR, "validation/cel": [{"check_expr": "JWT.dept == '7'"}]},
            ),
            _endpoint(
                "/keys-away",
                extra={
                    "auth/validator": {
                        "alg": "RS256",
                        "jwk_url": f"http://{places.dead}/keys",
                        "disable_jwk_security": True,
                    }
                },
            ),
            # keys and passwords
            _endpoint("/key", extra={"auth/api-keys": {"roles": ["admin"]}}),
            _endpoint("/key-often", extra={"auth/api-keys": {"roles": ["user"], "client_max_rate": 1}}),
            _endpoint("/password", extra={"auth/basic": {"users": {"ops": _HASH}}}),
            # limits
            _endpoint("/total", extra={"qos/ratelimit/router": {"max_rate": 1, "capacity": 1, **hour}}),
            _endpoint(
                "/client",
                extra={"qos/ratelimit/router": {"client_max_rate": 1, "client_capacity": 1, "strategy": "ip", **hour}},
            ),
            _endpoint(
                "/unnamed",
                extra={"qos/ratelimit/router": {"client_max_rate": 1, "strategy": "header", "key": "X-Client", **hour}},
            ),
            _endpoint(
                "/counted",
                extra={
                    "qos/ratelimit/router/redis": {
                        "connection_name": "counters",
                        "on_failure_allow": False,
                        "max_rate": 1,
                    }
                },
            ),
            _endpoint(
                "/spared",
                backend={"extra_config": {"qos/ratelimit/proxy": {"max_rate": 1, "capacity": 1, **hour}}},
            ),
            _endpoint("/broken", "/fails", backend={"extra_config": {"qos/circuit-breaker": {"max_errors": 1}}}),
            _endpoint(
                "/tried/{what}",
                "/{what}",
                backend={"extra_config": {"qos/circuit-breaker": {"max_errors": 1, "interval": 60, "timeout": 1}}},
            ),
            # bodies, expressions, scripts, modifiers
            _endpoint("/schema", method="POST", extra={"validation/json-schema": {"type": "object"}}),
            _endpoint("/cel/{id}", "/named", extra={"validation/cel": [{"check_expr": "req_params.Id == 'good'"}]}),
            _endpoint("/cel-answer", "/named", extra={"validation/cel": [{"check_expr": "resp_data.name == 'x'"}]}),
            _endpoint("/lua", extra={"modifier/lua-endpoint": {"pre": "custom_error('no', 403)"}}),
            _endpoint("/lua-fails", extra={"modifier/lua-endpoint": {"pre": "local a = nil + 1"}}),
            _passing("/lua-answers", extra={"modifier/lua-proxy": {"post": _LUA_410, "skip_next": True}}),
            _passing("/lua-changes", "/named", extra={"modifier/lua-proxy": {"post": _LUA_410}}),
            _passing("/lua-around", "/named", backend={"extra_config": {"modifier/lua-backend": {"pre": _LUA_NO}}}),
            _endpoint("/lua-ever", timeout="100ms", extra={"modifier/lua-endpoint": {"pre": "while true do end"}}),
            _endpoint(
                "/martian",
                backend={
                    "extra_config": {
                        "modifier/martian": {
                            "header.Modifier": {"scope": ["request"], "name": "Content-Length", "value": "many"}
                        }
                    }
                },
            ),
            _passing(
                "/martian-status",
                "/named",
                backend={
                    "extra_config": {
                        "modifier/martian": {"status.Modifier": {"scope": ["response"], "statusCode": 410}}
                    }
                },
            ),
            _endpoint(
                "/mutation",
                method="POST",
                backend={
                    "extra_config": {
                        "backend/graphql": {
                            "type": "mutation",
                            "query": "mutation ($a: Int) { do(a: $a) { id } }",
                            "variables": {"a": 1},
                        }
                    }
                },
            ),
            _endpoint("/signed-by-nobody", "/named", extra={"auth/signer": {**signer, "kid": "unknown"}}),
            _endpoint("/signed", "/fails", extra={"auth/signer": {**signer, "kid": "k"}}),
            _endpoint(
                "/cached",
                output_encoding="no-op",
                input_headers=["Cache-Control"],
                backend={"encoding": "no-op", "extra_config": _CACHE},
            ),
            _endpoint("/cached-data", input_headers=["Cache-Control"], backend={"extra_config": _CACHE}),
            # backends
            _endpoint("/hangs", timeout="100ms"),
            _endpoint("/closes"),
            _passing("/breaks-off"),
            _endpoint("/garbage"),
            _endpoint("/fails"),
            {"endpoint": "/partly", "backend": [_backend("/named"), _backend("/fails")]},
            _endpoint("/text"),
            _endpoint("/dead", backend={"host": [f"http://{places.dead}"]}),
            _endpoint("/tls", backend={"host": [f"https://{places.backend}"]}),
            _endpoint("/unknown-name", backend={"host": ["http://nowhere.invalid"]}),
            _endpoint("/not-found", backend={"host": ["_http._tcp.nowhere.invalid"], "sd": "dns"}),
            _endpoint("/ftp", backend={"host": ["ftp://backend"], "disable_host_sanitize": True}),
        ],
    }


def _passing(path: str, pattern: str = "", *, extra: Any = None, backend: Any = None) -> dict[str, Any]:
    """An endpoint whose backend's answers are passed on."""
    return _endpoint(
        path, pattern, extra=extra, output_encoding="no-op", backend={"encoding": "no-op", **(backend or {})}
    )


def _slow(places: Places) -> dict[str, Any]:
    return {
        "version": 3,
        "host": [f"http://{places.backend}"],
        "timeout": "3600s",
        "extra_config": _service(**{"crossgate/server": {"write_timeout": "100ms"}}),
        "endpoints": [_passing("/large")],
    }


def _strange(places: Places) -> dict[str, Any]:
    """With a component of somebody else, which has a bug."""
    return {
        "version": 3,
        "host": [f"http://{places.backend}"],
        "extra_config": _service(),
        "endpoints": [_endpoint("/plain", "/named", extra={"example/raises": {}})],
    }


def _limited(places: Places) -> dict[str, Any]:
    limit = {"max_rate": 3, "capacity": 3, "client_max_rate": 1, "client_capacity": 1, "every": "1h"}
    return {
        "version": 3,
        "host": [f"http://{places.backend}"],
        "timeout": "60s",
        "response_header_timeout": "100ms",
        "extra_config": _service(
            **{
                "qos/ratelimit/service": {**limit, "strategy": "header", "key": "X-Client"},
                "crossgate/server": {"header_timeout": "100ms"},
            }
        ),
        "endpoints": [_endpoint("/hangs"), _endpoint("/not-run", extra={"auth/not-there-yet": {}})],
    }


def _full(places: Places) -> dict[str, Any]:
    bounds = {"max_in_flight": 2, "queue": 0, "hosts": {"max_connections": 1, "queue": 0}}
    public = {"crossgate/auth": {"public": True}}
    other = f"http://localhost:{places.backend.rpartition(':')[2]}"
    return {
        "version": 3,
        "host": [f"http://{places.backend}"],
        "timeout": "3600s",
        "extra_config": _service(
            **{
                "crossgate/overload": bounds,
                "crossgate/auth": {
                    "providers": [
                        {"name": "one", **_PROVIDER},
                        {"name": "two", **_PROVIDER, "issuer": "https://two.example"},
                    ]
                },
            }
        ),
        "endpoints": [
            _endpoint("/issuers", extra={"crossgate/auth": {"providers": ["one", "two"]}}),
            _endpoint("/hangs", extra=public),
            _endpoint("/plain", "/named", extra=public),
            _endpoint("/hangs-too", extra=public, backend={"host": [other]}),
        ],
    }


def _crowded(places: Places) -> dict[str, Any]:
    return {
        "version": 3,
        "host": [f"http://{places.backend}"],
        "timeout": "3600s",
        "extra_config": _service(**{"crossgate/server": {"max_connections": 1}}),
        "endpoints": [_endpoint("/hangs")],
    }


def _pressed(places: Places) -> dict[str, Any]:
    """Plugins have a thread each, and room for sixteen more calls; passwords take a second to check."""
    modules = {"one": "stand_ins:Blocking", "other": "stand_ins:Other"}
    fields = {"input_headers": ["X-Block"]}
    return {
        "version": 3,
        "host": [f"http://{places.backend}"],
        "timeout": "3600s",
        "extra_config": _service(**{"crossgate/plugins": {"path": str(FOLDER), "modules": modules, "threads": 1}}),
        "endpoints": [
            _endpoint("/stuck", timeout="300ms", extra={"plugin/req-resp-modifier": {"name": ["one"]}}, **fields),
            _endpoint("/busy", extra={"plugin/req-resp-modifier": {"name": ["other"]}}, **fields),
            _endpoint("/password", extra={"auth/basic": {"users": {"ops": _DEAR_HASH}}}),
        ],
    }


def configurations(folder: Path, places: Places | None = None) -> dict[str, str]:
    """The text of each file, by its name in Situation. What they name is written into the folder."""
    places = places or Places()
    secret = jwt.utils.base64url_encode(SECRET).decode()
    key = {"kty": "oct", "k": secret, "kid": "k", "alg": "HS256"}
    (folder / "keys.json").write_text(json.dumps({"keys": [key]}))
    (folder / "revoker.token").write_text(REVOKERS_TOKEN)
    makers = {
        "main": _main,
        "limited": _limited,
        "full": _full,
        "crowded": _crowded,
        "pressed": _pressed,
        "slow": _slow,
        "strange": _strange,
    }
    trees = {name: make(places) for name, make in makers.items()}
    for name, tree in trees.items():
        tree["extra_config"]["crossgate/log"]["file"] = str(folder / f"{name}.log")
        if name in places.metrics:
            tree["extra_config"]["crossgate/metrics"] = {"listen": places.metrics[name]}
    text = {name: json.dumps(tree, indent=1) for name, tree in trees.items()}
    for file in ("keys.json", "revoker.token"):
        text = {name: one.replace(f'"{file}"', json.dumps(str(folder / file))) for name, one in text.items()}
    return text


def _preflight(method: str = "GET", fields: str = "", origin: str = ORIGIN) -> bytes:
    lines = [f"Origin: {origin}", f"Access-Control-Request-Method: {method}"]
    if fields:
        lines.append(f"Access-Control-Request-Headers: {fields}")
    return asked("/plain", *lines, method="OPTIONS")


def _of_file() -> list[Situation]:
    chief = "Authorization: Bearer chief"
    deep = b"[" * 2_000 + b"]" * 2_000
    return [
        Situation("route.none", asked("/nowhere"), 404),
        Situation("route.method", asked("/plain", method="DELETE"), 405),
        Situation("route.not-run", asked("/not-run"), 501),
        Situation("route.only-shadows", asked("/shadows"), 500),
        Situation("route.led-elsewhere", asked("/plain", "X-Do: lead-own-policy"), 500),
        Situation("path.invalid", asked("/items/%2e%2e"), 400),
        Situation("path.unsafe-value", asked("/dept", token(dept="..")), 400),
        Situation("path.invalid-url", asked("/items/%0a"), 500),
        Situation("host.not-answered", asked("/plain", host="other.test"), 500),
        Situation("bot.detected", asked("/plain", "User-Agent: bad-bot"), 403),
        # the request itself
        Situation("request.malformed", b"GET /plain HTTP/1.1\r\n\r\n", 400),
        Situation("request.method-unknown", asked("/plain", method="CONNECT"), 501),
        Situation(
            "request.coding-unknown",
            asked("/echoed", "Transfer-Encoding: gzip", method="POST"),
            501,
        ),
        Situation("request.version-unknown", asked("/plain").replace(b"HTTP/1.1", b"HTTP/3.7"), 505),
        Situation("request.expectation", asked("/plain", "Expect: miracles"), 417),
        Situation("request.head-too-large", asked("/plain", f"X-Long: {'x' * 25_000}"), 431),
        Situation("request.target-too-long", asked(f"/plain?{'x' * 400}"), 414),
        Situation("request.body-too-large", asked("/echoed", method="POST", body=b"x" * 300_001), 413),
        # CORS
        Situation("cors.several-origins", asked("/plain", f"Origin: {ORIGIN}", "Origin: https://b.example"), 200),
        Situation("cors.origin-too-long", asked("/plain", f"Origin: https://{'a' * 4_200}.example"), 200),
        Situation("cors.origin-malformed", asked("/plain", "Origin: https://é.example"), 200),
        Situation("cors.origin-not-listed", asked("/plain", "Origin: https://evil.example"), 200),
        Situation("cors.method-not-listed", _preflight("PUT"), 204),
        Situation("cors.headers-too-long", _preflight(fields="x-" + "a" * 8_000), 204),
        Situation("cors.headers-malformed", _preflight(fields="x-listed" + "," * 40), 204),
        Situation("cors.header-not-listed", _preflight(fields="x-secret"), 204),
        Situation("cors.header-not-lower-case", _preflight(fields="X-Listed"), 204),
        Situation("cors.header-repeated", _preflight(fields="x-listed,x-listed"), 204),
        Situation("cors.headers-not-sorted", _preflight(fields="x-other,x-listed"), 204),
        # tokens
        Situation("token.missing", asked("/token"), 401),
        Situation("token.malformed", asked("/token", "Authorization: Bearer of.two"), 401),
        Situation("token.issuer-unknown", asked("/issuers", token(iss="https://evil.example")), 401, "full"),
        Situation("token.none-holds", asked("/no-keys", token()), 401),
        Situation("token.alg", asked("/token", token(alg="HS384")), 401),
        Situation("token.key", asked("/token", token(kid="other")), 401),
        Situation(
            "token.signature", asked("/token", token(key=b"another secret that is long enough for any of these")), 401
        ),
        Situation("token.claim", asked("/token", token(exp="soon")), 401),
        Situation("token.issuer", asked("/token", token(iss="https://evil.example")), 401),
        Situation("token.audience", asked("/token", token(aud=["books"])), 401),
        Situation("token.not-yet", asked("/token", token(nbf=int(time.time()) + 3000)), 401),
        Situation("token.expired", asked("/token", token(exp=int(time.time()) - 3000)), 401),
        Situation("token.from-the-future", asked("/token", token(iat=int(time.time()) + 3000)), 401),
        Situation("token.refused", asked("/judged", token(dept="8")), 401),
        Situation("token.role", asked("/token", token(roles=["guest"])), 403),
        Situation("token.scope", asked("/token", token(scope="write")), 403),
        Situation("token.claim-needed", asked("/dept", token(dept=None)), 403),
        Situation("token.claim-unusable", asked("/token", token(nick="a\r\nb")), 500),
        # keys and passwords
        Situation("key.missing", asked("/key"), 401),
        Situation("key.unknown", asked("/key", "Authorization: Bearer nobody"), 401),
        Situation("key.role", asked("/key", "Authorization: Bearer plain"), 403),
        Situation("basic.missing", asked("/password"), 401),
        Situation("basic.wrong", asked("/password", "Authorization: Basic b3BzOndyb25n"), 401),
        # limits
        Situation("limit.unnamed", asked("/unnamed"), 429),
        # bodies, expressions, scripts, modifiers, plugins
        Situation("schema.invalid", asked("/schema", method="POST", body=b"[]"), 400),
        Situation("schema.no-json", asked("/schema", method="POST", body=b"{"), 400),
        Situation("schema.too-large", asked("/schema", method="POST", body=deep), 400),
        Situation("cel.request", asked("/cel/bad"), 500),
        Situation("lua.refused", asked("/lua"), 403),
        Situation("lua.refused", asked("/lua-answers"), 410),
        Situation("lua.refused", asked("/lua-changes"), 410),
        Situation("lua.refused", asked("/lua-around"), 403),
        Situation("lua.failed", asked("/lua-fails"), 500),
        Situation("martian.refused", asked("/martian-status"), 410),
        Situation("martian.failed", asked("/martian"), 500),
        Situation("graphql.variables", asked("/mutation", method="POST", body=b"["), 500),
        Situation("plugin.refused", asked("/plain", "X-Do: refusal"), 402),
        Situation("plugin.refused", asked("/plain", "X-Do: refuse"), 418),
        Situation("plugin.failed", asked("/plain", "X-Do: raise"), 500),
        Situation("signer.no-key", asked("/signed-by-nobody"), 401),
        Situation("cache.only-if-cached", asked("/cached", "Cache-Control: only-if-cached"), 504),
        Situation("cache.only-if-cached", asked("/cached-data", "Cache-Control: only-if-cached"), 500),
        Situation("upstream.request", asked("/ftp"), 500),
        # one refusal may have two causes: the one that decides the status wins
        Situation("key.missing", asked("/key", "Origin: https://evil.example"), 401),
        Situation("route.none", asked("/nowhere", method="HEAD"), 404),
        Situation("route.none", asked("/nowhere").replace(b"HTTP/1.1", b"HTTP/1.0"), 404),
        Situation("key.role", asked("/key", chief.replace("chief", "plain"), method="GET"), 403),
    ]


def _of_more() -> list[Situation]:
    """Those that depend on load, time, what came before, or on backends."""
    total, client, spared, broken = asked("/total"), asked("/client"), asked("/spared"), asked("/broken")
    often = asked("/key-often", "Authorization: Bearer plain")
    found = [
        ("limit.total", total, 503, (total,)),
        ("limit.client", client, 429, (client,)),
        ("limit.key", often, 429, (often, often, often)),
        ("limit.unknown", asked("/counted"), 503, ()),
        ("limit.backend", spared, 500, (spared,)),
        ("breaker.open", broken, 500, (broken, broken)),
        ("lua.timeout", asked("/lua-ever"), 500, ()),
        ("cel.response", asked("/cel-answer"), 500, ()),
        ("signer.failed", asked("/signed"), 400, ()),
        ("token.revoked", asked("/token", token(jti="revoked")), 401, ()),
        ("endpoint.timeout", asked("/hangs"), 500, ()),
        ("upstream.closed", asked("/closes"), 500, ()),
        ("upstream.closed", asked("/closes", "Origin: https://evil.example"), 500, ()),
        ("upstream.malformed", asked("/garbage"), 500, ()),
        ("upstream.status", asked("/fails"), 500, ()),
        ("upstream.undecodable", asked("/text"), 500, ()),
        ("upstream.connect", asked("/dead"), 500, ()),
        ("upstream.tls", asked("/tls"), 500, ()),
        ("upstream.name", asked("/unknown-name"), 500, ()),
        ("upstream.no-host", asked("/not-found"), 500, ()),
    ]
    main = [Situation(*one[:3], before=one[3], follows_from_file=False) for one in found]
    ours = {name: asked("/hangs", f"X-Client: {name}") for name in "abc"}
    limited = [
        ("upstream.timeout", ours["a"], 500, ()),
        ("limit.service-client", ours["a"], 429, ()),
        ("limit.service", asked("/hangs", "X-Client: d"), 503, (ours["b"], ours["c"])),
        ("request.timeout", b"GET /hangs HTTP/1.1\r\n", 408, ()),
    ]
    held, held_too = asked("/hangs"), asked("/hangs-too")
    failing, held_trial = asked("/tried/fails"), asked("/tried/hangs")
    half = asked("/echoed", method="POST", body=b"0123456789")[:-3]
    blocking = "X-Block: ever"
    stuck = asked("/stuck", blocking)
    return [
        *main,
        Situation("upstream.closed", asked("/breaks-off"), 200, follows_from_file=False, client="is cut off"),
        Situation("request.body-broken", half, 499, follows_from_file=False, client="leaves"),
        Situation("response.not-read", asked("/large"), 200, "slow", follows_from_file=False, client="does not read"),
        Situation("gateway.failed", asked("/plain"), 500, "strange", follows_from_file=False),
        Situation("gateway.not-ready", asked("/__ready"), 503, follows_from_file=False),
        Situation("breaker.probing", failing, 500, before=(failing,) * 2, holds=(held_trial,), follows_from_file=False),
        *[Situation(*one[:3], config="limited", before=one[3], follows_from_file=False) for one in limited],
        Situation("upstream.busy", asked("/plain"), 500, "full", holds=(held,), follows_from_file=False),
        Situation("overload.full", asked("/plain"), 503, "full", holds=(held_too,), follows_from_file=False),
        Situation("gateway.connections", asked("/hangs"), 503, "crowded", holds=(held,), follows_from_file=False),
        # the first is stuck, unless its thread began too late
        Situation("plugin.stuck", stuck, 500, "pressed", before=(stuck,) * 3, follows_from_file=False),
        Situation("plugin.busy", asked("/busy", blocking), 503, "pressed", follows_from_file=False, crowd=18),
        # the last of its log: of the rest, nobody knows when their passwords have been looked at
        Situation(
            "basic.too-many",
            asked("/password", "Authorization: Basic b3BzOndyb25n"),
            503,
            "pressed",
            follows_from_file=False,
            crowd=128,
        ),
    ]


def situations() -> list[Situation]:
    """All of them. Those of one configuration are to be brought about in this order."""
    return [*_of_file(), *_of_more()]
