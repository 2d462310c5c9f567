"""The line that is named is that of the one that refused, wherever else the same component stands."""

import json
import os
import time

import pytest

from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.explain.asked import AskedRequest, Logged
from crossgate.explain.explainer import Explainer
from crossgate.testing.tokens import key_set_of
from tests.support.explained import HTPASSWD, basic, token

BOTS, LUA, PROXY, BACKEND = (
    "security/bot-detector",
    "modifier/lua-endpoint",
    "modifier/lua-proxy",
    "modifier/lua-backend",
)
KEYS, VALIDATOR, AUTH = "auth/api-keys", "auth/validator", "crossgate/auth"
MODIFIER, CEL, MARTIAN = "plugin/req-resp-modifier", "validation/cel", "modifier/martian"
NETWORK = {"name": ["ip-filter"], "ip-filter": {"allow": True, "CIDR": ["10.0.0.0/8"]}}
LOCAL = {"jwk_local_path": "keys.json", "disable_jwk_security": True, "alg": "RS256"}
REFUSES, PASSES = {"pre": "custom_error('no', 403)"}, {"pre": "local a = 1"}
FAILING_MARTIAN = {"header.Modifier": {"scope": ["request"], "name": "Content-Length", "value": "many"}}
ROUTER, SERVICE = "qos/ratelimit/router", "qos/ratelimit/service"
LIMIT = {"client_max_rate": 5, "strategy": "header"}


def place(*steps):
    """A JSON path."""
    found = "$"
    for step in steps:
        found += f"[{step}]" if isinstance(step, int) else f'["{step}"]' if set(step) & set("/-") else f".{step}"
    return found


AT_SERVICE, AT_ENDPOINT = ("extra_config",), ("endpoints", 0, "extra_config")


def at_backend(number):
    return ("endpoints", 0, "backend", number, "extra_config")


@pytest.fixture
def explain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keys.json").write_bytes(key_set_of("RS256"))
    (tmp_path / "users.htpasswd").write_text(HTPASSWD)

    def explain(service, endpoint, backends=({}, {}), asked=None, *, logged="", pattern="/b{}", **more):
        """`backends` are the extra_config of each."""
        tree = {
            "version": 3,
            "host": ["http://b:8000"],
            "extra_config": service,
            "endpoints": [
                {
                    "endpoint": "/x",
                    "extra_config": endpoint,
                    "backend": [
                        {"url_pattern": pattern.format(number), "extra_config": extra}
                        for number, extra in enumerate(backends)
                    ],
                    **more,
                }
            ],
        }
        (tmp_path / "k.json").write_text(json.dumps(tree))
        components = all_components()
        loaded = load_file("k.json", environ=os.environ, serving=False, components=components)
        assert loaded.config is not None, [found.message for found in loaded.diagnostics]
        fields = tuple(asked or ())
        log = Logged(401, "/x", logged, has_reason=True) if logged else None
        request = AskedRequest("GET", "http", "localhost", "/x", fields, logged=log)
        with Explainer(loaded, loaded.config, loaded.document, components, os.environ, time.time()) as explainer:
            found = explainer.explain(request)
        return found.reason, found.path

    return explain


def agent(name):
    return [("User-Agent", name)]


@pytest.mark.parametrize(("name", "where"), [("of-all", AT_SERVICE), ("of-one", AT_ENDPOINT)])
def test_bots_are_refused_by_the_service_or_the_endpoint(explain, name, where):
    found = explain({BOTS: {"deny": ["a", "of-all"]}}, {BOTS: {"deny": ["of-one"]}}, asked=agent(name))
    assert found == ("bot.detected", place(*where, BOTS, "deny", 1 if name == "of-all" else 0))


def test_a_missing_agent_is_refused_by_the_one_that_says_so(explain):
    found = explain({BOTS: {"empty_user_agent_is_bot": True}}, {BOTS: {"deny": ["x"]}})
    assert found == ("bot.detected", place(*AT_SERVICE, BOTS, "empty_user_agent_is_bot"))


