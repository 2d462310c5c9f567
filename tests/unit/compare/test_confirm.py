"""Differences tried: which are shown, by what, and which nothing shows."""

import pytest

from crossgate.compare import Kind, compare_plans
from crossgate.compare.confirm import confirmed
from crossgate.compare.confirm.confirmed import Tried
from crossgate.compare.confirm.stands import TwoStands
from crossgate.compare.curl import backend_words
from crossgate.components import COMPONENTS
from tests.support.two_gateways import loaded

GOLD = {"tier_value": "value.startsWith('gold-')", "tier_value_as": "policy"}
HARDLY = {"validation/cel": [{"check_expr": "req_path.matches('^/users/[g-i]{7}[0-9]{5}z$')"}]}
VALIDATOR = {"alg": "ES256", "jwk_url": "https://id.example/keys", "roles": ["user"]}
KEYS = {"keys": [{"key": "k-1", "roles": ["partner"]}, {"key": "k-2", "roles": ["admin"]}]}
ROUTER = {"forwarded_by_client_ip": True}
HASHES = {  # of "one" and "two"
    "ada": "$2b$04$abcdefghijklmnopqrstuuJTzUzdAZDAvW6yGmXEUkpqmC1f4ZuZK",
    "bob": "$2b$04$abcdefghijklmnopqrstuu1hBlp8BLpA9q5fHNsU7/6nqP0f5GJx6",
}


PAGE = {"input_query_strings": ["page", "no"]}
PER_CLIENT = {"capacity": 1, "client_max_rate": 2, "strategy": "ip"}
NAMED = {"client_max_rate": 1, "strategy": "header", "key": "X-Client"}
TOKEN_AT_TEN = {
    "auth/validator": VALIDATOR,
    "plugin/req-resp-modifier": {"name": ["ip-filter"], "ip-filter": {"CIDR": ["10.0.0.0/8"], "allow": True}},
}


def cel(text):
    return {"validation/cel": [{"check_expr": text}]}


def tree(extra=None, service=None, pattern="/u/{id}", **keys):
    endpoint = {"endpoint": "/users/{id}", "backend": [{"url_pattern": pattern}], "extra_config": extra or {}, **keys}
    return {"version": 3, "host": ["http://shop:8000"], "extra_config": service or {}, "endpoints": [endpoint]}


def tried(old, new):
    before, after = loaded(old), loaded(new)
    return confirmed(compare_plans(before, after, COMPONENTS), before, after, COMPONENTS, {})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (tree({"auth/validator": VALIDATOR}), tree({"auth/validator": {**VALIDATOR, "roles": ["user", "guest"]}})),
        (
            tree({"auth/validator": VALIDATOR}),
            tree({"auth/validator": {**VALIDATOR, "jwk_url": "https://b.example/k"}}),
        ),
        (tree({"auth/validator": VALIDATOR}), tree({"auth/validator": {**VALIDATOR, "audience": ["shop"]}})),
        (tree({"auth/validator": VALIDATOR}), tree({"auth/validator": VALIDATOR}, timeout="9s")),
        (
            tree({"auth/api-keys": {"roles": ["partner"]}}, {"auth/api-keys": KEYS}),
            tree({"auth/api-keys": {"roles": ["partner", "admin"]}}, {"auth/api-keys": KEYS}),
        ),
        (
            tree({"auth/basic": {"users": HASHES}}),
            tree({"auth/basic": {"users": {"ada": HASHES["ada"]}}}),
        ),
        (tree({"qos/ratelimit/router": {"max_rate": 9}}), tree({"qos/ratelimit/router": {"max_rate": 10}})),
        (
            tree({"qos/ratelimit/router": {"client_max_rate": 9, "strategy": "ip"}}),
            tree({"qos/ratelimit/router": {"client_max_rate": 9, "strategy": "header", "key": "X-Client"}}),
        ),
        (
            tree({"qos/ratelimit/tiered": {"tier_key": "X-Plan", "tiers": [{**GOLD, "ratelimit": {"max_rate": 9}}]}}),
            tree({"qos/ratelimit/tiered": {"tier_key": "X-Plan", "tiers": [{**GOLD, "ratelimit": {"max_rate": 10}}]}}),
        ),
        (
            tree({"validation/cel": [{"check_expr": "req_params.Id == 'seven'"}]}),
            tree({"validation/cel": [{"check_expr": "req_params.Id == 'eight'"}]}),
        ),
        (
            tree(cel("req_headers['X-A'][0] == 'v'"), input_headers=["X-A"]),
            tree(cel("req_headers['X-A'][0] == 'v'"), input_headers=["X-A"], pattern="/other"),
        ),
        (
            tree(cel("req_querystring.page[0].startsWith('1') && !('no' in req_querystring)"), **PAGE),
            tree(cel("req_querystring.page[0].startsWith('1')"), **PAGE),
        ),
        (tree(cel("has(resp_data.a)")), tree(cel("has(resp_data.a) && resp_data.a.b == 'c'"))),
        (tree(cel("int(req_params.Id.size()) > 5")), tree(cel("int(req_params.Id.size()) > 6"))),
        (tree(cel("req_headers['X-A'].exists(x, x == 'yes')"), input_headers=["X-A"]), tree(input_headers=["X-A"])),
        (tree(TOKEN_AT_TEN), tree(TOKEN_AT_TEN, timeout="9s")),
        (
            tree({"auth/validator": VALIDATOR}, {"qos/ratelimit/service": NAMED}),
            tree({}, {"qos/ratelimit/service": NAMED}),
        ),
        (
            tree({"auth/validator": VALIDATOR, "qos/ratelimit/router": {"max_rate": 5, **PER_CLIENT}}),
            tree({"auth/validator": VALIDATOR, "qos/ratelimit/router": {"max_rate": 50, **PER_CLIENT}}),
        ),
    ],
)
def test_difference_is_shown_with_the_credentials_that_it_takes(old, new):
    found = tried(old, new)
    assert found
    assert {one.evidence for one in found} == {"shown"}


