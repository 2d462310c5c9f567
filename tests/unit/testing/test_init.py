"""The suite that `crossgate test --init` writes: it passes guards, is refused by each, and tells who else may pass."""

import copy
import json

import pytest
import yaml

from crossgate.cli.main import main
from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.testing.coverage import Coverage
from crossgate.testing.init.bodies import fitting, misfits
from crossgate.testing.init.observe import Observer
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree

SCHEMA = {
    "type": "object",
    "required": ["number", "name"],
    "properties": {
        "number": {"type": "integer", "minimum": 1, "maximum": 99},
        "name": {"type": "string", "pattern": "^[a-z]{2,}$"},
        "kind": {"enum": ["tea", "milk"]},
    },
    "additionalProperties": False,
}
GUARDED = {
    "version": 3,
    "host": ["http://shop:8000"],
    "extra_config": {
        "security/http": {
            "allowed_hosts": ["api.shop.example"],
            "ssl_redirect": True,
            "ssl_proxy_headers": {"X-Forwarded-Proto": "https"},
            "frame_deny": True,
        },
        "security/bot-detector": {"deny": ["evil/1.0"], "patterns": ["(?i)crawl"], "empty_user_agent_is_bot": True},
        "plugin/http-server": {"name": ["ip-filter"], "ip-filter": {"CIDR": ["10.0.0.0/8"], "allow": True}},
        "auth/api-keys": {"keys": [{"key": "k-1", "roles": ["shop"]}]},
    },
    "endpoints": [
        {
            "endpoint": "/keyed",
            "extra_config": {"auth/api-keys": {"strategy": "query_string", "roles": ["shop"], "client_max_rate": 3}},
            "backend": [{"url_pattern": "/k", "allow": ["id"]}],
        },
        {
            "endpoint": "/basic",
            "extra_config": {
                "auth/basic": {"users": {"ann": "$2b$04$k344.lqPYQ2waUXvL6y.JutphX9eLB2mGC.Od4NoE4esyWKboQlzO"}}
            },
            "backend": [{"url_pattern": "/b"}],
        },
        {
            "endpoint": "/orders",
            "method": "POST",
            "extra_config": {"validation/json-schema": SCHEMA},
            "backend": [{"url_pattern": "/o"}],
        },
        {
            "endpoint": "/items/{id}",
            "input_headers": ["X-Role"],
            "extra_config": {
                "validation/cel": [
                    {"check_expr": "int(req_params.Id) >= 40"},
                    {"check_expr": "'X-Role' in req_headers && req_headers['X-Role'][0] == 'clerk'"},
                ]
            },
            "backend": [{"url_pattern": "/i/{id}"}],
        },
        {"endpoint": "/merged", "backend": [{"url_pattern": "/one"}, {"url_pattern": "/two"}]},
        {
            "endpoint": "/raw",
            "output_encoding": "no-op",
            "input_headers": ["*"],
            "backend": [{"url_pattern": "/raw", "encoding": "no-op"}],
        },
    ],
}


def player_of(tree):
    loaded = load_text(json.dumps(tree).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    return Player(loaded.config, COMPONENTS, {}, 1_790_000_000.0, document=loaded.document)


def written_for(tree):
    with player_of(tree) as player:
        observer = Observer(player)
        written = {**observer.head, "tests": list(observer.tests())}
    read = suite_of_tree(written, "written").suite
    assert read is not None
    return read


@pytest.fixture(scope="module")
def suite():
    return written_for(GUARDED)


def failed(suite, tree):
    """The names of the tests that do not pass, and what is not as expected."""
    with player_of(tree) as player:
        player.gateway_url = suite.gateway_url
        return {
            result.case.name: [found.what for found in result.differences]
            for result in player.play(suite)
            if not result.passed
        }


def test_every_guard_is_passed_by_a_request_and_refuses_another(suite):
    with player_of(GUARDED) as player:
        player.gateway_url = suite.gateway_url
        coverage = Coverage(player.plan, player.gated)
        player.told = coverage.note
        results = list(player.play(suite))
    assert [result.case.name for result in results if not result.passed] == []
    assert coverage.untested() == []
    answered = {result.case.name: result.answered.status for result in results if result.answered is not None}
    for endpoint in ("GET /keyed", "GET /basic", "POST /orders", "GET /items/{id}", "GET /merged"):
        assert answered[f"{endpoint} answers"] == 200
    assert answered["GET /merged waits for backends that take 1699 ms"] == 200
    assert answered["POST /orders with a body whose number is 100 (maximum 99)"] == 400
    assert answered["POST /orders with a body whose number is 99 (maximum 99)"] == 200
    assert answered["GET /items/{id} where Id is 39"] == 500
    assert answered["GET /keyed asked from 127.0.0.1"] == 403


@pytest.mark.parametrize(
    "endpoint",
    [
        {"extra_config": {"qos/ratelimit/router": {"client_max_rate": 2, "strategy": "header", "key": "X-Who"}}},
        {"extra_config": {"validation/cel": [{"check_expr": "has(resp_data.user.name)"}]}},
        {"extra_config": {"security/bot-detector": {"empty_user_agent_is_bot": True}}},
        {"backend": [{"url_pattern": "/b", "mapping": {"a": "@a", "@b": "c", "$d": "_e"}}]},
    ],
    ids=["a limit by header", "an expression about answers", "agents at the endpoint", "names like comments"],
)
def test_plain_request_passes(endpoint):
    tree = {
        "version": 3,
        "host": ["http://shop:8000"],
        "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/b"}], **endpoint}],
    }
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    (plain,) = (case for case in suite.cases if case.name == "GET /a answers")
    assert plain.expected.status == 200