@pytest.mark.parametrize("refusing", range(5))
def test_scripts_refuse_at_the_service_before_or_around_the_endpoint_or_at_a_backend(explain, refusing):
    service, before, around, first, second = (REFUSES if number == refusing else PASSES for number in range(5))
    found = explain({LUA: service}, {LUA: before, PROXY: around}, ({BACKEND: first}, {BACKEND: second}))
    places = [
        (*AT_SERVICE, LUA),
        (*AT_ENDPOINT, LUA),
        (*AT_ENDPOINT, PROXY),
        (*at_backend(0), BACKEND),
        (*at_backend(1), BACKEND),
    ]
    if refusing < 3:
        assert found == ("lua.refused", place(*places[refusing]))
    else:  # one of two backends failed: the endpoint answers with what it has
        assert found[0] in ("", "lua.refused")
    if refusing == 3:
        assert explain({LUA: PASSES}, {LUA: PASSES}, ({BACKEND: REFUSES},)) == ("lua.refused", place(*places[3]))


@pytest.mark.parametrize("where", [AT_ENDPOINT, at_backend(0)])
def test_plugins_refuse_at_the_endpoint_or_the_backend(explain, where):
    allowing = {"name": ["ip-filter"], "ip-filter": {"allow": True, "CIDR": ["127.0.0.0/8"]}}
    endpoint, backend = (NETWORK, allowing) if where == AT_ENDPOINT else (allowing, NETWORK)
    found = explain({}, {MODIFIER: endpoint}, ({MODIFIER: backend},))
    assert found == ("plugin.refused", place(*where, MODIFIER))


def test_plugins_before_the_router_refuse_at_the_service(explain):
    front = {"plugin/http-server": {"name": ["ip-filter"], "ip-filter": {"allow": True, "CIDR": ["10.0.0.0/8"]}}}
    found = explain(front, {MODIFIER: {**NETWORK, "ip-filter": {"allow": True, "CIDR": ["127.0.0.0/8"]}}})
    assert found == ("plugin.refused", place(*AT_SERVICE, "plugin/http-server"))


@pytest.mark.parametrize("where", [AT_ENDPOINT, at_backend(0)])
def test_expressions_refuse_at_the_endpoint_or_the_backend(explain, where):
    good, bad = {"check_expr": "req_method == 'GET'"}, {"check_expr": "req_method == 'PUT'"}
    later = {"check_expr": "resp_completed"}
    lists = {True: [later, good, bad], False: [good]}
    found = explain(
        {}, {CEL: lists[where == AT_ENDPOINT]}, ({CEL: lists[where != AT_ENDPOINT]},), return_error_msg=True
    )
    assert found == ("cel.request", place(*where, CEL, 2))


def test_modifiers_fail_at_their_backend(explain):
    found = explain({}, {}, ({MARTIAN: FAILING_MARTIAN},))
    assert found == ("martian.failed", place(*at_backend(0), MARTIAN))


@pytest.mark.parametrize("where", [AT_SERVICE, AT_ENDPOINT])
def test_a_client_without_a_name_is_refused_by_the_limit_that_asks_for_it(explain, where):
    by_name, by_address = {**LIMIT, "key": "X-Name"}, {"client_max_rate": 5, "strategy": "ip"}
    service, endpoint = (by_name, by_address) if where == AT_SERVICE else (by_address, by_name)
    found = explain({SERVICE: service}, {ROUTER: endpoint})
    name = SERVICE if where == AT_SERVICE else ROUTER
    assert found == ("limit.unnamed", place(*where, name, "strategy"))


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("limit.client", (*AT_ENDPOINT, ROUTER, "client_max_rate")),
        ("limit.total", (*AT_ENDPOINT, ROUTER, "max_rate")),
        ("limit.service-client", (*AT_SERVICE, SERVICE, "client_max_rate")),
        ("limit.service", (*AT_SERVICE, SERVICE, "max_rate")),
        ("limit.backend", (*at_backend(1), "qos/ratelimit/proxy", "max_rate")),
        ("breaker.open", (*at_backend(1), "qos/circuit-breaker", "max_errors")),
    ],
)
def test_limits_of_a_log_are_found_at_their_own_level(explain, code, where):
    both = {"max_rate": 9, "client_max_rate": 5, "strategy": "ip"}
    backend = {"qos/ratelimit/proxy": {"max_rate": 3}, "qos/circuit-breaker": {"max_errors": 1}}
    assert explain({SERVICE: both}, {ROUTER: both}, ({}, backend), logged=code) == (code, place(*where))


