"""Each change that an explanation proposes, made: the request gets past that check, and meets what it says follows."""

import copy
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.config.setting import written
from crossgate.config.source import parse
from crossgate.diagnostics.path import parse_path
from crossgate.explain.asked import AskedRequest, Logged
from crossgate.explain.explainer import Explainer
from crossgate.explain.explanation import Explanation
from tests.support.asked_again import asked_of
from tests.support.refusals import ORIGIN, Places, Situation, configurations, situations, token

NOT_SAYABLE = {"request.malformed", "request.coding-unknown", "request.version-unknown"}
"""Of requests that are no HTTP/1.1 to begin with."""
FOLLOWING = [one for one in situations() if one.follows_from_file and one.code not in NOT_SAYABLE]
HASH, PASSWORD = "$2b$04$eg5ZhZdhrf7rqAy8BJMF..n8D3xLcdALqUdtcN538Yo6WyjOIOQSe", "Basic b3BzOmNyb3NzZ2F0ZS10ZXN0"
Tree = dict[str, Any]
Made = Callable[[Tree, AskedRequest, Explanation], AskedRequest]
"""Makes a change: in the file, in place, or in the request, which it gives back."""


def at(tree: Any, path: str) -> Any:
    """The value there."""
    return inside(tree, parse_path(path))


def inside(tree: Any, steps: Any) -> Any:
    for step in steps:
        tree = tree[step]
    return tree


def with_field(name: str, value: str = "") -> Made:
    """The request with a field in the place of those of that name; without them where the value is empty."""

    def made(_tree: Tree, asked: AskedRequest, _found: Explanation) -> AskedRequest:
        fields = [field for field in asked.fields if field[0].lower() != name.lower()]
        return replace(asked, fields=(*fields, *([(name, value)] if value else [])))

    return made


def with_token(**claims: Any) -> Made:
    return lambda tree, asked, found: with_field(*token(**claims).split(": "))(tree, asked, found)


def with_target(target: str) -> Made:
    return lambda _tree, asked, _found: replace(asked, target=target)


def with_body(body: bytes) -> Made:
    return lambda _tree, asked, _found: replace(asked, body=body)


def in_file(change: Callable[[Tree, AskedRequest, Explanation], Any]) -> Made:
    def made(tree: Tree, asked: AskedRequest, found: Explanation) -> AskedRequest:
        change(tree, asked, found)
        return asked

    return made


def endpoint(tree: Tree, found: Explanation) -> Tree:
    value = at(tree, found.endpoint)
    assert isinstance(value, dict)
    return value


def remove(tree: Tree, _asked: AskedRequest, found: Explanation) -> None:
    """What stands at the path that decides."""
    *around, last = parse_path(found.path)
    del inside(tree, around)[last]


def add_endpoint(tree: Tree, asked: AskedRequest, found: Explanation) -> AskedRequest:
    """One for the request; of a method that no endpoint can have, another is used, as it is said."""
    if "No endpoint can have the method" in found.detail:
        asked = replace(asked, method="GET")
    new = {"endpoint": asked.target.partition("?")[0], "method": asked.method, "backend": [{"url_pattern": "/new"}]}
    tree["endpoints"].append(new)
    return asked


def raised(key: str) -> Made:
    return in_file(lambda tree, _asked, _found: tree["extra_config"]["crossgate/server"].update({key: 900_000}))


def set_cors(key: str, *values: str) -> Made:
    return in_file(lambda tree, _asked, _found: tree["extra_config"]["security/cors"].update({key: list(values)}))


def of_setting(tree: Tree, asked: AskedRequest, found: Explanation) -> AskedRequest:
    assert found.change is not None
    assert found.change.setting is not None
    text = written(parse(json.dumps(tree).encode(), name="k.json", format="json"), found.change.setting)
    assert text is not None
    tree.update(json.loads(text))
    return asked


def both(*changes: Made) -> Made:
    def made(tree: Tree, asked: AskedRequest, found: Explanation) -> AskedRequest:
        for change in changes:
            asked = change(tree, asked, found)
        return asked

    return made


def key_ring(tree: Tree) -> Tree:
    ring = tree["extra_config"]["auth/api-keys"]
    assert isinstance(ring, dict)
    return ring


def with_user(tree: Tree, _asked: AskedRequest, found: Explanation) -> None:
    endpoint(tree, found)["extra_config"]["auth/basic"]["users"] = {"ops": HASH}


