"""What the rules say about one policy, beyond the golden files: versions, dialects, severities, inheritance."""

import pytest

from crossgate.cors import CorsPolicy, decode_service_cors
from crossgate.cors.rules import POLICY_RULES, WrittenPolicy, check_policy

APP = "https://app.example.com"


def said(values, version=3, **keys):
    """What is said: code, severity, the path's end."""
    policy = WrittenPolicy({"allow_origins": [APP]} | values, version, **keys)
    return [(d.code, str(d.severity), d.path.removeprefix("$.")) for d in check_policy(policy)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"allow_origins": ["*"], "allow_credentials": True}, [("COR201", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["*"]}, []),
        ({"allow_origins": ["*", "*"]}, [("COR310", "warning", "allow_origins[1]")]),
        ({"allow_origins": ["h*"]}, [("COR202", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["https:*"]}, [("COR202", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["*:3000"]}, [("COR202", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["example.com*"]}, [("COR305", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["https://*/"]}, [("COR301", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["https://*.example.com:443"]}, [("COR304", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["NULL"]}, [("COR207", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["http://[::1]:*"]}, [("COR205", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["http://*.example.com"], "allow_credentials": True},
         [("COR208", "warning", "allow_origins[0]"), ("COR209", "note", "allow_origins[0]")]),
        ({"allow_origins": ["http://a.example/"], "allow_credentials": True},
         [("COR301", "warning", "allow_origins[0]")]),
        ({"allow_origins": [APP, "https://b.example", "null", APP]},
         [("COR207", "warning", "allow_origins[2]"), ("COR310", "warning", "allow_origins[3]")]),
        ({"allow_origins": ["https://App.example.com", "*"]}, [("COR311", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["https://App.example.com", "https://*.example.com"]},
         [("COR209", "note", "allow_origins[1]"), ("COR311", "warning", "allow_origins[0]")]),
        ({"allow_origins": ["https://App.example.com", "https://*.EXAMPLE.org"]},
         [("COR209", "note", "allow_origins[1]"), ("COR306", "warning", "allow_origins[0]"),
          ("COR306", "warning", "allow_origins[1]")]),
        ({"allow_headers": ["*"]}, []),
        ({"allow_headers": ["Authorization"]}, []),
        ({"allow_headers": ["authorization", "*"]}, [("COR333", "warning", "allow_headers[0]")]),
        ({"allow_origins": ["*"], "allow_headers": ["Authorization"]}, [("COR333", "note", "allow_headers[0]")]),
        ({"expose_headers": ["*"]}, [("COR334", "note", "expose_headers[0]")]),
        ({"expose_headers": ["*"], "allow_credentials": True}, [("COR334", "warning", "expose_headers[0]")]),
        ({"expose_headers": ["SET-COOKIE2"]}, [("COR335", "warning", "expose_headers[0]")]),
        ({"allow_methods": ["OPTIONS", "GET", "M-SEARCH"]}, []),
        ({"allow_methods": ["ſet"]}, [("COR324", "warning", "allow_methods[0]")]),
        ({"max_age": "7200s"}, []),
        ({"max_age": "7200.999s"}, []),
        ({"max_age": "7201s"}, [("COR341", "note", "max_age")]),
        ({"max_age": "24h"}, [("COR341", "note", "max_age")]),
        ({"max_age": "86401s"}, [("COR342", "warning", "max_age")]),
        ({"max_age": "0"}, [("COR343", "warning", "max_age")]),
        ({"max_age": "-1ns"}, [("COR344", "warning", "max_age")]),
        ({"max_age": "12"}, []),  # no duration at all: the decoder's business
        ({"options_success_status": 200}, []),
        ({"options_success_status": 300}, [("COR353", "warning", "options_success_status")]),
        ({"options_success_status": True}, []),
    ],
)  # fmt: skip
def test_policy_is_judged(values, expected):
    assert said(values) == expected


def test_missing_origins_are_a_note_and_empty_ones_a_warning():
    assert [(d.code, d.severity, d.path) for d in check_policy(WrittenPolicy({"debug": False}))] == [
        ("COR211", "note", "$")
    ]
    assert said({"allow_origins": []}) == [("COR211", "warning", "allow_origins")]
    assert said({"allow_origins": [], "allow_credentials": True})[0] == ("COR201", "warning", "allow_credentials")


def test_version_2_compares_methods_without_letter_case():
    assert said({"allow_methods": ["get", "patch"]}, 2) == []
    assert said({"allow_methods": ["get", "GET"]}, 2) == [("COR310", "warning", "allow_methods[1]")]
    assert said({"allow_methods": ["get", "GET"]}, 3) == [("COR321", "warning", "allow_methods[0]")]


def test_version_2_drops_odd_characters_of_header_names():
    assert said({"allow_headers": ["x.foo", "X_Bar"]}, 2) == [("COR331", "warning", "allow_headers[0]")]
    assert said({"allow_headers": ["x.foo", "X_Bar"]}, 3) == []


def test_keys_that_version_2_ignores_are_not_judged_there():
    later = {"allow_private_network": True, "options_success_status": 304}
    assert said(later, 2) == []
    assert {code for code, *_ in said(later, 3)} == {"COR351", "COR353"}


def test_inherited_keys_decide_and_are_not_reported():
    inherited = {"allow_credentials": True, "allow_origins": ["null"], "max_age": "720h"}
    policy = WrittenPolicy({"expose_headers": ["*"]}, path="$.rules[0]", inherited=inherited, dialect="crossgate")
    assert [(d.code, d.severity, d.path) for d in check_policy(policy)] == [
        ("COR334", "warning", "$.rules[0].expose_headers[0]")
    ]


def test_what_the_safe_grammar_refuses_is_not_reported_twice():
    found = decode_service_cors(
        crossgate={"allow_origins": ["https://*example.com", APP + "/", "null", "http://localhost:*"]}, config_version=3
    ).diagnostics
    assert {d.code for d in found} == {"COR114"}


def test_rules_within_a_policy_are_judged_with_their_paths():
    found = decode_service_cors(
        crossgate={
            "policies": {"a b": {"allow_origins": [APP], "rules": [{"allow_origins": [APP], "max_age": "-1s"}]}},
            "default": "a b",
        },
        config_version=3,
    ).diagnostics
    assert [(d.code, d.path) for d in found] == [("COR344", '$.policies["a b"].rules[0].max_age')]


def test_from_krakend_runs_the_rules_without_any_look_up():
    policy = CorsPolicy.from_krakend(
        {"allow_origins": ["https://*.github.io", "https://bücher.example"]}, config_version=3
    )
    assert [(d.code, d.path, d.span) for d in policy.diagnostics] == [
        ("COR209", "$.allow_origins[0]", None),
        ("COR308", "$.allow_origins[1]", None),
    ]


def test_rules_yield_their_own_code_only():
    entries = [
        "*",
        "http*",
        "https://*x.y",
        "https://x.*",
        "a.b",
        "null",
        "NULL",
        "",
        "https://ü.example/",
        "http://a.b:*",
    ]
    values = {
        "allow_origins": entries,
        "allow_methods": ["get", "*", "TRACE", "", "get"],
        "allow_headers": ["*", "Authorization", "Cookie", "a b"],
        "expose_headers": ["*", "Set-Cookie"],
        "max_age": "0.5s",
        "allow_credentials": True,
        "debug": True,
    }
    for rule in POLICY_RULES:
        assert {d.code for d in rule(WrittenPolicy(values))} <= {rule.code}


def test_cost_grows_with_the_list_and_not_with_its_square():
    entries = [f"https://tenant-{number}.example.com" for number in range(3000)] + ["https://*.example.org"] * 3000
    assert len(list(check_policy(WrittenPolicy({"allow_origins": entries})))) == 2999 + 3000
