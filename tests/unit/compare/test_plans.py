"""What `compare_plans` says of two files: what means the same, what opens, and what one request cannot show."""

import copy
import json
from pathlib import Path

import pytest

from crossgate.compare import Kind, compare_plans, grouped
from crossgate.compare.plans import Compiled
from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.plan import Identity, compile_plan

BASE = {
    "version": 3,
    "host": ["http://shop:8000"],
    "endpoints": [
        {"endpoint": "/users/{id}", "backend": [{"url_pattern": "/u/{id}"}]},
        {"endpoint": "/orders", "method": "POST", "backend": [{"url_pattern": "/o"}]},
    ],
}
RATE = {"max_rate": 5, "capacity": 5, "client_max_rate": 2, "strategy": "ip"}
GOLD = {"tier_value": "value in ['gold', 'platinum']", "tier_value_as": "policy"}
VALIDATOR = {"alg": "ES256", "jwk_url": "https://id.example/keys", "roles": ["a", "b"], "audience": ["x"]}


def compiled(tree) -> Compiled:
    loaded = load_text(json.dumps(tree).encode(), components=COMPONENTS)
    assert loaded.config is not None, [found.message for found in loaded.diagnostics]
    return Compiled(loaded.config, compile_plan(loaded.config, identity=Identity.own("1")))


def differences(old, new):
    return list(compare_plans(compiled(old), compiled(new), COMPONENTS))


def changed(**root):
    return {**copy.deepcopy(BASE), **root}


def with_first(tree=BASE, **keys):
    made = copy.deepcopy(tree)
    made["endpoints"][0].update(keys)
    return made


def guarded(name, value, *, backend=False):
    made = copy.deepcopy(BASE)
    owner = made["endpoints"][0]["backend"][0] if backend else made["endpoints"][0]
    owner["extra_config"] = {name: value}
    return made


def only(old, new):
    (found,) = differences(old, new)
    return found


def test_version_2_file_that_says_the_same_is_no_difference():
    old = {
        "version": 2,
        "host": ["http://shop:8000"],
        "endpoints": [
            {
                "endpoint": "/users/{id}",
                "headers_to_pass": ["X-A"],
                "querystring_params": ["page"],
                "backend": [{"url_pattern": "/u/{id}", "whitelist": ["id"]}],
            }
        ],
    }
    new = {
        "version": 3,
        "host": ["http://shop:8000"],
        "endpoints": [
            {
                "endpoint": "/users/{name}",
                "input_headers": ["x-a"],
                "input_query_strings": ["page"],
                "backend": [{"url_pattern": "/u/{name}", "allow": ["id"]}],
            }
        ],
    }
    assert differences(old, new) == []


def test_renamed_parameter_that_an_expression_reads_is_a_difference():
    old = guarded("validation/cel", [{"check_expr": "req_params.Id == 'a'"}])
    new = guarded("validation/cel", [{"check_expr": "req_params.Name == 'a'"}])
    renamed = copy.deepcopy(old)
    for tree in (new, renamed):
        tree["endpoints"][0]["endpoint"] = "/users/{name}"
        tree["endpoints"][0]["backend"][0]["url_pattern"] = "/u/{name}"
    assert differences(old, new) == []
    assert only(old, renamed).kind is Kind.GUARD_CHANGED


def test_renamed_parameter_is_a_difference_where_error_texts_name_it():
    old = with_first(endpoint="/users/{id}", backend=[{"url_pattern": "/u/{id}"}])
    new = with_first(endpoint="/users/{name}", backend=[{"url_pattern": "/u/{name}"}])
    assert differences(old, new) == []
    for tree in (old, new):
        tree["extra_config"] = {**tree.get("extra_config", {}), "router": {"return_error_msg": True}}
    found = only(old, new)
    assert found.kind is Kind.STATUS
    assert "/u/{{.Name}} instead of /u/{{.Id}}" in found.sentence
    for tree in (old, new):
        tree["endpoints"][0]["backend"][0]["extra_config"] = {"backend/http": {"return_error_code": True}}
    assert differences(old, new) == []


