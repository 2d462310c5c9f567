"""Endpoints taken over from another version of a file are what decoding them would have given, wherever they stand."""

import copy
import json
import lzma
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import Loaded
from crossgate.config.document import EndpointNode
from crossgate.config.load import load_text
from tests.property.test_written_suites import CONFIG
from tests.support.changed_configurations import CHANGES, SPELLINGS, changed
from tests.support.work import calls_of, many_endpoints

DATA = Path(__file__).parents[2] / "data"


def load(tree: Any, **more: Any) -> Loaded:
    return load_text(json.dumps(tree).encode(), components=COMPONENTS, **more)


def nodes(loaded: Loaded) -> tuple[EndpointNode, ...]:
    assert loaded.document is not None
    return loaded.document.endpoints


def taken_over(old: Loaded, new: Loaded) -> list[int]:
    """The endpoints of the second whose backends are those of the first."""
    known = {id(node.config.backends) for node in nodes(old)}
    return [number for number, node in enumerate(nodes(new)) if id(node.config.backends) in known]


def comparable(loaded: Loaded) -> Any:
    """The model and the endpoints, policies as the text that says all of them: they are equal to themselves alone."""
    config = loaded.config
    assert config is not None
    endpoints = [replace(node, config=replace(node.config, cors=repr(node.config.cors))) for node in nodes(loaded)]
    return replace(config, cors=repr(config.cors), endpoints=()), endpoints


def check(old: Any, new: Any, **more: Any) -> list[int]:
    before = load(old, is_quiet=True, **more)
    after = load(new, is_quiet=True, like=before.document, **more)
    assert comparable(after) == comparable(load(new, **more))
    assert after.config is not None
    assert [each.index for each in after.config.endpoints] == [
        node.config.index for node in nodes(after) if node.served
    ]
    return taken_over(before, after)


def test_of_changed_configurations_the_model_is_the_same_as_without() -> None:
    random_ = random.Random(5)
    count = 0
    for _ in range(60):
        _, old = changed(CONFIG, random_, CHANGES, random_.choice((0, 1, 3)))
        _, new = changed(old, random_, {**CHANGES, **SPELLINGS}, random_.choice((1, 2, 4)))
        if load(old).config is not None and load(new).config is not None:
            count += len(check(old, new))
    assert count > 200


@pytest.mark.parametrize("name", ["corpus_auth", "corpus_limits", "corpus_plugins"])
def test_of_real_files_the_model_is_the_same_as_without(name: str) -> None:
    for tree in json.loads(lzma.decompress((DATA / f"{name}.json.xz").read_bytes())).values():
        if load(tree, allow_unsupported=True).config is None:
            continue
        moved = {**tree, "endpoints": [{"endpoint": "/new", "backend": [{"url_pattern": "/"}]}, *tree["endpoints"]]}
        for new in (tree, moved):
            check(tree, new, allow_unsupported=True)


def test_endpoints_that_moved_are_taken_over_with_their_new_places() -> None:
    old = many_endpoints(6)
    new = copy.deepcopy(old)
    new["endpoints"].insert(2, {"endpoint": "/new", "backend": [{"url_pattern": "/new"}]})
    del new["endpoints"][4]
    assert check(old, new) == [0, 1, 3, 4, 5]