def test_keys_of_several_algorithms_at_one_url_are_told_apart():
    old, new = (tree({"auth/validator": VALIDATOR}, timeout=timeout) for timeout in ("2s", "9s"))
    for each in (old, new):
        other = {"endpoint": "/a", "backend": [{"url_pattern": "/a"}]}
        other["extra_config"] = {"auth/validator": {**VALIDATOR, "alg": "RS256"}}
        each["endpoints"].insert(0, other)
    assert [one.evidence for one in tried(old, new)] == ["shown"]


@pytest.mark.parametrize(
    ("extra", "service"),
    [
        (cel("req_method == 'DELETE'"), {}),
        (cel("req_method in ['PUT', 'POST'] && req_params.Id == '1'"), {}),
        ({"validation/json-schema": {"not": {}}}, {}),
        ({"auth/api-keys": {"roles": ["nobody"]}}, {"auth/api-keys": KEYS}),
        ({"auth/basic": {"users": HASHES}, "auth/validator": VALIDATOR}, {}),
        ({}, {"security/http": {"ssl_redirect": True}}),
        ({"qos/ratelimit/router": {"client_max_rate": 5, "strategy": "param", "key": "other"}}, {}),
    ],
)
def test_what_no_request_gets_to_is_not_reported(extra, service):
    old = tree(extra, service)
    new = tree(extra, service, pattern="/other/{id}", timeout="9s", input_headers=["X-A"])
    assert tried(old, new) == []
    guarded = tree({**extra, "security/bot-detector": {"deny": ["evil"]}}, service)
    assert [one.evidence for one in tried(old, guarded)] == ([] if service.get("security/http") else ["shown"])


def both_answers(old, new, example):
    with TwoStands(loaded(old).config, loaded(new).config, COMPONENTS, {}) as stands:
        return stands.ask(example)


def with_backends(*backends):
    return {"version": 3, "host": ["http://shop:8000"], "endpoints": [{"endpoint": "/u", "backend": [*backends]}]}


@pytest.mark.parametrize("keys", [{"allow": ["a"]}, {"deny": ["a"]}, {"group": "one"}, {"mapping": {"a": "b"}}])
def test_what_another_backend_hides_is_shown_where_that_one_says_nothing(keys):
    (found,) = tried(
        with_backends({"url_pattern": "/one"}, {"url_pattern": "/two"}),
        with_backends({"url_pattern": "/one", **keys}, {"url_pattern": "/two"}),
    )
    assert found.evidence == "shown"
    if "group" not in keys:
        assert found.example.only_backend == "/one"
        assert "the backend that is asked for /one answers" in backend_words(found.example)


