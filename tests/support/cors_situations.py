"""Situations in which people ask why a browser blocks a request, for the golden outputs of `cors explain` and `probe`.

Each is a configuration or the answers of a server, and the command line's arguments. They come from public issue
threads of gateways and CORS libraries; the comment names one.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.support.canned_server import head

APP = "https://app.example"
API = "https://api.example"
KRAKEND_1_4 = "github_com/devopsfaith/krakend-cors"


@dataclass(frozen=True)
class Situation:
    """`config` for explain; `preflight` and `actual` for probe, as bytes with ORIGIN and PORT filled in."""

    name: str
    arguments: list[str]
    config: dict[str, Any] | None = None
    preflight: bytes = b""
    actual: bytes = b""
    redirected: bytes = b""
    readable: bool = field(default=False)


def service(
    cors: dict[str, Any] | None = None,
    *,
    version: int = 3,
    own: dict[str, Any] | None = None,
    endpoint: dict[str, Any] | None = None,
    router: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A file with GET /data, POST /data and DELETE /items/{id}. `endpoint` is the extra_config of GET /data."""
    extra: dict[str, Any] = {}
    if cors is not None:
        extra["security/cors" if version == 3 else KRAKEND_1_4] = cors
    if own is not None:
        extra["crossgate/cors"] = own
    if router is not None:
        extra["router"] = router
    backend = [{"url_pattern": "/", "host": ["http://backend.internal"]}]
    get: dict[str, Any] = {"endpoint": "/data", "backend": backend}
    if endpoint is not None:
        get["extra_config"] = endpoint
    return {
        "version": version,
        "extra_config": extra,
        "endpoints": [
            get,
            {"endpoint": "/data", "method": "POST", "backend": backend},
            {"endpoint": "/items/{id}", "method": "DELETE", "backend": backend},
            {"endpoint": "/items/{id}", "method": "PATCH", "backend": backend},
            {"endpoint": "/raw", "output_encoding": "no-op", "backend": [{**backend[0], "encoding": "no-op"}]},
        ],
    }


def asks(url: str = f"{API}/data", *more: str, origin: str = APP) -> list[str]:
    return ["--origin", origin, "--url", url, *more]


def config(name: str, content: dict[str, Any], arguments: list[str], *, readable: bool = False) -> Situation:
    return Situation(name, arguments, content, readable=readable)


def live(
    name: str, *more: str, preflight: bytes = b"", actual: bytes = b"", redirected: bytes = b"", readable: bool = False
) -> Situation:
    arguments = ["--origin", APP, *more]
    return Situation(name, arguments, None, preflight, actual, redirected, readable)


COPIED_FROM_DEVTOOLS = (
    f"curl '{API}/data' -H 'origin: {APP}' -H 'content-type: application/json' -b 's=1' "
    "-H 'sec-fetch-mode: cors' -H 'priority: u=1, i' --data-raw '{\"a\":1}' --compressed"
)
COPIED_PREFLIGHT = (
    f"curl -i -X OPTIONS {API}/items/1 -H 'Origin: {APP}' -H 'Access-Control-Request-Method: DELETE' "
    "-H 'Access-Control-Request-Headers: authorization,content-type'"
)


def allows(origin: str = APP, *lines: str, status: int = 204) -> bytes:
    return head(status, f"Access-Control-Allow-Origin: {origin}", *lines)


