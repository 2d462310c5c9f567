"""The answer about a pasted policy: plain data that is the same policy again, however much was pasted."""

import json
from typing import Any

import msgspec
import pytest

from crossgate.cli.pasted_answer import MAX_DIAGNOSTICS
from crossgate.cli.policy_answer import answer
from crossgate.cors.config import CorsConfig
from crossgate.demo.pasted import read_pasted
from tests.support.work import calls_of

BLOCK = {"allow_origins": ["https://a.example"], "max_age": "1h", "allow_credentials": True}
OWN = {"allow_origins": ["https://*.example.com"], "rules": [BLOCK | {"max_age": 60}], "upstream": "pass"}


def asked(policy: Any, version: int = 3) -> dict[str, Any]:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    said = answer({"policy": text, "version": version})
    return json.loads(json.dumps(said))  # type: ignore[no-any-return]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("policy", [BLOCK, {}, {"crossgate/cors": OWN}, {"security/cors": BLOCK}])
def test_plain_data_is_the_same_policy_again(policy: dict[str, Any], version: Any) -> None:
    said, pasted = asked(policy, version), read_pasted(json.dumps(policy), version)
    config = None if pasted.policy is None else pasted.policy.config
    assert said["starts"] is pasted.starts
    assert (said["config"] and msgspec.convert(said["config"], CorsConfig)) == config
    assert (said["block"], said["version"], said["note"]) == (pasted.block, pasted.version, pasted.note)


def test_errors_come_first_and_no_page_gets_more_of_them_than_it_can_show() -> None:
    said = asked({f"unknown{number}": 1 for number in range(1_000)} | {"allow_origins": 1})
    assert len(said["diagnostics"]) == MAX_DIAGNOSTICS
    assert said["more_diagnostics"] >= 1_001 - MAX_DIAGNOSTICS
    assert said["diagnostics"][0]["severity"] == "error"
    assert not said["starts"]


@pytest.mark.parametrize("letters", ["k", "allow_origin_and_more", "k" * 60])
def test_key_that_resembles_nothing_costs_little(letters: str) -> None:
    few, many = ({"allow_origins": ["*"], **{f"{letters}{one}": 1 for one in range(count)}} for count in (100, 600))
    asked(few)
    for_each = (calls_of(lambda: asked(many)) - calls_of(lambda: asked(few))) / 500
    assert for_each < 2_200