def with_keys(tree: Tree, _asked: AskedRequest, found: Explanation) -> None:
    keys = tree["endpoints"][[one["endpoint"] for one in tree["endpoints"]].index("/token")]
    own = keys["extra_config"]["auth/validator"]
    endpoint(tree, found)["extra_config"]["auth/validator"] = {
        key: own[key] for key in ("alg", "jwk_local_path", "disable_jwk_security")
    }


CHANGES: dict[str, Made] = {
    "route.none": add_endpoint,
    "route.method": add_endpoint,
    "route.not-run": in_file(remove),
    "route.only-shadows": in_file(lambda tree, _, found: endpoint(tree, found)["backend"][0].pop("extra_config")),
    "route.led-elsewhere": with_field("X-Do"),
    "path.invalid": with_target("/items/one"),
    "path.unsafe-value": with_token(),
    "path.invalid-url": with_target("/items/one"),
    "host.not-answered": of_setting,
    "bot.detected": of_setting,
    "request.method-unknown": lambda _tree, asked, _found: replace(asked, method="GET"),
    "request.expectation": with_field("Expect"),
    "request.head-too-large": raised("max_head_bytes"),
    "request.target-too-long": raised("max_target_bytes"),
    "request.body-too-large": raised("max_body_bytes"),
    "cors.several-origins": with_field("Origin", ORIGIN),
    "cors.origin-too-long": with_field("Origin", ORIGIN),
    "cors.origin-malformed": with_field("Origin", ORIGIN),
    "cors.origin-not-listed": set_cors("allow_origins", ORIGIN, "https://evil.example"),
    "cors.method-not-listed": set_cors("allow_methods", "GET", "PUT"),
    "cors.headers-too-long": with_field("Access-Control-Request-Headers", "x-listed"),
    "cors.headers-malformed": with_field("Access-Control-Request-Headers", "x-listed"),
    "cors.header-not-listed": set_cors("allow_headers", "X-Listed", "X-Secret"),
    "cors.header-not-lower-case": with_field("Access-Control-Request-Headers", "x-listed"),
    "cors.header-repeated": with_field("Access-Control-Request-Headers", "x-listed"),
    "cors.headers-not-sorted": with_field("Access-Control-Request-Headers", "x-listed,x-other"),
    **{
        f"token.{word}": with_token()
        for word in (
            "missing", "malformed", "issuer-unknown", "alg", "key", "signature", "claim", "issuer", "audience",
            "not-yet", "expired", "from-the-future", "refused", "role", "scope", "claim-needed", "claim-unusable",
        )
    },
    "token.none-holds": in_file(with_keys),
    "key.missing": with_field("Authorization", "Bearer chief"),
    "key.unknown": in_file(lambda tree, _, __: key_ring(tree)["keys"].append({"key": "nobody", "roles": ["admin"]})),
    "key.role": in_file(lambda tree, _, __: key_ring(tree)["keys"][0]["roles"].append("admin")),
    "basic.missing": both(in_file(with_user), with_field("Authorization", PASSWORD)),
    "basic.wrong": both(in_file(with_user), with_field("Authorization", PASSWORD)),
    "limit.unnamed": with_field("X-Client", "me"),
    "schema.invalid": with_body(b"{}"),
    "schema.no-json": with_body(b"{}"),
    "schema.too-large": with_body(b"{}"),
    "cel.request": with_target("/cel/good"),
    "lua.refused": in_file(remove),
    "lua.failed": in_file(remove),
    "martian.refused": in_file(remove),
    "martian.failed": in_file(remove),
    "graphql.variables": with_body(b'{"a": 1}'),
    "plugin.refused": with_field("X-Do"),
    "plugin.failed": with_field("X-Do"),
    "signer.no-key": in_file(
        lambda tree, _, found: endpoint(tree, found)["extra_config"]["auth/signer"].update(kid="k")
    ),
    "cache.only-if-cached": with_field("Cache-Control"),
    "upstream.request": in_file(lambda tree, _, found: endpoint(tree, found)["backend"][0].pop("host")),
}  # fmt: skip


