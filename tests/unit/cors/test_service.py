"""`crossgate/cors` over KrakenD's block: named policies, rules by origin, endpoints, and what is refused."""

import pytest

from crossgate.cors import ABSENT, ConfigError, CorsPolicy, ServiceCors, decode_service_cors
from crossgate.diagnostics import Severity

APP, PARTNER, OTHER = b"https://app.example", b"https://partner.example", b"https://other.example"
KRAKEND = {"allow_origins": ["https://app.example"], "allow_methods": ["GET", "PUT"], "allow_credentials": True}


def service(krakend=ABSENT, own=ABSENT, version=3) -> ServiceCors:
    return decode_service_cors(krakend, own, config_version=version)


def errors(made: ServiceCors) -> list[tuple[str, str]]:
    return [(d.code, d.path) for d in made.diagnostics if d.severity is Severity.ERROR]


def granted(policy: CorsPolicy | None, origin: bytes, method: bytes = b"GET") -> dict[bytes, bytes]:
    assert policy is not None
    return dict(policy.decide(method, [(b"origin", origin)]).edits.set_fields)


def allows_preflight(policy: CorsPolicy | None, origin: bytes, method: bytes) -> bool:
    assert policy is not None
    return policy.decide(b"OPTIONS", [(b"origin", origin), (b"access-control-request-method", method)]).allowed


def test_without_any_block_cors_is_off():
    assert service().default is None
    assert not errors(service())


def test_an_empty_block_is_on_in_version_3_and_off_in_version_2():
    assert granted(service({}).default, OTHER) == {b"access-control-allow-origin": b"*"}
    assert service({}, version=2).default is None
    assert service({"max_age": None}, version=2).default is None
    assert not CorsPolicy.from_krakend({}, config_version=2).decide(b"GET", [(b"origin", APP)]).edits.set_fields


def test_a_default_policy_is_laid_over_krakends_block_key_by_key():
    made = service(KRAKEND, {"policies": {"p": {"allow_origins": ["https://partner.example"]}}, "default": "p"})
    assert not errors(made)
    assert granted(made.default, PARTNER, b"PUT")[b"access-control-allow-credentials"] == b"true"
    assert granted(made.default, APP) == {}


def test_an_endpoint_chooses_a_policy_by_its_name():
    made = service(KRAKEND, {"policies": {"p": {"allow_origins": ["https://partner.example"]}}})
    assert granted(made.default, APP)
    assert granted(made.default, PARTNER) == {}
    chosen = made.for_endpoint({"policy": "p"})
    assert granted(chosen, PARTNER)
    assert granted(chosen, APP) == {}


def test_an_endpoint_adjusts_the_default_policy():
    adjusted = service(KRAKEND).for_endpoint({"allow_methods": ["DELETE"]})
    assert allows_preflight(adjusted, APP, b"DELETE")
    assert not allows_preflight(adjusted, APP, b"PUT")
    assert not allows_preflight(service(KRAKEND).default, APP, b"DELETE")


def test_an_endpoint_adjusts_the_policy_that_it_names():
    made = service(KRAKEND, {"policies": {"p": {"allow_origins": ["https://partner.example"]}}})
    adjusted = made.for_endpoint({"policy": "p", "allow_methods": ["DELETE"]})
    assert allows_preflight(adjusted, PARTNER, b"DELETE")
    assert not allows_preflight(adjusted, APP, b"DELETE")


def test_an_endpoint_can_have_cors_where_the_service_has_none():
    made = service()
    policy = made.for_endpoint({"allow_origins": ["https://app.example"]})
    assert granted(policy, APP)
    assert granted(policy, OTHER) == {}


def test_an_endpoint_that_names_no_origin_where_nobody_did_allows_none():
    assert granted(service().for_endpoint({"allow_methods": ["GET"]}), OTHER) == {}
    assert granted(service().for_endpoint({"allow_origins": []}), OTHER) == {}


def test_the_first_rule_that_has_the_origin_counts_and_the_own_keys_come_last():
    own = {
        "policies": {
            "p": {
                "rules": [
                    {"allow_origins": ["https://app.example"], "allow_credentials": True, "allow_methods": ["DELETE"]},
                    {"allow_origins": ["https://app.example", "https://*.example"], "allow_methods": ["PUT"]},
                ],
                "allow_origins": ["*"],
            }
        },
        "default": "p",
    }
    policy = service(own=own).default
    assert not errors(service(own=own))
    assert allows_preflight(policy, APP, b"DELETE")
    assert not allows_preflight(policy, APP, b"PUT")
    assert allows_preflight(policy, PARTNER, b"PUT")
    assert not allows_preflight(policy, PARTNER, b"GET")
    assert granted(policy, APP, b"DELETE") == {
        b"access-control-allow-origin": APP,
        b"access-control-allow-credentials": b"true",
    }
    assert granted(policy, b"https://far.test") == {b"access-control-allow-origin": b"*"}


def test_an_earlier_pattern_wins_over_a_later_exact_origin():
    rules = [
        {"allow_origins": ["https://*.example"]},
        {"allow_origins": ["https://app.example"], "allow_methods": ["PUT"]},
    ]
    policy = service().for_endpoint({"rules": rules})
    assert not allows_preflight(policy, APP, b"PUT")