def test_backend_whose_expressions_never_hold_is_never_asked_for_anything_else():
    never = cel("req_method == 'PUT'")
    old, new = (
        with_backends({"url_pattern": "/one"}, {"url_pattern": pattern, "extra_config": never})
        for pattern in ("/two", "/three")
    )
    assert tried(old, new) == []


def test_guard_is_not_shown_by_the_reason_of_a_refusal_alone():
    refusing = {"url_pattern": "/u", "extra_config": cel("req_headers['X-A'].exists(x, x.matches('^[g-i]{9}$'))")}
    old, new = with_backends(refusing), with_backends(refusing)
    for each in (old, new):
        each["endpoints"][0]["input_headers"] = ["X-A"]
    new["endpoints"][0]["extra_config"] = cel("req_headers['X-A'].exists(x, x.matches('^[g-i]{9}$'))")
    found = tried(old, new)
    assert [one.evidence for one in found if one.kind is Kind.GUARD_STRONGER] == ["undecided"]


def test_guard_before_a_mutation_is_shown_by_a_request_with_variables():
    mutation = {"backend/graphql": {"type": "mutation", "query": "mutation { q }"}}
    backend = {"url_pattern": "/u", "extra_config": mutation}
    old, new = with_backends(backend), with_backends(backend)
    new["endpoints"][0]["extra_config"] = cel("req_method == 'PUT'")
    (found,) = tried(old, new)
    assert found.evidence == "shown"
    before, after = both_answers(old, new, found.example)
    assert (before.status, after.status) == (200, 500)


def test_backend_more_behind_a_guard_that_nothing_passes_is_not_reported():
    old, new = with_backends({"url_pattern": "/u"}), with_backends({"url_pattern": "/u"}, {"url_pattern": "/v"})
    new["endpoints"][0]["extra_config"] = cel("req_method == 'PUT'")
    assert [str(one.kind) for one in tried(old, new)] == ["guard-stronger"]
    assert [str(one.kind) for one in tried(new, old)] == ["guard-gone"]


@pytest.mark.parametrize("extra", [{}, {"qos/ratelimit/proxy": {"max_rate": 1, "capacity": 1}}, {"allow": ["a.b"]}])
@pytest.mark.parametrize("tells", [False, True])
def test_part_of_one_more_backend_in_answers_is_reported_beside_its_calls(extra, tells):
    one, other = {"url_pattern": "/one"}, {"url_pattern": "/two"}
    other |= extra if "allow" in extra else {"extra_config": extra}
    old, new = with_backends(one), with_backends(one, other)
    for each in (old, new):
        each["extra_config"] = {"router": {"return_error_msg": tells}}
    for found in (tried(old, new), tried(new, old)):
        assert [(str(each.kind), each.evidence) for each in found] == [("calls", "shown"), ("data", "shown")]
        for each in found:
            before, after = both_answers(old, new, each.example)
            assert (before.body, before.fields) != (after.body, after.fields) or each.kind is Kind.CALLS


def test_one_more_backend_that_is_never_asked_is_only_seen_in_answers():
    never = {"url_pattern": "/two", "extra_config": cel("req_method == 'PUT'")}
    found = tried(with_backends({"url_pattern": "/one"}), with_backends({"url_pattern": "/one"}, never))
    assert [(str(one.kind), one.evidence) for one in found] == [("data", "shown")]


def test_one_more_shadow_has_no_part_in_answers():
    shadow = {"url_pattern": "/two", "extra_config": {"proxy": {"shadow": True}}}
    found = tried(with_backends({"url_pattern": "/one"}), with_backends({"url_pattern": "/one"}, shadow))
    assert [(str(one.kind), one.evidence) for one in found] == [("calls", "shown")]


@pytest.mark.parametrize(
    ("one", "other", "tells"),
    [
        ({}, {}, False),
        ({"allow": ["a"]}, {"allow": ["a"]}, False),
        ({"group": "a"}, {}, False),
        ({"mapping": {"b": "a"}}, {"allow": ["a"]}, False),
        ({"target": "c"}, {"mapping": {"a": "b"}}, False),
        ({"allow": ["a"]}, {"allow": ["b"]}, True),
        ({"group": "a"}, {"group": "b"}, True),
    ],
)
def test_order_of_backends_is_shown_by_what_only_it_decides(one, other, tells):
    parts = ({"url_pattern": "/one", **one}, {"url_pattern": "/two", **other})
    old, new = with_backends(*parts), with_backends(*reversed(parts))
    for each in (old, new):
        each["extra_config"] = {"router": {"return_error_msg": tells}}
    (found,) = tried(old, new)
    assert (str(found.kind), found.evidence) == ("data", "shown")