def test_each_tier_has_a_test_of_its_limit():
    given = [
        {"tier_value": "gold", "ratelimit": {"max_rate": 1, "capacity": 3}},
        {
            "tier_value": "value.matches('^team-[0-9]{3}$')",
            "tier_value_as": "policy",
            "ratelimit": {"client_max_rate": 1, "client_capacity": 2, "strategy": "header", "key": "X-Who"},
        },
        {"tier_value": "int(value) > 40", "tier_value_as": "policy", "ratelimit": {"max_rate": 1, "capacity": 5}},
        {"tier_value_as": "*", "ratelimit": {"max_rate": 1, "capacity": 1}},
    ]
    tree = {
        "version": 3,
        "host": ["http://shop:8000"],
        "endpoints": [
            {
                "endpoint": "/a",
                "backend": [{"url_pattern": "/b"}],
                "extra_config": {"qos/ratelimit/tiered": {"tier_key": "X-Plan", "tiers": given}},
            }
        ],
    }
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    names = [case.name for case in suite.cases]
    for plan in ("gold", "team-111", "41", "1"):
        assert any(f"has a limit where X-Plan is {plan}" in name for name in names), names
    given[2]["ratelimit"]["capacity"] = 6
    assert set(failed(suite, tree)) == {"GET /a has a limit where X-Plan is 41", "what GET /a lets through"}


