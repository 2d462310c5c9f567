"""Tests that expect settings pass where a file says the same in other words, and fail where it says something else."""

import copy
import json

import pytest

from crossgate.compare.expected_settings import without_other_words
from crossgate.compare.plans import compiled
from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.testing.lock import all_through
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree

CONFIG = {
    "version": 3,
    "host": ["http://shop:8000"],
    "dialer_timeout": "60s",
    "extra_config": {
        "auth/api-keys": {"keys": [{"key": "k-1", "roles": ["shop"]}, {"key": "k-2", "roles": ["admin"]}]},
        "security/bot-detector": {"deny": ["evil/1.0"], "patterns": ["(?i)crawl"]},
        "security/http": {"frame_deny": True, "sts_seconds": 300},
        "redis": {"connection_pools": [{"name": "limits", "address": "redis:6379"}]},
    },
    "endpoints": [
        {
            "endpoint": "/me",
            "input_headers": ["X-User"],
            "extra_config": {
                "auth/validator": {
                    "alg": "RS256",
                    "jwk_url": "https://id.example/keys",
                    "issuer": "https://id.example",
                    "audience": ["shop", "web"],
                    "roles": ["user", "admin"],
                },
                "qos/ratelimit/router": {"max_rate": 5, "every": "1m"},
            },
            "backend": [{"url_pattern": "/me", "allow": ["name", "mail"]}],
        },
        {
            "endpoint": "/orders",
            "method": "POST",
            "extra_config": {"auth/api-keys": {"roles": ["shop"]}},
            "backend": [
                {
                    "method": "POST",
                    "url_pattern": "/o",
                    "extra_config": {"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 3}},
                }
            ],
        },
    ],
}


def loaded(tree):
    return load_text(json.dumps(tree).encode(), components=COMPONENTS)


def compile_tree(tree):
    config = loaded(tree).config
    return None if config is None else compiled(config, {})


def locks_of(tree):
    """Tests of what is let through, as `crossgate test --init` writes them."""
    file = loaded(tree)
    assert file.config is not None, file.diagnostics
    with Player(file.config, COMPONENTS, {}, 1_790_000_000.0, document=file.document) as player:
        written = [
            {"endpoint": f"{one.config.method} {one.config.path}", "lets_through": dict(through)}
            for one in player.plan.endpoints
            if (through := player.lets_through(one.config.method, one.config.path)) is not None
        ]
        written.append({"endpoint": "*", "lets_through": all_through(player.plan, player.document)})
    return json.loads(json.dumps(written))


def failed(locks, tree):
    """What is not as expected, by the endpoint's path."""
    suite = suite_of_tree({"tests": locks}, "locks").suite
    file = loaded(tree)
    assert suite is not None
    assert file.config is not None, file.diagnostics
    with Player(file.config, COMPONENTS, {}, 1_790_000_000.0, document=file.document) as player:
        results = without_other_words(
            player.play(suite), lambda: compiled(file.config, {}), file.document, compile_tree, COMPONENTS
        )
    return {result.case.path: [one.what for one in result.differences] for result in results if not result.passed}


def changed(*steps_and_value):
    """The configuration with another value at these steps; without the member where it is None."""
    tree = copy.deepcopy(CONFIG)
    *steps, last, value = steps_and_value
    place = tree
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return tree


ME = ("endpoints", 0, "extra_config")
OTHER_WORDS = {
    "a duration": (*ME, "qos/ratelimit/router", "every", "60s"),
    "a default": (*ME, "qos/ratelimit/router", "client_max_rate", 0),
    "the order of roles": (*ME, "auth/validator", "roles", ["admin", "user", "admin"]),
    "a default of the validator": (*ME, "auth/validator", "roles_key", "roles"),
    "what only logs show": (*ME, "auth/validator", "operation_debug", True),
    "a comment": (*ME, "auth/validator", "@comment", "of the shop"),
    "an object without content": ("endpoints", 0, "backend", 0, "extra_config", {"proxy": {}}),
    "fields to keep, twice": ("endpoints", 0, "backend", 0, "allow", ["mail", "name", "mail"]),
    "header names in other letters": ("endpoints", 0, "input_headers", ["x-user"]),
    "a breaker's log": (
        *("endpoints", 1, "backend", 0, "extra_config", "qos/circuit-breaker"),
        *("log_status_change", True),
    ),
    "the service's default": ("extra_config", "security/http", "ssl_redirect", False),
    "the service's duration": ("dialer_timeout", "1m"),
    "an agent that a pattern refuses": ("extra_config", "security/bot-detector", "deny", ["evil/1.0", "crawler"]),
    "where keys are read by default": ("extra_config", "auth/api-keys", "strategy", "header"),
}
ANOTHER_MEANING = {
    "a raised limit": (*ME, "qos/ratelimit/router", "max_rate", 6),
    "a limit gone": (*ME, "qos/ratelimit/router", None),
    "an algorithm": (*ME, "auth/validator", "alg", "PS256"),
    "a backend's breaker gone": ("endpoints", 1, "backend", 0, "extra_config", None),
    "fields to keep": ("endpoints", 0, "backend", 0, "allow", ["mail"]),
    "a header more": ("endpoints", 0, "input_headers", ["X-User", "X-Other"]),
    "another strategy": ("endpoints", 1, "extra_config", "auth/api-keys", "strategy", "query_string"),
    "a header of the service": ("extra_config", "security/http", "frame_deny", None),
    "the service's agents": ("extra_config", "security/bot-detector", "deny", ["evil/2.0"]),
    "a key's roles": ("extra_config", "auth/api-keys", "keys", 1, "roles", ["admin", "shop"]),
    "the service's dialer": ("dialer_timeout", "61s"),
    "the Redis that limits are in": ("extra_config", "redis", "connection_pools", 0, "address", "other:6379"),
}


@pytest.mark.parametrize("change", OTHER_WORDS.values(), ids=OTHER_WORDS)
def test_the_same_in_other_words_passes(change):
    tree = changed(*change)
    assert tree != CONFIG
    assert failed(locks_of(CONFIG), tree) == {}
    assert failed(locks_of(tree), CONFIG) == {}


@pytest.mark.parametrize("change", ANOTHER_MEANING.values(), ids=ANOTHER_MEANING)
def test_another_meaning_fails(change):
    tree = changed(*change)
    assert failed(locks_of(CONFIG), tree)
    assert failed(locks_of(tree), CONFIG)


def test_what_means_the_same_hides_nothing_that_does_not():
    tree = changed(*OTHER_WORDS["a duration"])
    tree["endpoints"][1]["backend"][0]["extra_config"]["qos/circuit-breaker"]["max_errors"] = 9
    assert list(failed(locks_of(CONFIG), tree)) == ["/orders"]
    tree["endpoints"][0]["extra_config"]["auth/validator"]["alg"] = "PS256"
    assert list(failed(locks_of(CONFIG), tree)) == ["/me", "/orders"]


def test_two_tests_of_one_endpoint_are_judged_apart():
    tree = changed(*OTHER_WORDS["a duration"])
    other, _, _ = locks_of(changed(*ANOTHER_MEANING["a raised limit"]))
    same, _, _ = locks_of(CONFIG)
    for locks in ([same, other], [other, same]):
        assert failed([{**one, "name": str(number)} for number, one in enumerate(locks)], tree) == {
            "/me": ["settings qos/ratelimit/router.max_rate", "settings qos/ratelimit/router.every"]
        }


def test_settings_that_would_not_start_are_no_reason_to_pass():
    locks = locks_of(CONFIG)
    locks[0]["lets_through"]["settings"]["auth/validator"]["alg"] = "no-such"
    assert list(failed(locks, changed(*OTHER_WORDS["a breaker's log"]))) == ["/me"]


@pytest.mark.parametrize("users", [None, {}, {"eve": "$2b$04$k344.lqPYQ2waUXvL6y.JutphX9eLB2mGC.Od4NoE4esyWKboQlzO"}])
def test_secret_that_is_gone_is_no_other_word_for_it(users):
    basic = {"users": {"ann": "$2b$04$k344.lqPYQ2waUXvL6y.JutphX9eLB2mGC.Od4NoE4esyWKboQlzO"}}
    tree = changed("endpoints", 1, "extra_config", {"auth/basic": basic})
    locks = locks_of(tree)
    assert failed(locks, tree) == {}
    basic["users"] = users
    assert set(failed(locks, tree)) == {"/orders"}


def test_files_of_krakend_1_are_judged_by_their_own_names():
    tree = {
        "version": 2,
        "host": ["http://shop:8000"],
        "endpoints": [
            {
                "endpoint": "/me",
                "headers_to_pass": ["X-User"],
                "backend": [{"url_pattern": "/me", "whitelist": ["name"]}],
                "extra_config": {"github.com/devopsfaith/krakend-ratelimit/juju/router": {"maxRate": 5}},
            }
        ],
    }
    same, other = copy.deepcopy(tree), copy.deepcopy(tree)
    same["endpoints"][0]["extra_config"]["github.com/devopsfaith/krakend-ratelimit/juju/router"]["clientMaxRate"] = 0
    del other["endpoints"][0]["extra_config"]
    assert failed(locks_of(tree), same) == {}
    assert list(failed(locks_of(tree), other)) == ["/me"]
    assert list(failed(locks_of(other), tree)) == ["/me"]