def test_order_of_backends_that_answer_other_names_is_none_of_a_clients_business():
    parts = ({"url_pattern": "/one", "allow": ["a"]}, {"url_pattern": "/two", "group": "b"})
    assert tried(with_backends(*parts), with_backends(*reversed(parts))) == []


def test_cache_of_a_backend_of_which_nothing_is_kept_is_no_difference():
    plain = {"url_pattern": "/one", "method": "POST"}
    assert tried(with_backends(plain), with_backends({**plain, "extra_config": {"qos/http-cache": {}}})) == []


def test_nothing_behind_a_guard_that_no_request_was_found_for_is_certain():
    found = tried(tree(HARDLY), tree(HARDLY, pattern="/other/{id}", timeout="9s"))
    assert [one.evidence for one in found] == ["undecided", "undecided"]


def test_limit_behind_a_lower_one_is_not_certain():
    outer = {"qos/ratelimit/router": {"max_rate": 3}}
    old, new = tree(outer), tree(outer)
    for each, rate in ((old, 10), (new, 20)):
        each["endpoints"][0]["backend"][0]["extra_config"] = {
            "qos/ratelimit/proxy": {"max_rate": rate, "capacity": rate}
        }
    assert [one.evidence for one in tried(old, new)] == ["undecided"]


def test_example_that_is_told_is_the_one_that_shows_it():
    old, new = (
        tree({"validation/cel": [{"check_expr": f"req_params.Id == '{name}'"}]}, pattern=pattern)
        for name, pattern in (("seven", "/a"), ("seven", "/b"))
    )
    (found,) = tried(old, new)
    assert found.example.target.startswith("/users/seven")


def test_scripts_are_not_run_and_their_texts_are_not_certain(tmp_path, monkeypatch):
    def never(*_args):
        raise AssertionError("a script was about to be run")

    monkeypatch.setattr("crossgate.lua.hosts.begin_maker", never)
    old, new = (tree({"modifier/lua-endpoint": {"pre": f"local a = {number}"}}) for number in (1, 2))
    assert [one.evidence for one in tried(old, new)] == ["undecided"]


def test_difference_that_cannot_be_asked_leaves_the_others_tried(monkeypatch):
    decide = Tried.decide

    def decide_or_fail(self, one, stands):
        if one.kind is Kind.TIMEOUT:
            raise RuntimeError("cannot be asked here")
        return decide(self, one, stands)

    monkeypatch.setattr(Tried, "decide", decide_or_fail)
    found = tried(tree(), tree(pattern="/v/{id}", timeout="9s", output_encoding="string"))
    evidence = {one.kind: one.evidence for one in found}
    assert evidence.pop(Kind.TIMEOUT) == "compared"
    assert evidence
    assert set(evidence.values()) == {"shown"}


def test_of_many_endpoints_with_one_sentence_a_few_are_tried():
    old, new = tree(), tree()
    for each, timeout in ((old, "2s"), (new, "9s")):
        each["endpoints"] = [
            {"endpoint": f"/e{number}", "timeout": timeout, "backend": [{"url_pattern": "/u"}]} for number in range(300)
        ]
    found = tried(old, new)
    assert len(found) == 300
    assert {one.evidence for one in found} == {"shown"}


def asking_graphql(extra=None, **keys):
    operation = {"type": "query", "query": "{ q }", **keys.pop("operation", {})}
    asked = {"url_pattern": "/g", "extra_config": {"backend/graphql": operation, **(extra or {})}, **keys}
    return with_backends(asked, {"url_pattern": "/other"})


def test_method_of_a_graphql_backend_is_that_of_its_operation():
    assert tried(asking_graphql(method="PUT"), asking_graphql(method="DELETE")) == []
    (found,) = tried(asking_graphql(method="PUT"), asking_graphql(method="PUT", operation={"method": "GET"}))
    assert (str(found.kind), found.evidence) == ("calls", "shown")
    old, new = asking_graphql(method="PUT"), asking_graphql(method="DELETE")
    for each in (old, new):
        each["extra_config"] = {"router": {"return_error_msg": True}}
    (found,) = tried(old, new)
    assert (str(found.kind), found.evidence) == ("status", "shown")
    (found,) = tried(asking_graphql(), asking_graphql(method="HEAD"))  # of whose answers none is compressed
    assert found.evidence == "shown"


