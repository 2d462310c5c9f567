"""What means the same is not reported, and what is reported is shown by its example: kinds that are easily missed."""

import copy

import pytest

from tests.support.two_gateways import TwoGateways, differences_of, loaded

VALIDATOR = {"alg": "ES256", "jwk_url": "https://id.example/keys", "issuer": "https://id.example"}
SCOPES = {"scopes": ["r", "w"], "scopes_key": "scope"}
ROUTER = "router"


def tree(extra=None, *, service=None, backend=None, **endpoint):
    made = {"endpoint": "/a/{id}", "backend": [{"url_pattern": "/u/{id}", **(backend or {})}], **endpoint}
    if extra:
        made["extra_config"] = extra
    found = {"version": 3, "host": ["http://shop:8000"], "endpoints": [made]}
    return {**found, "extra_config": service} if service else found


def token(**keys):
    return tree({"auth/validator": {**VALIDATOR, **keys}})


def static(strategy, data=None, **keys):
    return tree({"proxy": {"static": {"strategy": strategy, "data": {"s": 1} if data is None else data}}}, **keys)


def keys(roles, *, header="X-R", **endpoint):
    ring = {"keys": [{"key": "k", "roles": roles}], "identifier": "X-K", "propagate_role": header}
    return tree({"auth/api-keys": {"roles": ["a"]}}, service={"auth/api-keys": ring}, **endpoint)


def flatmap(kind, *args):
    return {"extra_config": {"proxy": {"flatmap_filter": [{"type": kind, "args": list(args)}]}}}


def two(*, shadow):
    other = {"url_pattern": "/w", "host": ["http://w"], "extra_config": {"proxy": {"shadow": shadow}}}
    made = tree()
    made["endpoints"][0]["backend"].append(other)
    return made


SAME = {
    "one scope, whether any or all": (
        token(scopes=["r"], scopes_key="scope"),
        token(scopes=["r"], scopes_key="scope", scopes_matcher="all"),
    ),
    "claim for a field that does not pass": (token(propagate_claims=[["sub", "x-u"]]), token()),
    "claims in another order": (
        tree(
            {"auth/validator": {**VALIDATOR, "propagate_claims": [["sub", "x-u"], ["iss", "x-i"]]}}, input_headers=["*"]
        ),
        tree(
            {"auth/validator": {**VALIDATOR, "propagate_claims": [["iss", "X-I"], ["sub", "x-u"]]}}, input_headers=["*"]
        ),
    ),
    "names of data in another order, and an expression that always holds": (
        tree({"validation/cel": [{"check_expr": "req_method == 'GET'"}]}, backend={"allow": ["a", "b"]}),
        tree(backend={"allow": ["b", "a"]}),
    ),
    "role that no endpoint asks for": (keys(["a"]), keys(["a", "z"])),
    "role for a field that does not pass": (keys(["a"]), keys(["a"], header="X-Other")),
    "text of which all comes through": (
        tree(backend={"encoding": "string"}),
        tree(backend={"encoding": "string", "allow": ["content"]}),
    ),
    "names within a list": (
        tree(backend={"is_collection": True}),
        tree(backend={"is_collection": True, "deny": ["a"]}),
    ),
    "no static data": (tree(), static("success", {})),
    "schema in another order, and with a title": (
        tree(
            {
                "validation/json-schema": {
                    "type": "object",
                    "required": ["a", "b"],
                    "properties": {"a": {"enum": [1, 2]}},
                }
            }
        ),
        tree(
            {
                "validation/json-schema": {
                    "title": "An order",
                    "properties": {"a": {"enum": [2, 1]}},
                    "required": ["b", "a"],
                    "type": ["object"],
                }
            }
        ),
    ),
    "bot that a pattern refuses anyway": (
        tree({"security/bot-detector": {"patterns": ["^bad"]}}),
        tree({"security/bot-detector": {"patterns": ["^bad"], "deny": ["bad/1"], "allow": ["good/1"]}}),
    ),
    "field that tells clients apart, in other letters": (
        tree({"qos/ratelimit/router": {"client_max_rate": 5, "strategy": "header", "key": "X-Client"}}),
        tree({"qos/ratelimit/router": {"client_max_rate": 5, "strategy": "header", "key": "x-client"}}),
    ),
    "networks in two halves": (
        tree(service={ROUTER: {"trusted_proxies": ["10.0.0.0/8"]}}),
        tree(service={ROUTER: {"trusted_proxies": ["10.0.0.0/9", "10.128.0.0/9"]}}),
    ),
    "addresses where there is no endpoint": (
        {**tree(), "endpoints": []},
        {**tree(service={ROUTER: {"app_engine": True}}), "endpoints": []},
    ),
}

