"""Limits by tiers: which tier a request has, and what policies a file may have."""

import json
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.rate_limit.model import Policy, TierValue
from crossgate.components.rate_limit.policy import PolicyError, build_policy, check_policy
from crossgate.components.rate_limit.tiered_gate import first_fit
from crossgate.config import load_text
from tests.support.limited_gateways import asked, tree

GOLD = Policy("value.matches('^(gold|platinum)$')")
USERS = Policy("value.matches('User-[a-zA-Z]+')")


def limited(capacity: int) -> dict[str, Any]:
    return {"max_rate": 1, "every": "24h", "capacity": capacity}


def tiers(*given: tuple[str, str, int]) -> dict[str, Any]:
    """An endpoint's limits: how a value is read, the value, and how many requests may pass."""
    made = [{"tier_value_as": manner, "tier_value": value, "ratelimit": limited(most)} for manner, value, most in given]
    return {"qos/ratelimit/tiered": {"tier_key": "X-Plan", "tiers": made}}


def test_policy_chooses_the_tier_of_a_request_and_its_requests_share_one_limit() -> None:
    file = tree(tiers(("policy", GOLD.text, 2), ("policy", USERS.text, 1), ("*", "", 1)))
    plans = ["gold", "platinum", "gold", "User-Ann", "my User-Bob", "silver", "bronze"]
    requests: list[dict[str, str]] = [*({"X-Plan": plan} for plan in plans), {}]
    assert asked(file, *requests) == [502, 502, 503, 502, 503, 502, 503, 503]


def test_policies_hold_at_the_service_too() -> None:
    file = tree({}, tiers(("policy", "value == ''", 1)))
    assert asked(file, {}, {}, {"X-Plan": "a"}, {"X-Plan": "a"}) == [502, 503, 502, 502]


@pytest.mark.parametrize(
    ("order", "value", "expected"),
    [
        ((b"gold", GOLD, None), b"gold", 0),
        ((GOLD, b"gold", None), b"gold", 0),
        ((b"silver", GOLD, b"gold", None), b"gold", 1),
        ((b"silver", b"gold", GOLD, None), b"gold", 1),
        ((b"silver", b"gold", GOLD, None), b"platinum", 2),
        ((b"silver", b"gold", GOLD, None), b"copper", 3),
        ((b"silver", b"gold", GOLD), b"copper", 3),
        ((None, GOLD, b"gold"), b"gold", 0),
        ((b"a", None, b"b", GOLD), b"b", 1),
        ((b"a", b"a"), b"a", 0),
        ((Policy("value == 'a'"), Policy("value != 'b'")), b"a", 0),
        ((Policy("value == 'a'"), Policy("value != 'b'")), b"c", 1),
        ((Policy("value == 'a'"), Policy("value != 'b'")), b"b", 2),
        ((), b"", 0),
    ],
)
def test_first_tier_that_fits_counts(order: tuple[TierValue, ...], value: bytes, expected: int) -> None:
    assert first_fit(order)(value) == expected


@pytest.mark.parametrize(
    ("policy", "value", "expected"),
    [
        ("value == 'gold'", b"gold", True),
        ("value == 'gold'", b"Gold", False),
        ("value in ['a', 'b']", b"b", True),
        ("value.startsWith('x') && size(value) > 2", b"xyz", True),
        ("int(value) >= 100", b"100", True),
        ("int(value) >= 100", b"99", False),
        ("int(value) >= 100", b"many", False),
        ("int(value) < 100", b"many", False),
        ("10 / int(value) > 0", b"0", False),
        ("dyn(value)", b"true", False),
        ("value != ''", b"\xff\xfe", True),
        ("value == 'ü'", "ü".encode(), True),
        ("value == ''", b"", True),
        ("true", b"", True),
    ],
)
def test_value_that_a_policy_cannot_be_evaluated_for_does_not_fit(policy: str, value: bytes, expected: bool) -> None:
    fits = build_policy(policy)
    assert [fits(value), fits(value)] == [expected, expected]


def test_long_value_that_would_be_too_dear_does_not_fit_and_any_other_is_asked_about() -> None:
    fits = build_policy("[value, value].all(a, [value, value].all(b, a == b))")
    assert fits(b"x" * 8_000)
    assert not fits(b"x" * 100_000_000)


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("", "is empty", "CEL"),
        ("gold", "undeclared reference to 'gold'", "`value`"),
        ("req_headers['X-Plan'][0] == 'gold'", "undeclared reference to 'req_headers'", "`value`"),
        ("value ==", "cannot be used: at character", ""),
        ("value == 1", "no matching overload", ""),
        ("'gold'", "neither true nor false", "value == 'gold'"),
        ("value.matches('(')", "no regular expression", "RE2"),
        ("value.matches(value)", "pattern", ""),
        ("x" * 30_000, "longer", ""),
    ],
)
def test_policy_that_no_value_can_fit_does_not_start(text: str, reason: str, hint: str) -> None:
    with pytest.raises(PolicyError) as raised:
        check_policy(text)
    assert reason in str(raised.value)
    assert hint in raised.value.hint
    found = load_text(json.dumps(tree(tiers(("policy", text, 1)))).encode(), environ={}, components=COMPONENTS)
    errors = [each for each in found.diagnostics if each.code == "CFG406"]
    assert [each.path.rpartition(".")[2] for each in errors] == ["tier_value"]


def test_manner_that_there_is_none_of_does_not_start() -> None:
    found = load_text(json.dumps(tree(tiers(("Policy", "true", 1)))).encode(), environ={}, components=COMPONENTS)
    assert "CFG406" in [each.code for each in found.diagnostics]


def test_without_the_engine_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossgate.components.rate_limit.policy.find_spec", lambda name: None)
    found = load_text(json.dumps(tree(tiers(("policy", "true", 1)))).encode(), environ={}, components=COMPONENTS)
    assert [each.hint for each in found.diagnostics if each.code == "CFG406"] == ['pip install "crossgate[cel]"']


def test_tiers_behind_one_that_always_fits_and_requests_of_none_are_told() -> None:
    def codes(*given: tuple[str, str, int]) -> list[str]:
        found = load_text(json.dumps(tree(tiers(*given))).encode(), environ={}, components=COMPONENTS)
        return [each.code for each in found.diagnostics]

    assert codes(("policy", "value == 'a'", 1), ("*", "", 1)) == []
    assert codes(("policy", "value == 'a'", 1)) == ["CFG314"], "who has another value is not limited"
    assert codes(("*", "", 1), ("policy", "value == 'a'", 1)) == ["CFG314"]
    assert codes(("literal", "value.startsWith('a')", 1), ("*", "", 1)) == ["CFG314"], "it looks like a policy"
    assert codes(("literal", "value", 1), ("literal", "in value", 1), ("*", "", 1)) == []