def test_limit_of_a_graphql_backend_whose_expressions_never_hold_is_not_reported():
    limit = {"qos/ratelimit/proxy": {"max_rate": 1, "capacity": 1}}
    never, may = cel("req_method == 'GET'"), cel("req_method == 'POST'")
    assert tried(asking_graphql(never), asking_graphql({**never, **limit})) == []
    assert [one.evidence for one in tried(asking_graphql(may), asking_graphql({**may, **limit}))] == ["shown"]
    old, new = asking_graphql(never), asking_graphql({**never, **limit})
    for each in (old, new):
        each["endpoints"][0]["backend"].pop()
        each["extra_config"] = {"router": {"return_error_msg": True}}
    assert [one.evidence for one in tried(old, new)] == ["shown"]


def test_order_of_renames_to_one_name_is_shown():
    names = {"a": "x", "b": "x", "c": "y"}
    turned = dict(reversed(names.items()))
    (found,) = tried(
        with_backends({"url_pattern": "/one", "mapping": names}),
        with_backends({"url_pattern": "/one", "mapping": turned}),
    )
    assert (str(found.kind), found.evidence) == ("data", "shown")


XML = {"url_pattern": "/one", "encoding": "xml"}
LATER = {"url_pattern": "/two/{resp0_id}"}
CACHED = {"extra_config": {"qos/http-cache": {}}}
AT_MOST_GET = cel("req_method == 'PUT'")


def of_endpoint(*backends, service=None, **keys):
    found = with_backends(*backends)
    found["endpoints"][0].update(keys)
    found["extra_config"] = service or {}
    return found


SEQUENTIAL = {"extra_config": {"proxy": {"sequential": True}}}
ONE, TWO, THREE = ({"url_pattern": f"/{name}"} for name in ("one", "two", "three"))
SHADOW = {"extra_config": {"proxy": {"shadow": True}}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (of_endpoint(XML, LATER, **SEQUENTIAL), of_endpoint(XML, {**LATER, "group": "g"}, **SEQUENTIAL)),
        (of_endpoint(XML, TWO, **SEQUENTIAL), of_endpoint(XML, {**TWO, "method": "PUT"}, **SEQUENTIAL)),
        (
            of_endpoint({**ONE, "encoding": "rss"}),
            of_endpoint({**ONE, "encoding": "rss", "group": "g"}, cache_ttl="1m"),
        ),
        (of_endpoint({**ONE, "is_collection": True}, TWO), of_endpoint({**ONE, "is_collection": True, **CACHED}, TWO)),
        (of_endpoint(ONE), of_endpoint({**ONE, **CACHED})),
        (
            of_endpoint({**ONE, "mapping": {"data": "c"}}, {**ONE, "is_collection": True}, output_encoding="string"),
            of_endpoint({**ONE, "allow": ["c"]}, {**ONE, "is_collection": True}, output_encoding="string"),
        ),
        (
            of_endpoint({**ONE, "method": "DELETE", "deny": ["a"]}, ONE),
            of_endpoint({**ONE, "method": "DELETE", "deny": ["b"]}, ONE),
        ),
        (
            of_endpoint(ONE, TWO, {**THREE, "extra_config": {"backend/http": {"return_error_details": "a"}}}),
            of_endpoint(
                ONE,
                {**TWO, "extra_config": {"backend/http": {"return_error_details": "b"}}},
                {**THREE, "extra_config": {"backend/http": {"return_error_details": "a"}}},
            ),
        ),
        (
            of_endpoint(ONE, output_encoding="string"),
            of_endpoint(
                {**ONE, "extra_config": {"proxy": {"flatmap_filter": [{"type": "del", "args": ["a"]}]}}},
                output_encoding="string",
            ),
        ),
    ],
)
def test_what_takes_answers_that_each_backend_can_read_is_shown_by_them(old, new):
    for before, after in ((old, new), (new, old)):
        found = tried(before, after)
        assert found
        assert {one.evidence for one in found} == {"shown"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (of_endpoint(TWO, {**ONE, "group": "g"}, output_encoding="json-collection"), {"mapping": {"b": "x"}}),
        (of_endpoint(TWO, {**ONE, "method": "HEAD"}), {"is_collection": True}),
        (of_endpoint({**ONE, **SHADOW}), {"method": "POST"}),
        (of_endpoint({**ONE, **SHADOW}), {"allow": ["a"]}),
        (
            of_endpoint(TWO, {**ONE, "group": "g"}, output_encoding="string"),
            {"mapping": {"content": "x"}, "deny": ["y"]},
        ),
        (of_endpoint(TWO, {**ONE, "method": "GET"}), {"extra_config": cel("resp_completed && req_method == 'GET'")}),
        (of_endpoint(TWO, {**ONE, "group": "g"}), {"extra_config": cel("has(resp_data.g) && !has(resp_data.a)")}),
        (
            of_endpoint({**ONE, "method": "GET"}),
            {
                "extra_config": {
                    "modifier/martian": {"header.Blacklist": {"scope": ["request"], "names": ["X-A", "X-B"]}}
                }
            },
        ),
        (
            of_endpoint({**ONE, "method": "GET"}),
            {
                "extra_config": {
                    "modifier/martian": {"header.Modifier": {"scope": ["response"], "name": "X-A", "value": "1"}}
                }
            },
        ),
        (of_endpoint(ONE, extra_config={"validation/json-schema": {"type": "array"}}), CACHED),
    ],
)
def test_what_nobody_sees_of_a_backend_is_no_difference(old, new):
    other = {**old, "endpoints": [{**old["endpoints"][0]}]}
    first, *rest = reversed(other["endpoints"][0]["backend"])
    other["endpoints"][0]["backend"] = [*rest, {**first, **new}]
    assert tried(old, other) == tried(other, old) == []