def test_static_data_with_other_values_of_the_same_names_are_told_as_that():
    old, new = (
        with_first(
            backend=[{"url_pattern": "/"}],
            extra_config={"proxy": {"static": {"strategy": "errored", "data": {"g": g}}}},
        )
        for g in (1, 2)
    )
    assert only(old, new).sentence == "static data: other values of g (errored)"


def test_expression_that_always_holds_makes_no_other_static_data():
    static = {"proxy": {"static": {"strategy": "always", "data": {"g": 1}}}}
    checked = {**static, "validation/cel": [{"check_expr": "req_method == 'GET'"}]}
    assert differences(with_first(extra_config=static), with_first(extra_config=checked)) == []
    other = {**checked, "proxy": {"static": {"strategy": "success", "data": {"g": 1}}}}
    assert (
        "(success) instead of g (always)"
        in only(with_first(extra_config=static), with_first(extra_config=other)).sentence
    )


def test_parameters_in_another_order_are_other_calls():
    old = with_first(endpoint="/a/{x}/{y}", backend=[{"url_pattern": "/{x}/{y}"}])
    new = with_first(endpoint="/a/{y}/{x}", backend=[{"url_pattern": "/{x}/{y}"}])
    assert only(old, new).kind is Kind.CALLS


def test_endpoint_split_off_that_does_the_same_is_no_route_elsewhere():
    split = changed(endpoints=[*BASE["endpoints"], {"endpoint": "/users/me", "backend": [{"url_pattern": "/u/me"}]}])
    assert {found.is_unrouted for found in differences(BASE, split)} == {True}


def test_path_that_leads_to_an_endpoint_without_the_guard_opens():
    old = guarded("auth/validator", VALIDATOR)
    new = copy.deepcopy(old)
    new["endpoints"].append({"endpoint": "/users/me", "backend": [{"url_pattern": "/u/me"}]})
    found = next(one for one in differences(old, new) if one.kind is Kind.ROUTE)
    assert found.opens
    assert found.example.target == "/users/me"
    assert "the validator of tokens is gone" in found.sentence


@pytest.mark.parametrize(
    ("name", "old", "new", "kind", "opens"),
    [
        ("qos/ratelimit/router", RATE, {**RATE, "max_rate": 9}, Kind.LIMIT, True),
        ("qos/ratelimit/router", RATE, {**RATE, "max_rate": 3}, Kind.LIMIT, False),
        ("qos/ratelimit/router", RATE, {**RATE, "strategy": "header", "key": "X"}, Kind.LIMIT, True),
        ("auth/validator", VALIDATOR, {**VALIDATOR, "roles": ["a", "b", "c"]}, Kind.GUARD_WEAKER, True),
        ("auth/validator", VALIDATOR, {**VALIDATOR, "roles": ["a"]}, Kind.GUARD_STRONGER, False),
        ("auth/validator", VALIDATOR, {**VALIDATOR, "audience": []}, Kind.GUARD_WEAKER, True),
        ("auth/validator", VALIDATOR, {**VALIDATOR, "audience": ["x", "y"]}, Kind.GUARD_STRONGER, False),
        ("auth/validator", VALIDATOR, {**VALIDATOR, "issuer": "https://id.example"}, Kind.GUARD_STRONGER, False),
        ("auth/validator", VALIDATOR, {**VALIDATOR, "alg": "RS256"}, Kind.GUARD_CHANGED, True),
        ("security/bot-detector", {"deny": ["a", "b"]}, {"deny": ["a"]}, Kind.GUARD_WEAKER, True),
        ("security/bot-detector", {"deny": ["a"]}, {"deny": ["a", "b"]}, Kind.GUARD_STRONGER, False),
        ("validation/json-schema", {"const": 1}, {"const": True}, Kind.GUARD_CHANGED, True),
    ],
)
def test_guard_is_weaker_or_stronger(name, old, new, kind, opens):
    found = only(guarded(name, old), guarded(name, new))
    assert (found.kind, found.opens) == (kind, opens)