SHOWN = {
    "any and all scopes": (token(**SCOPES), token(**SCOPES, scopes_matcher="all")),
    "another cookie": (token(), token(cookie_key="other")),
    "claim for a field that passes": (
        tree({"auth/validator": {**VALIDATOR, "propagate_claims": [["sub", "x-u"]]}}, input_headers=["X-U"]),
        tree({"auth/validator": VALIDATOR}, input_headers=["X-U"]),
    ),
    "role for a field that passes": (
        keys(["a"], input_headers=["X-R"]),
        keys(["a"], header="", input_headers=["X-R"]),
    ),
    "backend that becomes a shadow": (two(shadow=False), two(shadow=True)),
    "static data without a name in them": (tree(), static("always", {})),
    "names of a list": (
        tree(backend={"is_collection": True}),
        tree(backend={"is_collection": True, "mapping": {"collection": "a"}}),
    ),
    "members of a list": (
        tree(backend={"is_collection": True}),
        tree(
            backend={
                "is_collection": True,
                "extra_config": {"proxy": {"flatmap_filter": [{"type": "del", "args": ["collection.*.a"]}]}},
            }
        ),
    ),
    "members of a list within": (
        tree(backend=flatmap("del", "c.*.a")),
        tree(backend=flatmap("del", "c.*.b")),
    ),
    "all members of a list, and the first": (
        tree(backend=flatmap("del", "c.*.a")),
        tree(backend=flatmap("del", "c.0.a")),
    ),
    "static data where failures are told": (
        static("always", backend={"extra_config": {"backend/http": {"return_error_details": "b"}}}),
        static("success", backend={"extra_config": {"backend/http": {"return_error_details": "b"}}}),
    ),
    "static data where failures are told, and answers are complete": (
        static("complete", backend={"extra_config": {"backend/http": {"return_error_details": "b"}}}),
        static("success", backend={"extra_config": {"backend/http": {"return_error_details": "b"}}}),
    ),
    "static data of answers that are passed on": (
        static("always", output_encoding="no-op"),
        static("errored", output_encoding="no-op"),
    ),
    "static data beside a list": (
        tree(backend={"is_collection": True}),
        static("success", backend={"is_collection": True}),
    ),
    "feeds in another encoding": (
        tree(backend={"encoding": "rss"}),
        tree(backend={"encoding": "rss"}, output_encoding="json-collection"),
    ),
    "names in XML": (tree(backend={"encoding": "xml"}), tree(backend={"encoding": "xml", "deny": ["doc.a"]})),
    **{
        f"static data {one} and {other}": (static(one), static(other))
        for one, other in (("always", "success"), ("always", "errored"), ("complete", "incomplete"))
    },
    "static data where nothing is read": (
        tree(output_encoding="no-op"),
        static("errored", output_encoding="no-op"),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_means_the_same_is_not_reported(name):
    old, new = SAME[name]
    assert differences_of(old, new) == []
    assert differences_of(new, old) == []


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_reported_is_shown_by_its_example(name):
    for old, new in (SHOWN[name], SHOWN[name][::-1]):
        found = differences_of(old, new)
        assert found
        with TwoGateways(loaded(old), loaded(new)) as gateways:
            assert [one for one in found if one.shown_by == "request" and not gateways.shows(one)] == []


def test_changed_keys_are_tried_where_keys_are_asked_for():
    old = keys(["a"])
    old["endpoints"].insert(0, {"endpoint": "/open", "backend": [{"url_pattern": "/o"}]})
    new = copy.deepcopy(old)
    new["extra_config"]["auth/api-keys"]["keys"][0]["roles"] = []
    (found,) = differences_of(old, new)
    assert found.example.target.startswith("/a/")


def test_other_shares_of_the_same_hosts_take_more_than_one_request_to_see():
    old, new = (
        tree(backend={"host": hosts}) for hosts in (["http://a", "http://b"], ["http://a", "http://b", "http://b"])
    )
    (found,) = differences_of(old, new)
    assert found.shown_by == "repeats"
