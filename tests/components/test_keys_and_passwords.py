"""API keys and basic authentication: what they cannot be built with, and that nothing of them is shown."""

import hashlib
import json
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from crossgate.components import COMPONENTS
from crossgate.components.api_keys.config import hashed
from crossgate.config import Loaded, load_text
from crossgate.plan import Identity, compile_plan, render_json, render_text
from tests.support.component_gateway import ask
from tests.support.configurations import endpoint, service

HASH = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
KEYS = {"keys": [{"key": "my-very-own-key", "roles": ["a"]}]}


def loaded(at_service: Any, at_endpoint: Any, name: str) -> Loaded:
    extra = {} if at_service is None else {"extra_config": {name: at_service}}
    tree = service(**extra, endpoints=[endpoint(extra_config={name: at_endpoint})])
    return load_text(json.dumps(tree).encode(), components=COMPONENTS)


@pytest.mark.parametrize(
    ("at_service", "at_endpoint"),
    [
        (None, {"roles": ["a"]}),
        ([], {}),
        ({"keys": "x"}, {}),
        ({"keys": [{"key": ""}]}, {}),
        ({"keys": [{"key": 5}]}, {}),
        (KEYS | {"hash": "md5"}, {}),
        (KEYS | {"strategy": "cookie"}, {}),
        (KEYS, {"roles": "a"}),
        (KEYS, {"role": ["a"]}),
        (KEYS, []),
        (KEYS, {"client_max_rate": "5"}),
    ],
)
def test_api_keys_that_cannot_be_checked_prevent_the_start(at_service: Any, at_endpoint: Any) -> None:
    found = loaded(at_service, at_endpoint, "auth/api-keys")
    assert found.config is None
    assert "CFG406" in {diagnostic.code for diagnostic in found.diagnostics}


@pytest.mark.parametrize(
    "keys",
    [
        [],
        {"users": {"ann": "secret"}},
        {"users": {"ann": "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="}},
        {"users": {"ann": HASH.replace("$04$", "$15$")}},
        {"users": {"": HASH}},
        {"users": [HASH]},
        {"htpasswd_path": "/nowhere/at/all"},
        {"user": {"ann": HASH}},
    ],
)
def test_users_that_cannot_be_checked_prevent_the_start(keys: Any) -> None:
    assert loaded(None, keys, "auth/basic").config is None


def test_neither_keys_nor_hashes_are_shown_in_plans_and_messages() -> None:
    for name, at_service, at_endpoint in (
        ("auth/api-keys", KEYS, {"roles": ["a"]}),
        ("auth/basic", {"users": {"ann": HASH}}, {}),
    ):
        found = loaded(at_service, at_endpoint, name)
        assert found.config is not None
        plan = compile_plan(found.config, identity=Identity.own("0"))
        shown = render_text(plan) + render_json(plan) + repr(found.config) + repr(found.diagnostics)
        for secret in ("my-very-own-key", hashlib.sha256(b"my-very-own-key").hexdigest(), HASH):
            assert secret not in shown


def test_keys_are_hashed_as_the_file_says() -> None:
    assert hashed(b"key", "sha256", b"salt") == hashlib.sha256(b"saltkey").hexdigest().encode()
    assert hashed(b"key", "sha1", b"") == hashlib.sha1(b"key").hexdigest().encode()
    assert hashed(b"", "fnv128", b"") == b"6c62272e07bb014262b821756295c58d"
    assert hashed(b"a", "fnv128", b"") == b"d228cb69101a8caf78912b704e4a141e"


def test_one_file_gives_one_plan_whoever_reads_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text('{"keys": [{"kty": "oct", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}')
    validator = {"alg": "HS256", "jwk_local_path": str(keys), "disable_jwk_security": True}
    bots = {"security/bot-detector": {"deny": ["b", "a", "c", "é"]}}
    tree = service(endpoints=[endpoint(extra_config={"auth/validator": validator, **bots})])
    plans = []
    for _ in range(2):
        found = load_text(json.dumps(tree).encode(), components=COMPONENTS)
        assert found.config is not None
        plans.append(compile_plan(found.config, identity=Identity.own("0")))
    assert plans[0] == plans[1]
    assert render_json(plans[0]) == render_json(plans[1])
    assert '["a", "b", "c", "é"]' in render_text(plans[0])
    keys.write_text('{"keys": [{"kty": "oct", "k": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"}]}')
    changed = load_text(json.dumps(tree).encode(), components=COMPONENTS)
    assert changed.config is not None
    assert compile_plan(changed.config, identity=Identity.own("0")) != plans[0]


@pytest.mark.parametrize(
    ("of_key", "needed", "told"),
    [
        (["a", "b"], ["b", "c"], "b"),
        (["b", "a"], ["a", "b"], "b"),
        (["a", "b"], None, "ANY"),
        (["a", "b"], [], "ANY"),
        ([], None, "ANY"),
    ],
)
def test_backends_are_told_the_first_role_of_the_key_that_is_asked_for(
    of_key: list[str], needed: list[str] | None, told: str
) -> None:
    ring = {"identifier": "X-Key", "propagate_role": "X-Role", "keys": [{"key": "k", "roles": of_key}]}
    demand = {} if needed is None else {"roles": needed}
    at = endpoint(input_headers=["X-Role"], extra_config={"auth/api-keys": demand})
    answered = ask(
        service(extra_config={"auth/api-keys": ring}, endpoints=[at]),
        at["endpoint"],
        fields=[("X-Key", "k"), ("X-Role", "forged")],
    )
    assert (answered.status, answered.sent("x-role")) == (200, [told])