def test_a_key_is_unknown_to_the_service_and_has_no_role_for_the_endpoint(explain):
    service = {KEYS: {"keys": [{"key": "k", "roles": ["user"]}]}}
    endpoint = {KEYS: {"roles": ["admin"]}}
    assert explain(service, endpoint) == ("key.missing", place(*AT_ENDPOINT, KEYS))
    asked = [("Authorization", "Bearer other")]
    assert explain(service, endpoint, asked=asked) == ("key.unknown", place(*AT_SERVICE, KEYS, "keys"))
    asked = [("Authorization", "Bearer k")]
    assert explain(service, endpoint, asked=asked) == ("key.role", place(*AT_ENDPOINT, KEYS, "roles"))


def test_passwords_are_asked_for_by_krakend_s_plugin_or_by_the_endpoint(explain):
    users = {"auth/basic": {"htpasswd_path": "users.htpasswd"}}
    plugin = {"plugin/http-server": {"name": ["basic-auth"], "basic-auth": {"htpasswd_path": "users.htpasswd"}}}
    of_plugin = place(*AT_SERVICE, "plugin/http-server", "basic-auth")
    asked = [tuple(basic("ada:no")[1].split(": "))]
    assert explain(users, users) == ("basic.missing", place(*AT_ENDPOINT, "auth/basic"))
    assert explain(plugin, {}) == ("basic.missing", of_plugin)
    assert explain(plugin, users, asked=asked) == ("basic.wrong", of_plugin)


# -- tokens

STRICT = {**LOCAL, "issuer": "https://id.example", "audience": ["shop"], "roles": ["admin"], "roles_key": "roles"}
WIDE = {**LOCAL, "roles": ["user"]}


def bearer(**claims):
    return [("Authorization", f"Bearer {token(**claims)}")]


@pytest.mark.parametrize(
    ("claims", "code", "key"),
    [
        ({"iss": "https://evil.example"}, "token.issuer", "issuer"),
        ({"aud": "other"}, "token.audience", "audience"),
        ({"roles": ["guest"]}, "token.role", "roles"),
        ({"exp": 1000}, "token.expired", ""),
    ],
)
def test_the_endpoint_s_validator_decides_where_it_has_one_and_else_the_service_s(explain, claims, code, key):
    own = explain({VALIDATOR: WIDE}, {VALIDATOR: STRICT}, asked=bearer(**claims))
    assert own == (code, place(*AT_ENDPOINT, VALIDATOR, *([key] if key else [])))
    of_service = explain({VALIDATOR: STRICT}, {}, asked=bearer(**claims))
    assert of_service == (code, place(*AT_SERVICE, VALIDATOR, *([key] if key else [])))
    nested = explain({AUTH: {"validator": STRICT}}, {}, asked=bearer(**claims))
    assert nested == (code, place(*AT_SERVICE, AUTH, "validator", *([key] if key else [])))


PROVIDERS = [
    {"name": "one", **LOCAL, "issuer": "https://one.example", "audience": ["a"]},
    {"name": "two", **LOCAL, "issuer": "https://two.example", "audience": ["shop"]},
]
AT_PROVIDERS = (*AT_SERVICE, AUTH, "providers")