VALIDATOR = {"alg": "RS256", "jwk_url": "https://issuer.example/jwks"}
ONLY_APP = {"allow_origins": [APP]}
SITUATIONS = [
    config("an-allowed-origin", service(ONLY_APP), asks(), readable=True),
    config("an-origin-that-is-not-listed", service({"allow_origins": ["https://www.example"]}), asks()),
    # krakend-cors 12
    config("a-trailing-slash", service({"allow_origins": [f"{APP}/"]}), asks()),
    config("a-default-port", service({"allow_origins": [f"{APP}:443"]}), asks()),
    config("no-scheme", service({"allow_origins": ["app.example"]}), asks()),
    config("http-for-https", service({"allow_origins": ["http://app.example"]}), asks()),
    config(
        "another-port",
        service({"allow_origins": ["http://localhost:3000"]}),
        asks("http://localhost:8080/data", origin="http://localhost:5173"),
    ),
    config("the-domain-itself-is-no-subdomain", service({"allow_origins": ["https://*.app.example"]}), asks()),
    config(
        "a-subdomain", service({"allow_origins": ["https://*.example"]}), asks(origin="https://a.example"),
        readable=True
    ),
    # krakend-cors 9, fiber CVE-2024-25124
    config(
        "wildcard-with-credentials",
        service({"allow_origins": ["*"], "allow_credentials": True}),
        asks(f"{API}/data", "--credentials"),
    ),
    config("credentials-not-allowed", service(ONLY_APP), asks(f"{API}/data", "--credentials")),
    config(
        "credentials-allowed",
        service({**ONLY_APP, "allow_credentials": True}),
        asks(f"{API}/data", "--credentials"),
        readable=True,
    ),
    config("a-method-of-the-default-list-only", service(ONLY_APP), asks(f"{API}/items/1", "--method", "DELETE")),
    config(
        "a-method-that-is-not-listed",
        service({**ONLY_APP, "allow_methods": ["GET", "PUT"]}),
        asks(f"{API}/items/1", "--method", "DELETE"),
    ),
    config(
        "a-method-in-small-letters",
        service({**ONLY_APP, "allow_methods": ["GET", "delete"]}),
        asks(f"{API}/items/1", "--method", "DELETE"),
    ),
    config(
        "patch-in-small-letters-in-the-script",
        service({**ONLY_APP, "allow_methods": ["GET", "PATCH"]}),
        asks(f"{API}/items/1", "--method", "patch"),
    ),
    config(
        "a-star-for-methods",
        service({**ONLY_APP, "allow_methods": ["*"]}),
        asks(f"{API}/items/1", "--method", "DELETE"),
    ),
    config("get-without-get-in-the-list", service({**ONLY_APP, "allow_methods": ["POST"]}), asks()),
    # krakend-ce 394
    config(
        "json-without-content-type-in-the-list",
        service({**ONLY_APP, "allow_headers": ["Authorization"]}, version=2),
        asks(f"{API}/data", "--method", "POST", "--header", "Content-Type: application/json"),
    ),
    config(
        "an-authorization-that-is-not-listed",
        service({**ONLY_APP, "allow_headers": ["Content-Type"]}),
        asks(f"{API}/data", "--header", "Authorization: Bearer x", "--header", "X-Trace: 1"),
    ),
    config(
        "the-default-headers-of-1.4",
        service(ONLY_APP, version=2),
        asks(f"{API}/data", "--header", "X-Api-Key: x"),
    ),
    config(
        "everything-at-once",
        service({"allow_methods": ["GET"], "allow_headers": ["X-A"]}),
        asks(f"{API}/items/1", "--method", "DELETE", "--header", "X-B: 1", "--credentials"),
    ),
    config("a-sandboxed-frame", service(ONLY_APP), asks(origin="null")),
    config("null-in-the-list", service({"allow_origins": ["null"]}), asks(origin="null"), readable=True),
    config("no-cors-block", service(), asks(f"{API}/data", "--header", "X-A: 1")),
    # krakend-ce 601
    config("a-cors-block-in-an-endpoint", service(endpoint={"security/cors": ONLY_APP}), asks()),
    config("the-same-origin", service(), asks(f"{APP}/data"), readable=True),
    config("mixed-content", service(ONLY_APP), asks("http://api.example/data")),
    config("a-path-that-is-not-there", service(ONLY_APP), asks(f"{API}/nothing"), readable=True),
    config("a-method-that-is-not-there", service(ONLY_APP), asks(f"{API}/items/1"), readable=True),
    config("a-path-with-a-slash-too-many", service(ONLY_APP), asks(f"{API}/data/"), readable=True),
    config(
        "a-status-that-is-not-ok",
        service({**ONLY_APP, "options_success_status": 404}),
        asks(f"{API}/data", "--header", "X-A: 1"),
    ),
    config(
        "a-preflight-passed-on-to-nobody",
        service({**ONLY_APP, "options_passthrough": True}),
        asks(f"{API}/data", "--header", "X-A: 1"),
    ),
    config(
        "a-preflight-kept-too-long",
        service({**ONLY_APP, "max_age": "48h"}),
        asks(f"{API}/data", "--header", "X-A: 1"),
        readable=True,
    ),
    config(
        "exposed-headers",
        service({**ONLY_APP, "expose_headers": ["X-Krakend-Completed"]}),
        asks(),
        readable=True,
    ),
    config(
        "a-rule-for-one-origin",
        service(
            ONLY_APP,
            own={"rules": [{"allow_origins": ["https://admin.example"], "allow_methods": ["GET", "DELETE"]}]},
        ),
        asks(f"{API}/items/1", "--method", "PATCH", origin="https://admin.example"),
    ),
    config(
        "a-policy-for-one-endpoint",
        service(ONLY_APP, endpoint={"crossgate/cors": {"allow_origins": ["https://partner.example"]}}),
        asks(),
    ),
    config("report-only", service(ONLY_APP, own={"report_only": True}), asks()),
    # krakend-ce 392
    config("the-backends-own-cors", service(ONLY_APP, own={"upstream": "pass"}), asks(f"{API}/raw")),
    config("a-header-that-scripts-cannot-set", service(ONLY_APP), asks(f"{API}/data", "--header", "Cookie: a=b"),
           readable=True),
    config("a-header-set-twice", service({**ONLY_APP, "allow_headers": ["X-A"]}),
           asks(f"{API}/data", "--header", "X-A: 1", "--header", "x-a: 2")),
    config("a-forbidden-method", service(ONLY_APP), asks(f"{API}/data", "--method", "TRACE")),
    config(
        "a-copied-curl-command",
        service(ONLY_APP),
        ["--from-curl", COPIED_FROM_DEVTOOLS],
    ),
    config(
        "a-copied-preflight",
        service({**ONLY_APP, "allow_headers": ["Authorization"]}),
        ["--from-curl", COPIED_PREFLIGHT],
    ),
    config(
        "a-guard-that-is-not-run",
        service(
            {**ONLY_APP, "allow_headers": ["Authorization"]}, endpoint={"plugin/req-resp-modifier": {"name": ["x"]}}
        ),
        asks(f"{API}/data", "--header", "Authorization: Bearer x"),
        readable=True,
    ),
    config(
        "auth-with-a-token",
        service({**ONLY_APP, "allow_headers": ["Authorization"]}, endpoint={"auth/validator": VALIDATOR}),
        asks(f"{API}/data", "--header", "Authorization: Bearer x"),
        readable=True,
    ),
    config(
        "auth-without-a-token",
        service({**ONLY_APP, "allow_headers": ["Content-Type"]}, endpoint={"auth/validator": VALIDATOR}),
        asks(f"{API}/data"),
        readable=True,
    ),
    config(
        "auth-whose-field-no-page-may-send",
        service({**ONLY_APP, "allow_headers": ["Content-Type"]}, endpoint={"auth/validator": VALIDATOR}),
        asks(f"{API}/data", "--header", "Authorization: Bearer x"),
        readable=False,
    ),
    config("localhost-from-the-internet", service(ONLY_APP), asks("/data"), readable=True),
    # krakend-cors 18
    live("live-two-origins", actual=head(200, f"Access-Control-Allow-Origin: {APP}", "Access-Control-Allow-Origin: *")),
    live("live-an-error-without-cors", actual=head(500, "Content-Type: text/html")),
    # Kong 1292
    live("live-a-preflight-that-needs-a-login", "--header", "Authorization: x",
         preflight=head(401, "WWW-Authenticate: B")),
    live("live-a-preflight-refused-with-cors", "--method", "PUT",
         preflight=head(403, "Access-Control-Allow-Origin: *")),
    live("live-a-preflight-redirected", "--method", "PUT", preflight=head(301, "Location: https://api.example/x/")),
    live("live-a-list-with-blanks", "--method", "PUT", preflight=head(
        204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET PUT")),
    live("live-a-star-with-credentials", "--credentials", actual=head(
        200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true")),
    live("live-a-star-for-authorization", "--header", "Authorization: x", preflight=head(
        204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"),
        actual=head(200, "Access-Control-Allow-Origin: *"), readable=True),
    live("live-exposed", actual=head(200, f"Access-Control-Allow-Origin: {APP}", "X-Total: 9", "ETag: x",
                                     "Access-Control-Expose-Headers: X-Total"), readable=True),
    live("live-a-trailing-slash", actual=head(200, f"Access-Control-Allow-Origin: {APP}/")),
    live("live-redirected-elsewhere", actual=head(
        302, f"Access-Control-Allow-Origin: {APP}", "Location: http://localhost:PORT/y"),
        redirected=head(200, f"Access-Control-Allow-Origin: {APP}")),
    config("a-port-of-another-protocol", service(ONLY_APP), asks("https://api.example:6667/data")),
    config("the-mode-same-origin", service(ONLY_APP), asks(f"{API}/data", "--mode", "same-origin")),
    config("the-mode-no-cors", service(ONLY_APP), asks(f"{API}/data", "--mode", "no-cors")),
    config(
        "a-preflight-that-the-router-redirects",
        service({**ONLY_APP, "options_passthrough": True}, router={"auto_options": True}),
        asks(f"{API}/data/", "--header", "X-A: 1"),
    ),
    config(
        "patch-in-small-letters-in-1.4",
        service({**ONLY_APP, "allow_methods": ["PATCH"]}, version=2),
        asks(f"{API}/items/1", "--method", "patch"),
    ),
    config(
        "an-odd-header-name-in-1.4",
        service({**ONLY_APP, "allow_headers": ["X-Foo"]}, version=2),
        asks(f"{API}/data", "--header", "X-Foo!: 1"),
    ),
    config("an-empty-block-in-1.4", service({}, version=2), asks()),
    config("the-old-files-new-name", {**service(version=2), "extra_config": {"security/cors": ONLY_APP}}, asks()),
    live("live-a-preflight-without-answer", "--method", "PUT"),
    live("live-a-preflight-with-a-star-and-credentials", "--method", "PUT", "--credentials", preflight=allows("*")),
    live("live-a-preflight-with-two-origins", "--method", "PUT", preflight=allows(f"{APP}, https://www.example")),
    live("live-a-preflight-with-no-origin", "--method", "PUT", preflight=allows("app.example")),
    live("live-a-preflight-for-another-origin", "--method", "PUT", preflight=allows("https://www.example")),
    live("live-a-preflight-without-credentials", "--method", "PUT", "--credentials", preflight=allows()),
    live("live-a-preflight-without-the-method", "--method", "PUT",
         preflight=allows(APP, "Access-Control-Allow-Methods: GET")),
    live("live-a-preflight-without-the-header", "--header", "X-Api-Key: x", preflight=allows()),
    live("live-a-malformed-list-of-headers", "--header", "X-A: x",
         preflight=allows(APP, "Access-Control-Allow-Headers: [X-A]")),
    live("live-without-credentials", "--credentials", actual=allows(status=200)),
    live("live-no-origin", actual=allows("true", status=200)),
    live("live-redirected-with-a-password", actual=allows(APP, "Location: http://u:p@127.0.0.1:PORT/y", status=302)),
    live("live-redirected-to-another-scheme", actual=allows(APP, "Location: ftp://127.0.0.1/y", status=302)),
    live("live-a-header-twice", "--header", "X-A: 1", "--header", "x-a: 2", preflight=head(
        204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: x-a"), actual=head(
        200, "Access-Control-Allow-Origin: *"), readable=True),
    live("live-no-answer"),
]  # fmt: skip