CHANGES = {
    "another network": lambda tree: tree["extra_config"]["plugin/http-server"]["ip-filter"].update(CIDR=["0.0.0.0/0"]),
    "a host more": lambda tree: tree["extra_config"]["security/http"]["allowed_hosts"].append("evil.example"),
    "a pattern less": lambda tree: tree["extra_config"]["security/bot-detector"].pop("patterns"),
    "a higher limit": lambda tree: tree["endpoints"][0]["extra_config"]["auth/api-keys"].update(client_max_rate=4),
    "a user more": lambda tree: tree["endpoints"][1]["extra_config"]["auth/basic"]["users"].update(
        eve="$2b$04$k344.lqPYQ2waUXvL6y.JutphX9eLB2mGC.Od4NoE4esyWKboQlzO"
    ),
    "a wider schema": lambda tree: tree["endpoints"][2]["extra_config"]["validation/json-schema"].pop("required"),
    "an expression less": lambda tree: tree["endpoints"][3]["extra_config"]["validation/cel"].pop(),
    "a field let through": lambda tree: tree["endpoints"][0]["backend"][0]["allow"].append("iban"),
    "an endpoint more": lambda tree: tree["endpoints"].append(
        {"endpoint": "/admin", "backend": [{"url_pattern": "/admin"}]}
    ),
    "fields kept from a backend": lambda tree: tree["endpoints"][4]["backend"][0].update(input_headers=["X-B"]),
    "backends in another order": lambda tree: tree["endpoints"][4]["backend"].reverse(),
    "pages let in": lambda tree: tree["extra_config"].update(
        {"security/cors": {"allow_origins": ["https://evil.example"]}}
    ),
    "pages let in at one endpoint": lambda tree: tree["endpoints"][4].update(
        extra_config={"crossgate/cors": {"allow_origins": ["https://evil.example"]}}
    ),
    "a cache": lambda tree: tree["endpoints"][4]["backend"][0].update(extra_config={"qos/http-cache": {}}),
    "the router lenient": lambda tree: tree["extra_config"].update(router={"remove_extra_slash": True}),
    "less time": lambda tree: tree["endpoints"][4].update(timeout="1900ms"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_is_noticed(suite, change):
    changed = copy.deepcopy(GUARDED)
    change(changed)
    assert failed(suite, changed)


def test_settings_are_compared_where_they_differ_and_secrets_are_not_written(suite):
    changed = copy.deepcopy(GUARDED)
    changed["endpoints"][0]["extra_config"]["auth/api-keys"]["client_max_rate"] = 4
    assert failed(suite, changed)["what GET /keyed lets through"] == ["settings auth/api-keys.client_max_rate"]
    locks = {case.path: case.lets_through for case in suite.cases if hasattr(case, "lets_through")}
    assert locks["*"]["settings"]["auth/api-keys"]["keys"] == [{"key": "(secret)", "roles": ["shop"]}]
    assert locks["/basic"]["settings"]["auth/basic"] == {"users": {"ann": "(secret)"}}


SAME = {
    "defaults of the router": lambda tree: tree["extra_config"].update(
        router={"auto_options": False, "forwarded_by_client_ip": True, "health_path": "/__health"}
    ),
    "a backend's queries where the endpoint has none": lambda tree: tree["endpoints"][4]["backend"][0].update(
        input_query_strings=["page"]
    ),
    "filters of a no-op backend": lambda tree: tree["endpoints"][5]["backend"][0].update(
        allow=["a"], mapping={"a": "b"}
    ),
    "a name beside the one for all": lambda tree: tree["endpoints"][5]["input_headers"].append("X-A"),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_change_that_changes_nothing_is_none(suite, change):
    changed = copy.deepcopy(GUARDED)
    change(changed)
    assert failed(suite, changed) == {}


def test_order_of_roles_and_comments_are_no_settings(suite):
    changed = copy.deepcopy(GUARDED)
    changed["extra_config"]["security/bot-detector"]["@comment"] = "nobody likes them"
    changed["endpoints"][2]["extra_config"]["validation/json-schema"]["required"].reverse()
    assert failed(suite, changed) == {}


def test_written_suite_holds_no_token_and_nothing_of_this_release(tmp_path, monkeypatch, capsys):
    tree = copy.deepcopy(GUARDED)
    validator = {"alg": "ES256", "jwk_url": "https://id.example/keys"}
    tree["endpoints"].append(
        {
            "endpoint": "/any/{id}",
            "input_headers": ["*"],
            "extra_config": {"auth/validator": validator},
            "backend": [{"url_pattern": "/a"}],
        }
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gateway.json").write_text(json.dumps(tree))
    assert main(["test", "--init", "-c", "gateway.json"]) == 0
    text = (tmp_path / "gateway.test.yaml").read_text()
    assert "eyJ" not in text
    assert "crossgate/0" not in text
    assert yaml.safe_load(text)["proxy_headers"]["X-Forwarded-Proto"] == "https"
    assert main(["test"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"type": "object", "required": ["a"]}, {"a": "x"}),
        ({"type": "array", "items": {"type": "integer", "minimum": 5}, "minItems": 2}, [5, 5]),
        ({"type": "string", "minLength": 5}, "abccc"),
        ({"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"}, None),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, True),
        ({"type": ["number", "null"], "exclusiveMaximum": 3}, 2),
        ({"properties": {"deep": {"properties": {"x": {"const": 1}}}}}, {"deep": {"x": 1}}),
        (True, {}),
        ({"type": "string", "format": "uuid"}, "123e4567-e89b-12d3-a456-426614174000"),
    ],
)
def test_body_is_made_of_a_schema(schema, body):
    if body is None:
        assert fitting(schema)
        return
    assert fitting(schema) == body


def test_misfits_differ_from_what_fits_in_one_thing():
    whole = fitting(SCHEMA)
    made = dict(misfits(SCHEMA, whole))
    assert made["a body without name"] == {key: value for key, value in whole.items() if key != "name"}
    assert made["a body whose kind is not listed"]["kind"] == "x-unlisted"
    assert made["a body with more"] == {**whole, "x-unlisted": 1}


def test_templates_are_tested_with_their_settings(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, host in (("dev", "http://dev:81"), ("prod", "http://prod:81")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "service.json").write_text(json.dumps({"host": host}))
    (tmp_path / "gateway.tmpl").write_text(
        '{"version": 3, "endpoints": [{"endpoint": "/a", "backend": '
        '[{"host": ["{{ .service.host }}"], "url_pattern": "/b"}]}]}'
    )
    assert main(["test", "--init", "-c", "gateway.tmpl", "--settings", "dev"]) == 0
    assert main(["test", "gateway.test.yaml", "--settings", "dev"]) == 0
    capsys.readouterr()
    assert main(["test", "gateway.test.yaml", "--settings", "prod"]) == 1
    assert "dev:81" in capsys.readouterr().out


SHOWN = {
    "version": 3,
    "host": ["http://shop:8000"],
    "extra_config": {
        "security/cors": {
            "allow_origins": ["https://shop.example"],
            "allow_methods": ["GET", "PUT"],
            "allow_headers": ["Authorization", "X-One"],
        },
        "auth/api-keys": {"keys": [{"key": "k-1", "roles": ["shop"]}], "strategy": "header", "identifier": "X-Key"},
        "security/bot-detector": {"allow": ["good-bot"], "patterns": ["bot"]},
    },
    "endpoints": [
        {
            "endpoint": "/me",
            "input_headers": ["X-User"],
            "extra_config": {
                "auth/validator": {
                    "alg": "ES256",
                    "jwk_url": "https://id.example/keys",
                    "issuer": "https://id.example",
                    "audience": ["shop"],
                    "roles": ["user", "admin"],
                    "roles_key": "realm.roles",
                    "roles_key_is_nested": True,
                    "scopes": ["read", "write"],
                    "scopes_key": "scope",
                    "scopes_matcher": "all",
                    "propagate_claims": [["sub", "X-User"]],
                }
            },
            "backend": [{"url_pattern": "/me"}],
        },
        {
            "endpoint": "/keyed",
            "extra_config": {"auth/api-keys": {"roles": ["shop"]}},
            "backend": [
                {
                    "url_pattern": "/k",
                    "extra_config": {"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 1}},
                }
            ],
        },
        {
            "endpoint": "/graph/{id}",
            "backend": [
                {
                    "url_pattern": "/graphql",
                    "extra_config": {
                        "backend/graphql": {
                            "type": "query",
                            "query": "query($id: ID, $n: Int){ user(id:$id, n:$n){name} }",
                            "variables": {"id": "{id}", "n": 3},
                        }
                    },
                }
            ],
        },
        {
            "endpoint": "/added",
            "backend": [
                {
                    "url_pattern": "/added",
                    "extra_config": {
                        "modifier/martian": {
                            "header.Modifier": {"scope": ["request"], "name": "X-Added", "value": "yes"}
                        },
                        "validation/cel": [{"check_expr": "has(resp_data.name)"}],
                    },
                }
            ],
        },
        {
            "endpoint": "/limited",
            "extra_config": {"qos/ratelimit/router": {"max_rate": 4, "client_max_rate": 2, "strategy": "ip"}},
            "backend": [{"url_pattern": "/l"}],
        },
        {"endpoint": "/plain", "backend": [{"url_pattern": "/p", "extra_config": {}}]},
    ],
}
VALIDATOR = ("endpoints", 0, "extra_config", "auth/validator")
SHOWN_CHANGES = {
    "algorithm": (*VALIDATOR, "alg", "RS256"),
    "issuer": (*VALIDATOR, "issuer", "https://other.example"),
    "audience changed": (*VALIDATOR, "audience", ["web"]),
    "role gone": (*VALIDATOR, "roles", ["user"]),
    "where roles are": (*VALIDATOR, "roles_key_is_nested", False),
    "no roles asked for": (*VALIDATOR, "roles", []),
    "no scopes asked for": (*VALIDATOR, "scopes", []),
    "proxies trusted": ("extra_config", "router", {"trusted_proxies": ["10.0.0.0/8"]}),
    "clients' addresses": ("extra_config", "router", {"forwarded_by_client_ip": False}),
    "how many scopes": (*VALIDATOR, "scopes_matcher", "any"),
    "claim that backends are told": (*VALIDATOR, "propagate_claims", [["jti", "X-User"]]),
    "where keys are": ("extra_config", "auth/api-keys", "identifier", "X-Other"),
    "agent by name": ("extra_config", "security/bot-detector", "allow", []),
    "header of preflights": ("extra_config", "security/cors", "allow_headers", ["Authorization"]),
    "method of preflights": ("extra_config", "security/cors", "allow_methods", ["GET"]),
    "how long a circuit is open": (
        *("endpoints", 1, "backend", 0, "extra_config", "qos/circuit-breaker"),
        *("timeout", 20),
    ),
    "variable of a query": (
        *("endpoints", 2, "backend", 0, "extra_config", "backend/graphql", "variables"),
        *("n", 4),
    ),
    "header added for a backend": (
        *("endpoints", 3, "backend", 0, "extra_config", "modifier/martian", "header.Modifier"),
        *("value", "no"),
    ),
    "check of a response": ("endpoints", 3, "backend", 0, "extra_config", "validation/cel", []),
    "how answers are read": ("endpoints", 4, "backend", 0, "encoding", "safejson"),
    "how responses are written": ("endpoints", 3, "output_encoding", "negotiate"),
    "limit of all clients together": ("endpoints", 4, "extra_config", "qos/ratelimit/router", "max_rate", 9),
    "cookies let through": ("endpoints", 2, "input_headers", ["Cookie"]),
    "a usual query let through": ("endpoints", 2, "input_query_strings", ["page"]),
    "a usual method of preflights": ("extra_config", "security/cors", "allow_methods", ["GET", "PUT", "DELETE"]),
    "a usual header of preflights": ("extra_config", "security/cors", "allow_headers", ["*"]),
    "a breaker where there is none": (
        *("endpoints", 5, "backend", 0, "extra_config", "qos/circuit-breaker"),
        *({"interval": 60, "timeout": 10, "max_errors": 2},),
    ),
    "a cache where there is none": ("endpoints", 5, "backend", 0, "extra_config", "qos/http-cache", {}),
    "a limit where there is none": ("endpoints", 5, "extra_config", {"qos/ratelimit/router": {"max_rate": 3}}),
    "a field about security": ("extra_config", "security/http", {"content_type_nosniff": True}),
    "https asked for": ("extra_config", "security/http", {"ssl_redirect": True}),
    "a little more time": ("endpoints", 3, "timeout", "2005ms"),
}


@pytest.fixture(scope="module")
def shown_suite():
    return written_for(SHOWN)


def test_suite_of_what_requests_show_passes(shown_suite):
    assert failed(shown_suite, SHOWN) == {}


@pytest.mark.parametrize("change", SHOWN_CHANGES.values(), ids=SHOWN_CHANGES)
def test_what_a_request_can_show_a_request_shows(change, shown_suite):
    tree = copy.deepcopy(SHOWN)
    *steps, last, value = change
    place = tree
    for step in steps:
        place = place[step]
    place[last] = value
    names = [name for name in failed(shown_suite, tree) if "lets through" not in name]
    assert names != []


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree["endpoints"][3]["extra_config"]["validation/cel"][0].update(
            check_expr="int(req_params.Id) > 40"
        ),
        lambda tree: tree["endpoints"][3]["extra_config"]["validation/cel"][1].update(
            check_expr="'X-Role' in req_headers || true"
        ),
        lambda tree: tree["extra_config"]["plugin/http-server"]["ip-filter"].update(CIDR=["10.0.0.0/7"]),
        lambda tree: tree["extra_config"]["security/http"].update(ssl_redirect=False),
    ],
    ids=["a bound of an expression", "a weaker expression", "a network twice as wide", "no redirect to https"],
)
def test_each_bound_of_a_guard_is_shown_by_a_request(suite, change):
    changed = copy.deepcopy(GUARDED)
    change(changed)
    assert [name for name in failed(suite, changed) if "lets through" not in name] != []


def test_what_stands_behind_a_guard_that_lets_nobody_in_is_listed():
    endpoint = {"endpoint": "/a", "backend": [{"url_pattern": "/b"}], "extra_config": {}}
    endpoint["extra_config"]["validation/cel"] = [{"check_expr": "req_method == 'NONE'"}]
    tree = {"version": 3, "host": ["http://shop:8000"], "endpoints": [endpoint]}
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    assert not any("backend" in case.name for case in suite.cases)
    endpoint["backend"][0]["url_pattern"] = "/other"
    assert failed(suite, tree) == {"what GET /a lets through": ["untested backends"]}
    endpoint["backend"][0].update(url_pattern="b", host=["shop:8000/"], method="GET")
    assert failed(suite, tree) == {}
    endpoint["cache_ttl"] = "1s"
    assert failed(suite, tree) == {"what GET /a lets through": ["untested cache_ttl_seconds"]}


def test_limit_of_one_of_two_backends_is_shown_by_a_request():
    limit = {"max_rate": 1, "capacity": 1}
    backends = [{"url_pattern": "/one", "extra_config": {"qos/ratelimit/proxy": limit}}, {"url_pattern": "/two"}]
    tree = {"version": 3, "host": ["http://shop:8000"], "endpoints": [{"endpoint": "/a", "backend": backends}]}
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    limit["capacity"] = 2
    assert set(failed(suite, tree)) == {"GET /a has a limit", "what GET /a lets through"}


@pytest.mark.parametrize("change", [("header.Blacklist", "names"), ("header.RegexFilter", "regex")])
def test_fields_that_martian_speaks_of_are_shown_by_a_request(change):
    blacklist = {"header.Blacklist": {"scope": ["response"], "names": ["X-Powered-By"]}}
    status = {"status.Modifier": {"scope": ["response"], "statusCode": 202}}
    only = {"scope": ["response"], "header": "X-Trial", "regex": "^yes$", "modifier": status}
    group = {"scope": ["response"], "modifiers": [blacklist, {"header.RegexFilter": only}]}
    backend = {"url_pattern": "/b", "extra_config": {"modifier/martian": {"fifo.Group": group}}}
    endpoint = {"endpoint": "/a", "output_encoding": "no-op", "input_headers": ["X-Trial"], "backend": [backend]}
    tree = {"version": 3, "host": ["http://shop:8000"], "endpoints": [endpoint]}
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    kind, key = change
    for modifier in group["modifiers"]:
        if kind in modifier:
            modifier[kind][key] = ["X-Other"] if key == "names" else "^no$"
    assert "GET /a answers" in failed(suite, tree)


def test_member_of_lists_that_is_deleted_is_shown_by_a_request():
    step = {"type": "del", "args": ["items.*.secret"]}
    backend = {"url_pattern": "/b", "extra_config": {"proxy": {"flatmap_filter": [step]}}}
    tree = {"version": 3, "host": ["http://shop:8000"], "endpoints": [{"endpoint": "/a", "backend": [backend]}]}
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    step["args"] = ["items.*.other"]
    assert "GET /a answers" in failed(suite, tree)


def test_policy_of_the_service_is_asked_whole_once():
    tree = copy.deepcopy(SHOWN)
    names = [case.name for case in written_for(tree).cases]
    assert [name for name in names if name.endswith("its preflight for PUT")] == ["GET /me: its preflight for PUT"]
    for endpoint in ("/me", "/keyed", "/limited"):
        assert f"GET {endpoint}: a page of https://shop.example calls it" in names
        assert f"GET {endpoint}: a page of https://not-listed.example calls it" in names


def test_suite_of_backends_with_several_hosts_passes_whatever_else_is_asked_and_shows_each_host():
    endpoint = {"endpoint": "/h", "backend": [{"host": ["http://one:11", "http://two:22"], "url_pattern": "/h"}]}
    tree = {"version": 3, "endpoints": [endpoint, {"endpoint": "/other", "backend": endpoint["backend"]}]}
    suite = written_for(tree)
    asked = {call["host"] for case in suite.cases if hasattr(case, "asked") for call in case.expected.received or ()}
    assert asked == {"one:11", "two:22"}
    with player_of(tree) as player:
        for some in (suite.cases, suite.cases[::-1], suite.cases[1::2]):
            names = {case.name for case in some}
            assert [result for result in player.play(suite, lambda case: case.name in names) if not result.passed] == []  # noqa: B023


@pytest.mark.parametrize("algorithm", ["HS256", "ES256", "RS256"])
def test_signers_have_a_key_of_the_test_and_their_suite_passes(algorithm):
    signer = {"alg": algorithm, "kid": "a", "keys_to_sign": ["data"], "jwk_url": "https://id.example/keys"}
    endpoint = {
        "endpoint": "/token",
        "extra_config": {"auth/signer": signer},
        "backend": [{"url_pattern": "/t"}],
    }
    tree = {"version": 3, "host": ["http://shop:8000"], "endpoints": [endpoint]}
    suite = written_for(tree)
    assert failed(suite, tree) == {}
    plain = suite.cases[0]
    assert (plain.expected.status, len(plain.expected.received)) == (200, 1)
    with player_of(tree) as player:
        (result,) = player.play(suite, lambda case: case is plain)
    assert json.loads(result.answered.body)["data"].startswith("eyJ")