@pytest.mark.parametrize(
    ("backends", "old", "new"),
    [
        ([ONE, {**TWO, "extra_config": AT_MOST_GET}], {}, {"cache_ttl": "1m"}),
        ([{**ONE, "method": "HEAD"}], {"timeout": "2s"}, {"timeout": "3s"}),
        ([{**ONE, "extra_config": AT_MOST_GET}], {"output_encoding": "no-op"}, {"output_encoding": "json"}),
        ([{**ONE, "group": "g", "extra_config": cel("has(resp_data.a)")}], {}, {"cache_ttl": "1m"}),
        ([{**ONE, **SHADOW}], {}, {"output_encoding": "no-op", "cache_ttl": "1m"}),
        ([{**ONE, "extra_config": AT_MOST_GET}, TWO], SEQUENTIAL, {**SEQUENTIAL, "concurrent_calls": 2}),
    ],
)
def test_what_only_an_answer_without_failures_would_show_is_no_difference_where_there_is_none(backends, old, new):
    assert tried(of_endpoint(*backends, **old), of_endpoint(*backends, **new)) == []


@pytest.mark.parametrize(
    "backends", [[{**ONE, "method": "HEAD"}], [{**ONE, "extra_config": AT_MOST_GET}, {**TWO, **SHADOW}]]
)
@pytest.mark.parametrize(
    "new",
    [{"concurrent_calls": 3}, {"extra_config": cel("'X-A' in req_headers")}],
)
def test_what_keeps_calls_from_backends_or_makes_more_is_shown_though_clients_see_the_same_failure(backends, new):
    old = {"input_headers": ["X-A"], "extra_config": cel("req_method == 'GET'")}
    (found,) = tried(of_endpoint(*backends, **old), of_endpoint(*backends, **{**old, **new}))
    assert found.evidence == "shown"


def test_expression_may_look_at_an_address_that_no_backend_gets():
    seen = {"extra_config": cel("req_headers['X-Forwarded-For'][0] != '203.0.113.9'"), "input_headers": ["X-None"]}
    old, new = (
        {
            **of_endpoint({**ONE, "input_headers": ["X-None"]}, **seen),
            "extra_config": {"router": ROUTER | {"trusted_proxies": [one]}},
        }
        for one in ("10.0.0.0/8", "0.0.0.0/0")
    )
    (found,) = tried(old, new)
    assert (found.new.key, found.evidence) == ("router", "shown")