CHANGED: dict[str, Callable[[Any], Any]] = {
    "an encoding": lambda tree: tree.update(output_encoding="negotiate"),
    "parameters": lambda tree: tree.update(disable_rest=True),
    "a validator": lambda tree: tree["extra_config"].update(
        {"auth/validator": {"alg": "RS256", "jwk_url": "https://i"}}
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_endpoints_inherit_otherwise_is_made_anew(what: str) -> None:
    new = many_endpoints(4)
    CHANGED[what](new)
    assert check(many_endpoints(4), new) == []


INHERITED: dict[str, Any] = {"timeout": "9s", "cache_ttl": "9s", "host": ["http://other:8080", "http://more:8080"]}


@pytest.mark.parametrize("name", INHERITED)
def test_what_is_inherited_and_stands_beside_the_rest_is_exchanged(name: str) -> None:
    old = many_endpoints(9)
    old |= {"timeout": "3s", "cache_ttl": "4s", "host": ["http://first:8080"]}
    own = {"timeout": ["3s", "0s", "5s", 0], "cache_ttl": ["4s", "0s", "5s", 0]}
    for number, (timeout, ttl) in enumerate(zip(own["timeout"], own["cache_ttl"], strict=True)):
        old["endpoints"][number] |= {"timeout": timeout, "cache_ttl": ttl}
    hosts: list[Any] = [[], ["http://first:8080"], ["http://own:8080"], ["first:8080"]]
    for endpoint, host in zip(old["endpoints"][4:], hosts, strict=False):
        endpoint["backend"] = [{"url_pattern": "/", "host": host}, {"url_pattern": "/more", "group": "more"}]
    new = {**copy.deepcopy(old), name: INHERITED[name]}
    check(old, new)
    check(new, old)
    before = load(old, is_quiet=True)
    after = load(new, is_quiet=True, like=before.document)
    known = {id(node.config.components) for node in nodes(before)}
    assert id(nodes(after)[8].config.components) in known


def test_other_hosts_of_the_service_are_closed_where_they_are_of_https_and_that_is_not_run() -> None:
    old = {**many_endpoints(3), "client_tls": {"allow_insecure_connections": True}}
    new = {**old, "host": ["https://other:8080"]}
    check(old, new, allow_unsupported=True)
    check(new, old, allow_unsupported=True)


def test_another_policy_of_the_service_changes_policies_of_endpoints_alone() -> None:
    old = many_endpoints(4)
    own = {"crossgate/cors": {"expose_headers": ["X-Id"]}}
    old["endpoints"][1]["extra_config"].update(own)
    new = copy.deepcopy(old)
    new["extra_config"]["security/cors"]["allow_origins"].append("https://more.example.com")
    assert check(old, new) == [0, 1, 2, 3]
    new["extra_config"]["security/cors"]["allow_credentials"] = True
    old["extra_config"]["security/cors"]["allow_origins"] = ["*"]
    old["endpoints"][1]["extra_config"]["crossgate/cors"]["allow_origins"] = ["*"]
    check(old, copy.deepcopy(old))
    check(old, new)
    assert check(old, copy.deepcopy(old)) == [0, 1, 2, 3]


def test_one_is_not_true() -> None:
    def tree(value: Any) -> Any:
        backend = {"url_pattern": "/", "extra_config": {"proxy": {"static": {}}}}
        static = {"proxy": {"static": {"strategy": "always", "data": {"value": value}}}}
        return {
            "version": 3,
            "host": ["http://b"],
            "endpoints": [{"endpoint": "/a", "backend": [backend], "extra_config": static}],
        }

    assert check(tree(1), tree(True)) == []
    assert check(tree(1), tree(1.0)) == []
    assert check(tree(True), tree(True)) == [0]


def test_an_endpoint_that_files_are_read_for_is_made_anew() -> None:
    key = {"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "1", "alg": "HS256"}]}
    validator = {"alg": "HS256", "jwk_local_path": "keys.json", "disable_jwk_security": True}
    tree = many_endpoints(3)
    tree["endpoints"][1]["extra_config"] = {"auth/validator": validator}

    def read(text: str) -> Loaded:
        return load(tree, is_quiet=True, read_file=lambda _: text.encode())

    before = read(json.dumps(key))
    assert before.config is not None
    after = load(tree, is_quiet=True, like=before.document, read_file=lambda _: json.dumps(key).encode())
    assert taken_over(before, after) == [0, 2]


def test_what_a_component_says_of_its_place_is_not_taken_over() -> None:
    script = {"modifier/lua-proxy": {"pre": "local a = 1", "live": False}}
    tree = many_endpoints(3)
    tree["endpoints"][2]["extra_config"] = script
    assert check(tree, copy.deepcopy(tree)) == [0, 1]


OF_ENDPOINTS: dict[str, Any] = {
    "auth/basic": {"users": {"ada": "$2b$10$" + "a" * 53}},
    "documentation/openapi": {"summary": "what for"},
    "qos/ratelimit/router": {"max_rate": 5, "client_max_rate": 1, "strategy": "header", "key": "X-Client"},
    "security/bot-detector": {"deny": ["a"], "patterns": ["b"]},
    "telemetry/opentelemetry": {"proxy": {"disable_metrics": True}},
    "validation/cel": [{"check_expr": "'a' in req_headers"}],
    "validation/json-schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
    "auth/validator": {"alg": "RS256", "jwk_url": "https://id.example.com/keys", "roles": ["a"]},
}
OF_BACKENDS: dict[str, Any] = {
    "auth/client-credentials": {"client_id": "a", "client_secret": "b", "token_url": "http://id:8080/token"},
    "backend/graphql": {"type": "query", "query": "{ find_follower { items } }"},
    "modifier/martian": {"header.Modifier": {"scope": ["request"], "name": "X", "value": "y"}},
    "qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 1},
    "qos/http-cache": {"shared": True},
    "qos/ratelimit/proxy": {"max_rate": 5, "capacity": 5},
    "validation/cel": [{"check_expr": "resp_data.a == 1"}],
}


def test_no_value_of_a_component_that_stands_alone_says_where_it_stands() -> None:
    signer = {"alg": "HS256", "kid": "1", "jwk_url": "https://id.example.com/keys", "keys_to_sign": ["a"]}
    backend = {"url_pattern": "/", "extra_config": OF_BACKENDS}
    own = [
        {"endpoint": "/all", "method": "POST", "backend": [backend], "extra_config": OF_ENDPOINTS},
        {"endpoint": "/signed", "backend": [{"url_pattern": "/"}], "extra_config": {"auth/signer": signer}},
    ]
    exporters = {"otlp": [{"name": "a", "host": "localhost"}]}
    service = {"telemetry/opentelemetry": {"exporters": exporters}}
    every = {"version": 3, "host": ["http://backend:8080"], "extra_config": service, "endpoints": own}
    standing = {component.name for component in COMPONENTS if component.stands_alone}
    seen = set()
    for tree in (every, CONFIG):
        for node in nodes(load(tree, allow_unsupported=True)):
            for values in (node.config.components, *[backend.components for backend in node.config.backends]):
                for name in values.keys() & standing:
                    assert "$.endpoints" not in repr(values[name])
                    seen.add(name)
    assert seen == standing
    assert check(every, copy.deepcopy(every)) == [0, 1]


def test_of_a_file_with_errors_all_is_said_that_is_said_without() -> None:
    old, new = many_endpoints(30), many_endpoints(30)
    new["endpoints"][7]["backend"] = []
    after, plain = load(new, is_quiet=True, like=load(old, is_quiet=True).document), load(new)
    assert after.config is None
    assert after.diagnostics == plain.diagnostics
    assert len({each.severity for each in plain.diagnostics}) > 1


def test_of_a_valid_file_nothing_is_said_where_nobody_wants_to_know() -> None:
    assert load(many_endpoints(10)).diagnostics
    quiet = load(many_endpoints(10), is_quiet=True)
    assert comparable(quiet) == comparable(load(many_endpoints(10)))
    assert quiet.diagnostics == ()
    assert [each.severity for each in load(many_endpoints(10), is_quiet=True, strict=True).diagnostics]


def test_taking_over_is_a_fraction_of_the_work() -> None:
    old = load(many_endpoints(200), is_quiet=True).document
    new = many_endpoints(200)
    new["endpoints"][3]["timeout"] = "7s"
    load(new, is_quiet=True, like=old)  # what is imported when first used
    anew = calls_of(lambda: load(new, is_quiet=True))
    assert calls_of(lambda: load(new, is_quiet=True, like=old)) < anew / 2


def test_a_file_is_valid_quietly_exactly_where_it_is_valid() -> None:
    """Rules that only warn are not asked then; where one of the others finds something, all is said."""
    golden = sorted((Path(__file__).parents[1] / "rules/golden").glob("*/*"))
    broken = 0
    for path in golden:
        if path.suffix not in (".json", ".yaml", ".yml", ".toml"):
            continue
        text = path.read_bytes()
        quiet = load_text(text, name=path.name, components=COMPONENTS, is_quiet=True)
        loud = load_text(text, name=path.name, components=COMPONENTS)
        assert (quiet.config is None) == (loud.config is None), path
        assert quiet.diagnostics == (loud.diagnostics if loud.config is None else ()), path
        broken += loud.config is None
    assert broken > 20


def test_within_a_file_policies_and_schemas_of_the_same_words_are_one_and_of_others_are_not() -> None:
    def endpoint(number: int, schema: Any, cors: Any) -> dict[str, Any]:
        extra = {"validation/json-schema": schema, "crossgate/cors": cors}
        return {"endpoint": f"/{number}", "method": "POST", "backend": [{"url_pattern": "/"}], "extra_config": extra}

    app, other = ({"allow_origins": [f"https://{name}.example.com"]} for name in ("app", "other"))
    noted = {"allow_origins": ["https://app.example.com/"]}
    schemas: list[Any] = [{"const": 1}, {"const": True}, {"const": 1}, {"const": 1.0}, {"const": None}, {"const": 1}]
    policies = [app, other, app, noted, noted, app]
    endpoints = [endpoint(number, *pair) for number, pair in enumerate(zip(schemas, policies, strict=True))]
    loaded = load({"version": 3, "host": ["http://backend:8080"], "endpoints": endpoints})
    told = [each.path for each in loaded.diagnostics if "cors" in each.path]
    assert [f"$.endpoints[{number}]" in "".join(told) for number in range(6)] == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]
    del endpoints[3:5]
    loaded = load({"version": 3, "host": ["http://backend:8080"], "endpoints": endpoints})
    assert loaded.config is not None
    values = [each.components["json_schema"] for each in loaded.config.endpoints]
    assert [repr(value.schema) for value in values] == [
        "{'const': 1}",
        "{'const': True}",
        "{'const': 1}",
        "{'const': 1}",
    ]
    assert values[0] is values[2] is values[3]
    own = [each.cors for each in loaded.config.endpoints]
    assert own[0] is own[2] is own[3] is not own[1]
