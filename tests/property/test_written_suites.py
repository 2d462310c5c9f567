"""The suite that `crossgate test --init` writes notices what changes: of mutated configurations, nearly every one.

What it does not notice are mutants that mean the same, and a limit behind a circuit breaker that opens while it is
measured.
"""

import copy
import json
import random
from collections import Counter

from crossgate.compare.expected_settings import without_other_words
from crossgate.compare.plans import compiled
from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.testing.init.observe import Observer
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree
from tests.support.changed_configurations import SPELLINGS
from tests.support.mutated_configurations import MUTATIONS, mutants

NOW_SECONDS = 1_790_000_000.0
MUTANTS = 130
CONFIG = {
    "version": 3,
    "host": ["http://shop:8000"],
    "timeout": "3s",
    "extra_config": {
        "security/cors": {
            "allow_origins": ["https://shop.example", "https://*.partner.example"],
            "allow_methods": ["GET", "POST", "PUT"],
            "allow_headers": ["Authorization", "Content-Type", "X-Trace"],
            "expose_headers": ["X-Total"],
            "max_age": "1h",
            "allow_credentials": True,
        },
        "auth/api-keys": {
            "keys": [{"key": "k-1", "roles": ["partner"]}, {"key": "k-2", "roles": ["admin"]}],
            "strategy": "header",
            "identifier": "X-Key",
        },
        "security/bot-detector": {"deny": ["evil/1.0", "worse/2"]},
    },
    "endpoints": [
        {
            "endpoint": "/users/{id}",
            "output_encoding": "no-op",
            "input_headers": ["X-Trace", "Accept-Language"],
            "input_query_strings": ["page", "sort"],
            "backend": [{"url_pattern": "/u/{id}"}],
        },
        {
            "endpoint": "/me",
            "input_headers": ["Authorization"],
            "backend": [{"url_pattern": "/me", "allow": ["name", "mail"]}],
            "extra_config": {
                "auth/validator": {
                    "alg": "ES256",
                    "jwk_url": "https://id.example/keys",
                    "issuer": "https://id.example",
                    "audience": ["shop"],
                    "roles": ["user", "admin"],
                }
            },
        },
        {
            "endpoint": "/orders",
            "method": "POST",
            "input_headers": ["*"],
            "backend": [
                {
                    "method": "POST",
                    "url_pattern": "/orders",
                    "deny": ["secret"],
                    "mapping": {"id": "number"},
                    "group": "order",
                },
                {"host": ["http://stock:9000"], "url_pattern": "/stock", "target": "data"},
            ],
        },
        {
            "endpoint": "/partner",
            "backend": [
                {
                    "url_pattern": "/p",
                    "extra_config": {"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 3}},
                }
            ],
            "extra_config": {"auth/api-keys": {"roles": ["partner"]}},
        },
        {
            "endpoint": "/limited",
            "backend": [{"url_pattern": "/l", "extra_config": {"qos/ratelimit/proxy": {"max_rate": 9, "capacity": 9}}}],
            "extra_config": {
                "qos/ratelimit/router": {
                    "max_rate": 5,
                    "capacity": 5,
                    "client_max_rate": 2,
                    "client_capacity": 2,
                    "strategy": "ip",
                }
            },
        },
    ],
}


def player_of(tree):
    loaded = load_text(json.dumps(tree).encode(), components=COMPONENTS)
    if loaded.config is None:
        return None
    return Player(loaded.config, COMPONENTS, {}, NOW_SECONDS, document=loaded.document)


def written_suite():
    with player_of(CONFIG) as player:
        observer = Observer(player)
        tests = list(observer.tests())
    suite = suite_of_tree({**observer.head, "tests": tests}, "written").suite
    assert suite is not None
    return suite


def reloaded(tree):
    config = load_text(json.dumps(tree).encode(), components=COMPONENTS).config
    return None if config is None else compiled(config, {})


def test_written_suite_passes_where_the_same_is_said_in_other_words():
    suite = written_suite()
    made = 0
    for number, (kind, change) in enumerate(SPELLINGS.items()):
        tree = copy.deepcopy(CONFIG)
        if kind == "parameter renamed" or not change(tree, random.Random(number)):
            continue  # tests name endpoints as they are written
        made += 1
        with player_of(tree) as player:
            results = without_other_words(
                player.play(suite),
                lambda player=player: compiled(player.config, {}),
                player.document,
                reloaded,
                COMPONENTS,
            )
        assert [(kind, result) for result in results if not result.passed] == []
    assert made > 10


def test_written_suite_notices_what_changes():
    suite = written_suite()
    with player_of(CONFIG) as player:
        assert [result for result in player.play(suite) if not result.passed] == []
    noticed, made = Counter(), Counter()
    for kind, tree in mutants(CONFIG, 1, MUTANTS):
        made[kind] += 1
        player = player_of(tree)
        if player is None:  # it does not start any more
            noticed[kind] += 1
            continue
        with player:
            noticed[kind] += any(not result.passed for result in player.play(suite))
    assert sum(made.values()) == MUTANTS
    assert len(made) > 0.9 * len(MUTATIONS)
    missed = {kind: made[kind] - noticed[kind] for kind in made if noticed[kind] < made[kind]}
    assert sum(missed.values()) <= 0.1 * MUTANTS, missed
