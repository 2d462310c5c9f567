"""Differences tried: which are shown, by what, and which nothing shows."""

import pytest

from crossgate.compare import Kind, compare_plans
from crossgate.compare.confirm import confirmed
from crossgate.compare.confirm.confirmed import Tried
from crossgate.components import COMPONENTS
from tests.support.two_gateways import loaded

GOLD = {"tier_value": "value.startsWith('gold-')", "tier_value_as": "policy"}
NEVER = {"validation/cel": [{"check_expr": "req_headers['X-Absent'][0] == 'one'"}]}
VALIDATOR = {"alg": "ES256", "jwk_url": "https://id.example/keys", "roles": ["user"]}
KEYS = {"keys": [{"key": "k-1", "roles": ["partner"]}, {"key": "k-2", "roles": ["admin"]}]}
HASHES = {  # of "one" and "two"
    "ada": "$2b$04$abcdefghijklmnopqrstuuJTzUzdAZDAvW6yGmXEUkpqmC1f4ZuZK",
    "bob": "$2b$04$abcdefghijklmnopqrstuu1hBlp8BLpA9q5fHNsU7/6nqP0f5GJx6",
}


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
    ],
)
def test_difference_is_shown_with_the_credentials_that_it_takes(old, new):
    found = tried(old, new)
    assert found
    assert {one.evidence for one in found} == {"shown"}


def test_nothing_behind_a_guard_that_nobody_passes_is_certain():
    found = tried(tree(NEVER), tree(NEVER, pattern="/other/{id}", timeout="9s"))
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