def test_a_list_of_origins_lets_no_inherited_rule_stand():
    own = {"policies": {"p": {"rules": [{"allow_origins": ["https://partner.example"]}]}}, "default": "p"}
    made = service(KRAKEND, own)
    assert granted(made.default, PARTNER)
    narrowed = made.for_endpoint({"allow_origins": ["https://other.example"]})
    assert granted(narrowed, PARTNER) == {}
    assert granted(narrowed, OTHER)


def test_a_rule_inherits_the_keys_of_its_policy_also_those_an_endpoint_adjusts():
    own = {"policies": {"p": {"rules": [{"allow_origins": ["https://partner.example"]}]}}, "default": "p"}
    adjusted = service(KRAKEND, own).for_endpoint({"allow_methods": ["DELETE"]})
    assert allows_preflight(adjusted, PARTNER, b"DELETE")


def test_upstream_and_report_only_hold_for_all_policies_unless_one_says_otherwise():
    own = {"upstream": "prefer", "report_only": True, "policies": {"p": {"report_only": False}}}
    made = service(KRAKEND, own)
    assert not errors(made)
    assert (made.default.config.upstream, made.default.config.report_only) == ("prefer", True)
    assert made.policies["p"].config.report_only is False
    assert made.for_endpoint({"policy": "p", "upstream": "pass"}).config.upstream == "pass"


def test_report_only_decides_and_leaves_the_response_alone():
    policy = service(KRAKEND, {"report_only": True}).default
    theirs = [(b"access-control-allow-origin", b"*"), (b"vary", b"accept")]
    for method in (b"GET", b"OPTIONS"):
        decision = policy.decide(method, [(b"origin", OTHER), (b"access-control-request-method", b"GET")])
        assert not decision.allowed
        assert decision.preflight_status is None
        assert decision.edits.block == b""
        assert decision.edits.apply(theirs) == theirs


def test_any_origin_and_credentials_together_are_refused_and_inherited_credentials_are_dropped():
    assert errors(service(own={"policies": {"p": {"allow_origins": ["*"], "allow_credentials": True}}})) == [
        ("COR115", "$.policies.p.allow_credentials")
    ]
    with pytest.raises(ConfigError, match="COR115"):
        service({"allow_origins": ["*"]}).for_endpoint({"allow_credentials": True})
    public = service(KRAKEND).for_endpoint({"allow_origins": ["*"]})
    assert "COR116" in [d.code for d in public.diagnostics]
    assert granted(public, OTHER) == {b"access-control-allow-origin": b"*"}


def test_krakends_any_origin_with_credentials_is_not_refused_by_a_namespace_that_says_nothing_about_it():
    made = service({"allow_origins": ["*"], "allow_credentials": True}, {"upstream": "pass"})
    assert not errors(made)


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ([], [("COR101", "$")]),
        ({"policies": []}, [("COR118", "$.policies")]),
        ({"policies": {"p": 1}}, [("COR101", "$.policies.p")]),
        ({"policies": {"a b": {"allow_origins": "x"}}}, [("COR102", '$.policies["a b"].allow_origins')]),
        ({"default": "q", "policies": {"p": {}}}, [("COR119", "$.default")]),
        ({"default": 1}, [("COR118", "$.default")]),
        ({"upstream": "keep"}, [("COR117", "$.upstream")]),
        ({"report_only": "yes"}, [("COR104", "$.report_only")]),
        ({"policies": {"p": {"rules": {}}}}, [("COR112", "$.policies.p.rules")]),
        ({"policies": {"p": {"rules": [1]}}}, [("COR112", "$.policies.p.rules[0]")]),
        ({"policies": {"p": {"rules": [{}]}}}, [("COR113", "$.policies.p.rules[0]")]),
        (
            {"policies": {"p": {"allow_origins": ["https://a.example", "http*"]}}},
            [("COR114", "$.policies.p.allow_origins[1]")],
        ),
        ({"policys": {}}, [("COR108", "$.policys")]),
    ],
)
def test_what_is_wrong_in_the_namespace_is_an_error_at_its_place(own, found):
    assert errors(service(KRAKEND, own)) == found
    assert service(KRAKEND, own).default is None


def test_all_problems_are_found_at_once_and_each_at_the_path_that_was_given():
    made = decode_service_cors(
        {"allow_origins": 1, "max_age": 2},
        {"policies": {"p": {"debug": "x"}}, "upstream": 3},
        config_version=3,
        krakend_path="$.k",
        crossgate_path="$.c",
    )
    assert errors(made) == [
        ("COR102", "$.k.allow_origins"),
        ("COR105", "$.k.max_age"),
        ("COR117", "$.c.upstream"),
        ("COR104", "$.c.policies.p.debug"),
    ]
    with pytest.raises(ConfigError) as caught:
        made.for_endpoint({"policy": "q", "allow_methods": "GET"}, path="$.e")
    found = [(d.code, d.path) for d in caught.value.diagnostics]
    assert found == [("COR119", "$.e.policy"), ("COR102", "$.e.allow_methods")]


@pytest.mark.parametrize("version", [2, 3])
def test_the_namespace_has_the_newer_keys_in_files_of_either_version(version):
    policy = service(KRAKEND, version=version).for_endpoint({"options_success_status": 299})
    preflight = policy.decide(b"OPTIONS", [(b"origin", APP), (b"access-control-request-method", b"GET")])
    assert preflight.preflight_status == 299
