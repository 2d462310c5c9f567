"""Reading KrakenD's block: types, spelling, the two versions' differences, and where each problem is said to be."""

import pytest

from crossgate.cors import ConfigError, CorsPolicy
from crossgate.diagnostics import Severity

# More digits than Python writes out; the id is given, since pytest would write them.
HUGE = pytest.param(10**5000, id="huge")


def problems(block, version=3, severity=Severity.ERROR) -> list[tuple[str, str]]:
    try:
        found = CorsPolicy.from_krakend(block, config_version=version).diagnostics
    except ConfigError as error:
        found = error.diagnostics
    return [(d.code, d.path) for d in found if d.severity is severity and d.code.startswith("COR1")]


@pytest.mark.parametrize("block", [None, True, 0, "x", [], ["*"]])
def test_a_block_that_is_no_object_is_an_error(block):
    assert problems(block) == [("COR101", "$")]


def test_a_null_block_is_no_block_in_version_2():
    assert CorsPolicy.from_krakend(None, config_version=2).config.enabled is False


@pytest.mark.parametrize("key", ["allow_origins", "allow_methods", "allow_headers", "expose_headers"])
@pytest.mark.parametrize("value", [None, "https://a.example", 1, {}, True])
def test_a_list_key_that_is_no_list_is_an_error(key, value):
    assert problems({key: value}) == [("COR102", f"$.{key}")]


def test_every_item_that_is_no_string_is_an_error_at_the_item():
    assert problems({"allow_origins": ["https://a.example", 1, None]}) == [
        ("COR103", "$.allow_origins[1]"),
        ("COR103", "$.allow_origins[2]"),
    ]


@pytest.mark.parametrize("key", ["allow_credentials", "debug", "allow_private_network", "options_passthrough"])
@pytest.mark.parametrize("value", [None, "true", 1, 0, [], {}])
def test_a_switch_that_is_no_boolean_is_an_error(key, value):
    assert problems({key: value}) == [("COR104", f"$.{key}")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "COR105"),
        (12, "COR105"),
        pytest.param(10**5000, "COR105", id="huge"),
        (1.5, "COR105"),
    ],
)
def test_a_max_age_that_makes_krakend_panic_is_an_error(value, code):
    assert problems({"max_age": value}) == [(code, "$.max_age")]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("value", ["3600", "12", "", "1d", "10 m", "1h30"])
def test_a_max_age_that_krakend_ignores_is_a_warning_and_sends_nothing(value, version):
    policy = CorsPolicy.from_krakend({"max_age": value}, config_version=version)
    assert policy.config.max_age_seconds is None
    found = [d for d in policy.diagnostics if d.code == "COR106"]
    assert [(d.severity, d.path) for d in found] == [(Severity.WARNING, "$.max_age")]


def test_a_number_without_a_unit_is_told_its_unit():
    [found] = [
        d for d in CorsPolicy.from_krakend({"max_age": "3600"}, config_version=3).diagnostics if d.code == "COR106"
    ]
    assert "no unit" in found.message
    assert '"3600s"' in found.hint


@pytest.mark.parametrize("nothing", [None, {}])
@pytest.mark.parametrize("key", ["allow_origins", "Allow_Headers", "max_age", "debug"])
def test_a_key_that_krakend_1_4_drops_is_said_once(key, nothing):
    block = {"expose_headers": ["X-A"], key: nothing}
    found = CorsPolicy.from_krakend(block, config_version=2).diagnostics
    about = [(d.code, str(d.severity), d.path) for d in found if "origins" in key or d.code != "COR211"]
    assert about == [("COR123", "warning", f"$.{key}")]


@pytest.mark.parametrize("nothing", [None, {}])
def test_the_same_key_is_ill_typed_in_version_3(nothing):
    assert problems({"allow_origins": nothing}) == [("COR102", "$.allow_origins")]


@pytest.mark.parametrize("block", [None, {}, {"allow_origins": None}, {"allow_origins": {}, "debug": None}])
def test_a_block_that_is_nothing_to_krakend_1_4_is_said_to_turn_cors_off(block):
    policy = CorsPolicy.from_krakend(block, config_version=2)
    assert not policy.config.enabled
    assert [(d.code, d.path) for d in policy.diagnostics] == [("COR123", "$")]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    "pasted",
    [
        {"version": 3, "endpoints": [], "extra_config": {"security/cors": {"allow_origins": ["https://a.example"]}}},
        {"extra_config": {}},
        {"security/cors": {"allow_origins": ["https://a.example"]}},
        {"github_com/devopsfaith/krakend-cors": {}},
    ],
)
def test_what_stands_around_a_block_is_no_block(pasted, version):
    with pytest.raises(ConfigError) as caught:
        CorsPolicy.from_krakend(pasted, config_version=version)
    assert [(d.code, d.path) for d in caught.value.diagnostics] == [("COR122", "$")]