def test_paths_of_files_that_stand_for_answers_have_their_own_letters():
    old, new = (
        of_endpoint({**ONE, "extra_config": {"modifier/martian": {"static.Modifier": {"explicitPaths": {one: "b"}}}}})
        for one in ("/A", "/a")
    )
    assert tried(old, new) != []


@pytest.mark.parametrize(("one", "other"), [(1, True), ([0], [False]), (0.0, -0.0)])
def test_values_that_python_takes_for_equal_are_others_in_static_data(one, other):
    old, new = (
        of_endpoint(ONE, extra_config={"proxy": {"static": {"strategy": "always", "data": {"a": value}}}})
        for value in (one, other)
    )
    (found,) = tried(old, new)
    assert found.evidence == "shown"


def test_answers_without_a_body_are_told_by_what_is_made_of_them():
    old, new = (of_endpoint({**ONE, "method": "HEAD", "encoding": "string", "group": one}) for one in "ab")
    (found,) = tried(old, new)
    assert "without a body: group is" in found.sentence


@pytest.mark.parametrize(
    ("one", "other", "encoding"),
    [
        ({"encoding": "rss", "allow": ["a"]}, {}, "json"),
        ({"encoding": "rss"}, {"group": "a"}, "json"),
        ({"encoding": "string"}, {"is_collection": True}, "json"),
        ({"allow": ["a"]}, {"allow": ["a", "content"]}, "string"),
    ],
)
def test_order_of_backends_that_never_answer_one_name_is_no_difference(one, other, encoding):
    parts = ({**ONE, **one}, {**TWO, **other})
    old, new = (of_endpoint(*some, output_encoding=encoding) for some in (parts, parts[::-1]))
    assert tried(old, new) == []


def test_modifier_in_another_order_or_other_letters_is_the_same():
    inner = [{"header.Blacklist": {"scope": ["request"], "names": ["X-A", "X-B"]}}]
    written = {"fifo.Group": {"scope": ["request", "response"], "modifiers": inner}}
    again = [{"header.Blacklist": {"Scope": ["request"], "names": ["x-b", "X-A"], "@comment": "why"}}]
    rewritten = {"fifo.Group": {"modifiers": again, "scope": ["response", "request"]}}
    old, new = (
        of_endpoint({**ONE, "extra_config": {"modifier/martian": each}}, input_headers=["X-A"])
        for each in (written, rewritten)
    )
    assert tried(old, new) == []
    new["endpoints"][0]["backend"][0]["extra_config"] = {"modifier/martian": inner[0]}
    assert tried(old, new) != []
    other = of_endpoint({**ONE, "extra_config": {"modifier/martian": {**written, "fifo.Group": {"modifiers": []}}}})
    other["endpoints"][0]["input_headers"] = ["X-A"]
    (found,) = tried(old, other)
    assert found.evidence == "shown"


def test_field_that_never_arrives_is_set_or_added_alike():
    old, new = (
        of_endpoint({**ONE, "extra_config": {"modifier/martian": {name: {"name": "X-M", "value": "1"}}}})
        for name in ("header.Append", "header.Modifier")
    )
    assert tried(old, new) == []
    for each in (old, new):
        each["endpoints"][0]["input_headers"] = ["x-m"]
    assert [one.evidence for one in tried(old, new)] == ["shown"]


def test_backend_that_a_field_keeps_from_being_asked_is_seen_by_nobody_whatever_its_method():
    silent = {**TWO, "extra_config": {**cel("'X-A' in req_headers"), "modifier/martian": {"header.Id": {}}}}
    other = {**silent, "extra_config": cel("'X-A' in req_headers")}
    assert tried(of_endpoint(ONE, silent), of_endpoint(ONE, other)) == []


@pytest.mark.parametrize(
    "modifier",
    [
        {"header.Id": {}},
        {"header.Append": {"name": "X-A", "value": "1"}},
        {"status.Modifier": {"scope": ["response"], "statusCode": 201}},
        {"url.Modifier": {"scope": ["request"], "host": "other.example", "scheme": "http"}},
        {"header.Filter": {"name": "X-A", "value": "1", "modifier": {"header.Id": {}}}},
        {"header.RegexFilter": {"header": "X-A", "regex": "^v[0-9]$", "modifier": {"header.Id": {}}}},
        {"header.Copy": {"from": "X-A", "to": "X-B"}},
        {"header.Blacklist": {"names": ["X-A"]}},
        {"querystring.Filter": {"name": "q", "value": "1", "modifier": {"header.Id": {}}}},
        {"cookie.Filter": {"name": "c", "value": "1", "modifier": {"header.Id": {}}}},
    ],
)
def test_modifier_is_shown_by_what_it_looks_for(modifier):
    backend = {**ONE, "extra_config": {"modifier/martian": modifier}}
    keys = {"input_headers": ["X-A", "Cookie"], "input_query_strings": ["q"]}
    found = tried(of_endpoint(ONE, **keys), of_endpoint(backend, **keys))
    assert [one.evidence for one in found] == ["shown"]


