"""Cases as a product: policies as people write them, times requests as scripts make them, from several origins."""

from collections.abc import Iterator

from tests.browser.case import PLAIN, Ask, Case, Policy, Reply, Where

POLICIES: dict[str, Policy] = {
    "empty-v3": Policy({}),
    "documented-v2": Policy(
        {
            "allow_origins": ["*"],
            "allow_methods": ["GET", "HEAD", "POST"],
            "expose_headers": ["Content-Length", "Content-Type"],
            "max_age": "12h",
            "allow_headers": ["Accept-Language"],
            "allow_credentials": False,
        },
        version=2,
    ),
    "exact": Policy({"allow_origins": ["{page}"], "allow_headers": ["Content-Type", "X-A"]}),
    "exact-credentials": Policy(
        {
            "allow_origins": ["{page}"],
            "allow_methods": ["GET", "POST", "PUT", "DELETE", "PATCH"],
            "allow_headers": ["Authorization", "Content-Type", "X-A", "X-B"],
            "expose_headers": ["X-One"],
            "allow_credentials": True,
            "max_age": "0s",
        }
    ),
    "exact-credentials-v2": Policy(
        {
            "allow_origins": ["{page}"],
            "allow_methods": ["GET", "POST", "PUT"],
            "allow_headers": ["Authorization", "Content-Type", "X-A"],
            "expose_headers": ["x-one", "X-TWO"],
            "allow_credentials": True,
        },
        version=2,
    ),
    "any-credentials": Policy({"allow_origins": ["*"], "allow_credentials": True, "allow_headers": ["*"]}),
    "any-all": Policy(
        {
            "allow_origins": ["*"],
            "allow_methods": ["GET", "POST", "PUT", "DELETE", "PATCH"],
            "allow_headers": ["*"],
            "expose_headers": ["*"],
        }
    ),
    "exact-expose-any-credentials": Policy(
        {"allow_origins": ["{page}"], "allow_headers": ["*"], "expose_headers": ["*"], "allow_credentials": True}
    ),
    "pattern": Policy({"allow_origins": ["http*"], "allow_methods": ["GET", "PUT"], "allow_headers": ["X-A"]}),
    "null-listed": Policy({"allow_origins": ["null"], "allow_methods": ["GET", "PUT"]}),
    "page-and-null": Policy(
        {
            "allow_origins": ["{page}", "null"],
            "allow_methods": ["GET", "PUT"],
            "allow_headers": ["Authorization", "Content-Type"],
            "allow_credentials": True,
        }
    ),
    "somebody-else": Policy({"allow_origins": ["https://elsewhere.example"]}),
    "trailing-slash": Policy({"allow_origins": ["{page}/"]}),
    "post-only": Policy({"allow_origins": ["{page}"], "allow_methods": ["POST"]}),
    "methods-star": Policy({"allow_origins": ["{page}"], "allow_methods": ["*"], "allow_headers": ["*"]}),
    "status-204-less": Policy(
        {"allow_origins": ["{page}"], "allow_methods": ["GET", "PUT"], "options_success_status": 200}
    ),
    "status-not-ok": Policy(
        {"allow_origins": ["{page}"], "allow_methods": ["GET", "PUT"], "options_success_status": 404}
    ),
    "off": Policy(None),
}

REQUESTS: dict[str, Ask] = {
    "get": Ask(),
    "get-credentials": Ask(credentials="include"),
    "get-omit": Ask(credentials="omit"),
    "head": Ask("HEAD"),
    "post-text": Ask("POST", (("Content-Type", "text/plain"),), body="x"),
    "post-text-charset": Ask("POST", (("Content-Type", "text/plain; charset=utf-8"),), body="x"),
    "post-json": Ask("POST", (("Content-Type", "application/json"),), body="{}"),
    "post-json-credentials": Ask("POST", (("Content-Type", "application/json"),), "include", body="{}"),
    "put": Ask("PUT", body="x"),
    "put-credentials": Ask("PUT", credentials="include", body="x"),
    "put-lower-case": Ask("put", body="x"),
    "patch": Ask("PATCH", body="x"),
    "patch-lower-case": Ask("patch", body="x"),
    "delete": Ask("DELETE"),
    "own-method": Ask("PROPFIND"),
    "header-a": Ask(headers=(("X-A", "1"),)),
    "headers-a-b": Ask(headers=(("X-B", "1"), ("X-A", "1"))),
    "header-a-credentials": Ask(headers=(("x-a", "1"),), credentials="include"),
    "authorization": Ask(headers=(("Authorization", "Bearer t"),)),
    "authorization-credentials": Ask(headers=(("Authorization", "Bearer t"),), credentials="include"),
    "language-unsafe": Ask(headers=(("Accept-Language", "en_GB"),)),
    "xhr-upload": Ask("POST", (("Content-Type", "text/plain"),), body="x", api="xhr", upload_listener=True),
}

# The other origins see fewer requests: what differs there is the origin, not the method.
_ELSEWHERE = ("get", "get-credentials", "put", "put-credentials", "header-a", "post-json")
_ELSEWHERE_POLICIES = ("empty-v3", "exact", "exact-credentials", "any-credentials", "pattern", "null-listed")
_OTHER_ORIGINS: tuple[Where, ...] = ("name", "subdomain", "port", "tls", "sandboxed")

ERRORS = {"not-found": 404, "failed": 500, "unavailable": 503}


def product_cases() -> Iterator[Case]:
    """All policies and requests from the first origin, a choice of both from the others, and errors."""
    for policy_name, policy in POLICIES.items():
        for request_name, ask in REQUESTS.items():
            yield Case(f"{policy_name}/{request_name}", policy, (ask,))
    for where in _OTHER_ORIGINS:
        for policy_name in _ELSEWHERE_POLICIES:
            for request_name in _ELSEWHERE:
                yield Case(
                    f"{where}:{policy_name}/{request_name}", POLICIES[policy_name], (REQUESTS[request_name],), where
                )
    for error_name, status in ERRORS.items():
        for policy_name in ("exact", "exact-credentials", "somebody-else"):
            for request_name in ("get", "get-credentials", "put"):
                yield Case(
                    f"{error_name}:{policy_name}/{request_name}",
                    POLICIES[policy_name],
                    (REQUESTS[request_name],),
                    replies={"": Reply(status, PLAIN.headers)},
                )