def test_the_exception_says_what_to_write():
    with pytest.raises(ConfigError) as caught:
        CorsPolicy.from_krakend({"allow_origins": "https://a.example", "debug": 1}, config_version=3)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error[COR102] at $.allow_origins: ")
    assert lines[0].endswith('(hint: write ["https://a.example"])')
    for line, diagnostic in zip(lines, caught.value.diagnostics, strict=True):
        assert diagnostic.hint in line


@pytest.mark.parametrize("value", [None, True, "200", 199, 600, 0, -1, 200.0, 10**30, HUGE, float("nan"), float("inf")])
def test_a_status_out_of_range_or_of_another_type_is_an_error(value):
    assert problems({"options_success_status": value}) == [("COR107", "$.options_success_status")]


def test_a_number_without_its_unit_gets_the_spelling_with_one():
    with pytest.raises(ConfigError) as caught:
        CorsPolicy.from_krakend({"max_age": 600}, config_version=3)
    assert caught.value.diagnostics[0].hint == 'write "600s"'


@pytest.mark.parametrize("value", [200, 204, 299, 404, 599])
def test_a_status_in_range_is_answered(value):
    policy = CorsPolicy.from_krakend({"options_success_status": value}, config_version=3)
    assert policy.decide(b"OPTIONS", [(b"access-control-request-method", b"GET")]).preflight_status == value


@pytest.mark.parametrize(
    "key",
    [
        "allowed_origins",
        "allow_origin",
        "origins",
        "origin",
        "allowOrigins",
        "Allow_Origins",
        "allow-origins",
        "alow_origins",
        "allow_orgins",
        "allow_origin_regex",
        "maxAge",
        "max-age",
        "MaxAge",
        "allow_method",
        "methods",
        "allowedHeaders",
        "headers",
        "exposed_headers",
        "exposeHeaders",
        "allow_credential",
        "credentials",
        "allowCredentials",
        "Debug",
        "options_succes_status",
        "access_control_allow_origin",
        "Access-Control-Allow-Credentials",
    ],
)
def test_a_misspelt_key_is_an_error_at_the_keys_name(key):
    with pytest.raises(ConfigError) as caught:
        CorsPolicy.from_krakend({"allow_origins": ["https://a.example"], key: ["x"]}, config_version=3)
    (found,) = [d for d in caught.value.diagnostics if d.code == "COR108"]
    assert found.on_key
    assert key in found.path


@pytest.mark.parametrize("key", ["x", "other", "comment", "enabled", "name", "ttl", "version", "description"])
def test_a_key_that_resembles_none_is_a_warning(key):
    assert problems({key: 1}) == []
    assert problems({key: 1}, severity=Severity.WARNING) == [("COR109", f"$.{key}")]


@pytest.mark.parametrize("key", ["@allow_origin", "$schema", "_origins", "#max_age"])
def test_a_comment_is_ignored(key):
    assert problems({key: 1}) == []
    assert problems({key: 1}, severity=Severity.WARNING) == []


@pytest.mark.parametrize("key", ["allow_private_network", "options_passthrough", "options_success_status"])
def test_a_newer_key_in_version_2_is_a_warning_whatever_its_value_is(key):
    assert problems({"debug": True, key: "x"}, 2) == []
    assert problems({"debug": True, key: "x"}, 2, Severity.WARNING) == [("COR110", f"$.{key}")]


def test_version_2_takes_keys_in_any_letter_case_and_says_where_they_stand():
    policy = CorsPolicy.from_krakend({"Allow_Origins": ["https://a.example"]}, config_version=2)
    assert policy.config.allow_origins == ("https://a.example",)
    assert problems({"Allow_Origins": "x"}, 2) == [("COR102", "$.Allow_Origins")]
    twice = {"Allow_Origins": ["https://a.example"], "allow_origins": ["https://b.example"]}
    assert problems(twice, 2, Severity.WARNING) == [("COR111", "$.Allow_Origins")]


def test_paths_start_where_the_caller_says():
    with pytest.raises(ConfigError) as caught:
        CorsPolicy.from_krakend({"debug": 1}, config_version=3, path='$.extra_config["security/cors"]')
    assert caught.value.diagnostics[0].path == '$.extra_config["security/cors"].debug'


def test_another_version_than_2_and_3_is_a_programming_error():
    with pytest.raises(ValueError, match="config_version"):
        CorsPolicy.from_krakend({}, config_version=1)