def tiers(*given, key="X-Plan"):
    return guarded(
        "qos/ratelimit/tiered", {"tier_key": key, "tiers": [*given, {"tier_value_as": "*", "ratelimit": RATE}]}
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence", "opens"),
    [
        (
            tiers({**GOLD, "ratelimit": {"max_rate": 8}}),
            tiers({**GOLD, "ratelimit": {"max_rate": 9}}),
            "in the tier where value in ['gold', 'platinum'] the limit of requests is raised",
            True,
        ),
        (
            tiers({**GOLD, "ratelimit": {"max_rate": 8}}),
            tiers({**GOLD, "ratelimit": {"max_rate": 7}}),
            "in the tier where value in ['gold', 'platinum'] the limit of requests is lowered",
            False,
        ),
        (
            tiers({**GOLD, "ratelimit": {"max_rate": 8}}),
            tiers({"tier_value": GOLD["tier_value"], "ratelimit": {"max_rate": 8}}),
            "tiers are value in ['gold', 'platinum'], * instead of where value in ['gold', 'platinum'], *",
            True,
        ),
        (tiers({"tier_value": "a", "ratelimit": RATE}), tiers(), "tiers are * instead of a, *", True),
        (tiers(), tiers(key="x-role"), "tiers are told apart by X-Role instead of X-Plan", True),
        (tiers({**GOLD, "ratelimit": RATE}), tiers({**GOLD, "ratelimit": {"max_rate": 0}}), "no limit any more", True),
    ],
)
def test_tiers_are_compared_one_by_one(old, new, sentence, opens):
    found = only(old, new)
    assert sentence in found.sentence
    assert (found.kind, found.opens) == (Kind.LIMIT, opens)


def test_tiers_that_say_the_same_are_no_difference():
    old, new = tiers({**GOLD, "ratelimit": RATE}), tiers({**GOLD, "ratelimit": {**RATE, "@comment": "a"}}, key="x-plan")
    assert differences(old, new) == []


@pytest.mark.parametrize(
    "value",
    [
        ("auth/validator", VALIDATOR),
        ("qos/ratelimit/router", RATE),
        ("security/bot-detector", {"deny": ["a"]}),
        ("validation/cel", [{"check_expr": "'X-A' in req_headers"}]),
        ("validation/json-schema", {"type": "object"}),
        ("plugin/req-resp-modifier", {"name": ["ip-filter"], "ip-filter": {"CIDR": ["10.0.0.0/8"], "allow": True}}),
    ],
)
def test_guard_that_is_gone_opens_and_one_that_is_new_does_not(value):
    gone, new = only(guarded(*value), BASE), only(BASE, guarded(*value))
    assert gone.opens
    assert gone.kind in (Kind.GUARD_GONE, Kind.LIMIT)
    assert not new.opens
    assert new.kind in (Kind.GUARD_STRONGER, Kind.LIMIT)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (["10.0.0.0/8"], ["10.0.0.0/9", "10.128.0.0/9"], []),
        (["10.0.0.0/8"], ["10.0.0.0/7"], [(Kind.GUARD_WEAKER, "11.0.0.0/8")]),
        (["10.0.0.0/8"], ["10.0.0.0/9"], [(Kind.GUARD_STRONGER, "10.128.0.0/9")]),
    ],
)
def test_networks_are_compared_by_addresses(old, new, kinds):
    def tree(networks):
        block = {"name": ["ip-filter"], "ip-filter": {"CIDR": networks, "allow": True}}
        return guarded("plugin/req-resp-modifier", block)

    found = differences(tree(old), tree(new))
    assert [one.kind for one in found] == [kind for kind, _ in kinds]
    assert all(network in one.sentence for one, (_, network) in zip(found, kinds, strict=True))