def test_backends_of_a_sequence_behind_one_that_always_fails_are_seen_by_nobody():
    failing = {**ONE, "method": "HEAD"}
    old = of_endpoint(failing, TWO, **SEQUENTIAL)
    assert tried(old, of_endpoint(failing, TWO, THREE, **SEQUENTIAL)) == []
    assert tried(old, of_endpoint(failing, {**TWO, "method": "PUT", "allow": ["a"]}, **SEQUENTIAL)) == []
    assert tried(old, of_endpoint(TWO, failing, **SEQUENTIAL)) != []


def test_expression_that_always_holds_is_no_guard_where_clients_see_which_does_not():
    tells = {"router": {"return_error_msg": True}}
    old, new = (of_endpoint(ONE, service=tells, extra_config=one) for one in ({}, cel("req_method == 'GET'")))
    assert tried(old, new) == tried(new, old) == []


def test_backend_without_a_host_always_fails():
    hostless = [of_endpoint(ONE, cache_ttl=ttl) for ttl in ("1m", "0s")]
    for each in hostless:
        del each["host"]
    hostless[0]["endpoints"][0]["backend"][0]["extra_config"] = {"qos/ratelimit/proxy": {"max_rate": 1, "capacity": 1}}
    assert tried(*hostless) == []


def test_circuit_breaker_of_what_is_passed_on_is_shown_where_no_backend_can_be_reached():
    breaker = {"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 3}}
    service = {"router": {"return_error_msg": True}}
    old, new = (
        of_endpoint({**ONE, "extra_config": extra}, output_encoding="no-op", service=service) for extra in ({}, breaker)
    )
    (found,) = tried(old, new)
    assert (found.evidence, found.example.condition) == ("shown", "no backend can be reached")


def test_backends_that_are_asked_for_the_same_path_are_told_apart_by_their_hosts():
    sharing = [{**ONE, "host": [f"http://h{number}:8000"], "group": f"g{number}"} for number in (1, 2)]
    breakers = [{"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": number}} for number in (1, 3)]
    extra = {"backend/http": {"return_error_details": "a"}}
    old, new = (of_endpoint({**sharing[0], "extra_config": {**extra, **each}}, sharing[1]) for each in breakers)
    assert [one.evidence for one in tried(old, new)] == ["shown"]
    read = {**sharing[0], "encoding": "xml"}
    old, new = (of_endpoint(read, {**sharing[1], **keys}, **SEQUENTIAL) for keys in ({}, {"method": "PUT"}))
    (found,) = tried(old, new)
    assert found.evidence == "shown"
    assert "asked for /one at http://h1:8000 answers <" in backend_words(found.example)


def test_fields_that_neither_expressions_nor_backends_see_are_no_difference():
    silent = {**TWO, "extra_config": AT_MOST_GET}
    both = {"extra_config": {**cel("'X-A' in req_headers")}}
    old = of_endpoint(silent, input_headers=["X-A"], **both)
    assert tried(old, of_endpoint(silent, input_headers=["X-A", "X-B"], input_query_strings=["q"], **both)) == []
    assert tried(old, of_endpoint(silent, input_headers=["X-B"])) == []  # whoever gets in gets the same
    asked = {**both, "input_headers": ["X-A"]}
    assert tried(of_endpoint(ONE, **asked), of_endpoint(ONE, **{**asked, "input_headers": ["X-B"]})) != []


def test_answers_by_path_are_told():
    (found,) = tried(of_endpoint(XML, TWO, **SEQUENTIAL), of_endpoint(XML, {**TWO, "group": "g"}, **SEQUENTIAL))
    assert found.example.answers
    assert "the backend that is asked for /one answers <" in backend_words(found.example)