class Asker:
    """Explains requests to files of one folder."""

    def __init__(self, folder: Any) -> None:
        self.folder = folder
        self.trees = {
            name: json.loads(text)
            for name, text in configurations(folder, Places("127.0.0.1:9001", "127.0.0.1:9002")).items()
        }

    def tree(self, config: str, target: str) -> Tree:
        """The file, with those endpoints alone that may have to do with that target."""
        tree = copy.deepcopy(self.trees[config])
        first = target.partition("?")[0].split("/")[1]
        tree["endpoints"] = [
            one for one in tree["endpoints"] if one["endpoint"].split("/")[1] in (first, "plain", "own", "token")
        ]
        return tree

    def explain(self, tree: Tree, asked: AskedRequest) -> Explanation:
        path = self.folder / "changed.json"
        path.write_text(json.dumps(tree))
        parts = all_components()
        loaded = load_file(str(path), environ=os.environ, allow_unsupported=True, serving=False, components=parts)
        assert loaded.config is not None, [found.message for found in loaded.diagnostics]
        assert loaded.document is not None
        with Explainer(loaded, loaded.config, loaded.document, parts, os.environ, time.time()) as explainer:
            return explainer.explain(asked)


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    return Asker(tmp_path_factory.mktemp("changed"))


@pytest.mark.parametrize("one", FOLLOWING, ids=[f"{number}-{one.code}" for number, one in enumerate(FOLLOWING)])
def test_a_change_that_is_made_lets_the_request_past_that_check(asker: Asker, one: Situation) -> None:
    asked = asked_of(one.request)
    tree = asker.tree(one.config, asked.target)
    before = asker.explain(tree, asked)
    assert before.reason == one.code
    assert before.change is not None
    asked = CHANGES[one.code](tree, asked, before)
    after = asker.explain(tree, asked)
    assert (after.reason, after.path) != (before.reason, before.path)
    if before.then:
        assert after.reason == before.then[0].reason
    elif before.passes_then:
        assert after.answer != "refused", after.reason


GUARDED: Tree = {
    "version": 3,
    "host": ["http://backend:8000"],
    "extra_config": {
        "security/http": {"allowed_hosts": ["api.example"]},
        "security/bot-detector": {"deny": ["evil"]},
        "crossgate/server": {"max_target_bytes": 40},
    },
    "endpoints": [
        {
            "endpoint": "/orders",
            "method": "POST",
            "extra_config": {
                "security/bot-detector": {"patterns": ["vil"]},
                "auth/validator": {
                    "alg": "HS256",
                    "jwk_local_path": "keys.json",
                    "disable_jwk_security": True,
                    "audience": ["shop"],
                    "roles": ["admin"],
                },
                "validation/json-schema": {"type": "object", "required": ["name"]},
                "validation/cel": [
                    {"check_expr": "req_method == 'GET'"},
                    {"check_expr": "req_headers['X-A'][0] == 'a'"},
                ],
            },
            "backend": [{"url_pattern": "/{JWT.dept}", "extra_config": {"modifier/lua-backend": {"pre": "a = b.c"}}}],
        }
    ],
}
INWARD = [
    "request.target-too-long",
    "host.not-answered",
    "bot.detected",
    "bot.detected",
    "token.audience",
    "token.expired",
    "token.role",
    "token.claim-needed",
    "cel.request",
    "cel.request",
    "schema.invalid",
    "lua.failed",
]


def test_checks_behind_one_another_are_named_in_order_and_each_is_the_next(asker: Asker) -> None:
    tree = json.loads(json.dumps(GUARDED).replace('"keys.json"', json.dumps(str(asker.folder / "keys.json"))))
    name, _, value = token(aud="books", exp=1000, roles=["guest"], dept=None).partition(": ")
    fields = ((name, value), ("User-Agent", "evil"), ("Content-Type", "application/json"))
    asked = AskedRequest("POST", "http", "other.example", "/orders?x=" + "1" * 40, fields, b"{}")
    found = asker.explain(tree, asked)
    said = [found.reason, *(one.reason for one in found.then)]
    assert said == INWARD[: len(said)]
    assert len(said) > 8
    assert not found.passes_then
    of_inner = asker.explain(
        tree,
        replace(asked, host="api.example", target="/orders", fields=(fields[0], fields[2])),
    )
    said = [of_inner.reason, *(one.reason for one in of_inner.then)]
    assert said == INWARD[4:]
    assert of_inner.passes_then
    assert len({one.change.path for one in of_inner.then}) == len(of_inner.then)


def test_a_request_from_a_log_is_promised_nothing(asker: Asker) -> None:
    asked = asked_of(next(one for one in FOLLOWING if one.code == "token.role").request)
    logged = replace(asked, logged=Logged(403, "/token", "token.role", has_reason=True))
    found = asker.explain(asker.tree("main", "/token"), logged)
    assert found.change is not None
    assert (found.then, found.passes_then) == ((), False)