@pytest.mark.parametrize(
    ("keys", "kind", "opens"),
    [
        ({"port": 9000}, Kind.SERVICE, False),
        ({"listen_ip": "127.0.0.1"}, Kind.SERVICE, False),
        ({"read_timeout": "7s"}, Kind.TIMEOUT, False),
        ({"dialer_timeout": "7s"}, Kind.TIMEOUT, False),
        ({"allow_insecure_connections": True}, Kind.GUARD_WEAKER, True),
        ({"extra_config": {"crossgate/server": {"max_body_bytes": 10}}}, Kind.LIMIT, False),
    ],
)
def test_what_no_request_by_itself_shows_is_reported(keys, kind, opens):
    found = only(BASE, changed(**keys))
    assert (found.kind, found.opens, found.shown_by) == (kind, opens, "operation")


@pytest.mark.parametrize("name", ["allow", "deny"])
def test_lists_of_fields_that_let_the_same_through_are_no_difference(name):
    written = {"allow": (["a", "b.c"], ["b.c", "a", "a"]), "deny": (["a", "a.b"], ["a"])}[name]
    trees = [with_first(backend=[{"url_pattern": "/u/{id}", name: paths}]) for paths in written]
    assert differences(*trees) == []


def test_mapping_of_a_field_that_is_not_let_through_is_no_difference():
    old = with_first(backend=[{"url_pattern": "/u/{id}", "allow": ["a"]}])
    new = with_first(backend=[{"url_pattern": "/u/{id}", "allow": ["a"], "mapping": {"b": "c"}}])
    assert differences(old, new) == []


def test_filters_of_a_backend_whose_answers_are_passed_on_are_no_difference():
    old = with_first(output_encoding="no-op")
    new = with_first(output_encoding="no-op", backend=[{"url_pattern": "/u/{id}", "deny": ["a"], "group": "g"}])
    assert differences(old, new) == []


def test_secrets_are_compared_and_not_shown():
    def tree(secret):
        return guarded(
            "auth/client-credentials",
            {"client_id": "id", "client_secret": secret, "token_url": "http://id.example"},
            backend=True,
        )

    found = only(tree("hush-hush"), tree("hush-other"))
    assert "hush" not in repr(found)


def test_the_same_change_at_many_endpoints_is_one_entry():
    def tree(timeout):
        endpoints = [{"endpoint": f"/{n}", "timeout": timeout, "backend": [{"url_pattern": "/"}]} for n in range(50)]
        return {**BASE, "endpoints": endpoints}

    (group,) = grouped(differences(tree("1s"), tree("2s")))
    assert group.count == 50


@pytest.mark.parametrize("name", ["forty_endpoints.json", "dozen_endpoints_v2.json"])
def test_real_file_written_in_another_order_is_no_difference(name):
    tree = json.loads((Path(__file__).parents[2] / "data" / name).read_text())
    assert differences(tree, json.loads(json.dumps(tree, sort_keys=True))) == []


def test_worst_comes_first():
    old = guarded("auth/validator", VALIDATOR)
    old["extra_config"] = {"security/cors": {"allow_origins": ["https://a.example"]}}
    new = with_first(timeout="9s")
    new["extra_config"] = {
        "security/cors": {"allow_origins": ["https://a.example", "https://b.example"], "allow_credentials": True}
    }
    kinds = [group.first.kind for group in grouped(differences(old, new))]
    assert kinds[0] is Kind.READABLE_WITH_COOKIES
    assert kinds.index(Kind.GUARD_GONE) < kinds.index(Kind.TIMEOUT)


def test_variables_of_a_graphql_query_are_compared_by_what_they_say():
    def asking(variables):
        return guarded("backend/graphql", {"type": "query", "query": "{ a }", "variables": variables}, backend=True)

    assert differences(asking({"first": 10, "who": [1, {"a": 2}]}), asking({"who": [1, {"a": 2}], "first": 10})) == []
    assert differences(asking({"first": 10}), asking({"first": 11}))