@pytest.mark.parametrize("endpoint", ["names both", "names both and has roles", "names none"])
def test_the_provider_decides_about_its_own_tokens(explain, endpoint):
    named = {AUTH: {"providers": ["one", "two"]}}
    extra = {"names both": named, "names both and has roles": {**named, VALIDATOR: {"roles": ["admin"]}}}.get(
        endpoint, {}
    )
    if VALIDATOR in extra:
        extra[VALIDATOR] = {**extra[VALIDATOR], "alg": "RS256", "roles_key": "roles"}
    service = {AUTH: {"providers": PROVIDERS}}

    def asked(**claims):
        return explain(service, extra, asked=bearer(**claims))

    assert asked(iss="https://one.example") == ("token.audience", place(*AT_PROVIDERS, 0, "audience"))
    assert asked(iss="https://two.example", exp=1000) == ("token.expired", place(*AT_PROVIDERS, 1))
    of_choice = place(*AT_ENDPOINT, AUTH, "providers") if extra else place(*AT_PROVIDERS)
    assert asked(iss="https://three.example") == ("token.issuer-unknown", of_choice)
    forged = bearer(iss="https://two.example")[0][1][:-8] + "AAAAAAAA"
    found = explain(service, extra, asked=[("Authorization", forged)])
    assert found == ("token.signature", place(*AT_PROVIDERS, 1, "jwk_local_path"))
    if VALIDATOR in extra:
        found = asked(iss="https://two.example", roles=["guest"])
        assert found == ("token.role", place(*AT_ENDPOINT, VALIDATOR, "roles"))


def test_one_provider_decides_whatever_issuer_a_token_names(explain):
    service = {AUTH: {"providers": PROVIDERS}}
    found = explain(service, {AUTH: {"providers": ["two"]}}, asked=bearer(iss="https://one.example"))
    assert found == ("token.issuer", place(*AT_PROVIDERS, 1, "issuer"))


def test_a_log_without_the_token_leads_to_the_choice_of_providers(explain):
    service = {AUTH: {"providers": PROVIDERS}}
    found = explain(service, {AUTH: {"providers": ["one", "two"]}}, logged="token.audience")
    assert found == ("token.audience", place(*AT_ENDPOINT, AUTH, "providers"))


def test_a_claim_that_a_path_needs_leads_to_that_backend(explain):
    found = explain({}, {VALIDATOR: LOCAL}, asked=bearer(sub="me"), pattern="/{{JWT.sub}}")
    assert found[0] == ""
    found = explain({}, {VALIDATOR: LOCAL}, asked=bearer(sub="me"), pattern="/{{JWT.dept{}}}")
    assert found == ("token.claim-needed", "$.endpoints[0].backend[0].url_pattern")


def test_claims_that_an_expression_refuses_lead_to_the_expression(explain):
    checks = [{"check_expr": "req_method == 'GET'"}, {"check_expr": "JWT.sub == 'me'"}]
    found = explain({}, {VALIDATOR: LOCAL, CEL: checks}, asked=bearer(sub="you"))
    assert found == ("token.refused", place(*AT_ENDPOINT, CEL, 1))


# -- the server's limits


@pytest.mark.parametrize(
    ("fields", "key"),
    [([("X-Big", "a" * 3000)], "max_head_bytes"), ([("X-Many", "a")] * 60, "max_headers")],
    ids=["bytes", "fields"],
)
def test_a_head_is_too_large_by_its_bytes_or_by_its_fields(explain, fields, key):
    service = {"crossgate/server": {"max_head_bytes": 2500, "max_headers": 50}}
    assert explain(service, {}, asked=fields) == ("request.head-too-large", place(*AT_SERVICE, "crossgate/server", key))
    assert explain({}, {}, asked=[("X-Many", "a")] * 200) == ("request.head-too-large", "")
    logged = explain(service, {}, logged="request.head-too-large")
    assert logged == ("request.head-too-large", place(*AT_SERVICE, "crossgate/server"))
