"""Each deliberate departure of the CORS engine from KrakenD, by its code in docs/deviations.md."""

import re
from pathlib import Path

import pytest

from crossgate.cors import ConfigError, CorsPolicy, Reason

ROOT = Path(__file__).parents[3]
OK = b"https://a.example"


def policy(config_version=3, **keys) -> CorsPolicy:
    return CorsPolicy.from_krakend({"allow_origins": [OK.decode()], **keys}, config_version=config_version)


def ask(made: CorsPolicy, *further: tuple[bytes, bytes], origin: bytes = OK, method: bytes = b"GET"):
    return made.decide(b"OPTIONS", [(b"origin", origin), (b"access-control-request-method", method), *further])


def test_dev_cors_1_several_origin_lines_are_refused():
    two = [(b"origin", OK), (b"origin", OK)]
    for made in (policy(), policy(2), policy(allow_origins=["*"])):
        for method in (b"GET", b"OPTIONS"):
            decision = made.decide(method, [*two, (b"access-control-request-method", b"GET")])
            assert (decision.allowed, decision.reason) == (False, Reason.SEVERAL_ORIGINS)
            assert decision.edits.set_fields == ()


def test_dev_cors_2_only_the_first_requested_method_counts():
    decision = ask(policy(), (b"access-control-request-method", b"DELETE"))
    values = [value for name, value in decision.edits.set_fields if name == b"access-control-allow-methods"]
    assert values == [b"GET"]


def test_dev_cors_3_no_field_is_sent_empty():
    exposing_nothing = policy(expose_headers=[""])
    assert exposing_nothing.decide(b"GET", [(b"origin", OK)]).edits.set_fields == (
        (b"access-control-allow-origin", OK),
    )
    lines = [(b"access-control-request-headers", b"x-a"), (b"access-control-request-headers", b"")]
    assert all(value for _, value in ask(policy(), *lines).edits.set_fields)


@pytest.mark.parametrize("config_version", [2, 3])
def test_dev_cors_4_a_list_of_headers_over_4096_bytes_is_refused(config_version):
    made = policy(config_version, allow_headers=["*"])
    assert ask(made, (b"access-control-request-headers", b"x" * 4096)).allowed
    decision = ask(made, (b"access-control-request-headers", b"x" * 4097))
    assert decision.reason is Reason.HEADERS_TOO_LONG
    assert decision.preflight_status == (200 if config_version == 2 else 204)


@pytest.mark.parametrize("text", ["x-ä".encode(), b"x\x00", b"x-a\r\nx-b: c", b"x\x7f"])
def test_dev_cors_4_what_is_not_printable_ascii_is_not_repeated(text):
    decision = ask(policy(allow_headers=["*"]), (b"access-control-request-headers", text))
    assert decision.reason is Reason.HEADERS_MALFORMED


def test_dev_cors_5_letter_case_is_folded_for_ascii_only():
    made = policy(allow_origins=["https://\u212aelvin.example"])
    assert not made.decide(b"GET", [(b"origin", b"https://kelvin.example")]).allowed
    assert policy(allow_origins=["HTTPS://A.EXAMPLE"]).decide(b"GET", [(b"origin", OK)]).allowed


def test_dev_cors_5_an_origin_outside_ascii_is_refused_unless_any_is_allowed():
    odd = "https://bücher.example".encode()
    made = policy(allow_origins=[odd.decode()])
    assert made.decide(b"GET", [(b"origin", odd)]).reason is Reason.ORIGIN_MALFORMED
    assert policy(allow_origins=["*"]).decide(b"GET", [(b"origin", odd)]).allowed


def test_dev_cors_6_there_is_never_a_second_allow_origin():
    theirs = [(b"access-control-allow-origin", b"https://other.example"), (b"x-a", b"1")]
    decision = policy().decide(b"GET", [(b"origin", OK)])
    for upstream, wanted in (("strip", [OK]), ("pass", [theirs[0][1]]), ("prefer", [theirs[0][1]])):
        fields = decision.edits.apply(theirs, upstream)
        assert [value for name, value in fields if name == b"access-control-allow-origin"] == wanted
        assert (b"x-a", b"1") in fields


def test_dev_cors_7_vary_is_merged_and_loses_nothing():
    decision = policy().decide(b"GET", [(b"origin", OK)])
    assert [line for line in decision.edits.apply([(b"vary", b"Accept-Encoding")]) if line[0] == b"vary"] == [
        (b"vary", b"Accept-Encoding"),
        (b"vary", b"Origin"),
    ]
    for complete in (b"*", b"accept, ORIGIN"):
        kept = decision.edits.apply([(b"vary", complete)])
        assert [line for line in kept if line[0] == b"vary"] == [(b"vary", complete)]


def test_dev_cors_8_a_decision_has_all_that_an_error_of_the_server_needs():
    decision = policy().decide(b"GET", [(b"origin", OK)])
    assert decision.edits.block == b"Access-Control-Allow-Origin: https://a.example\r\nVary: Origin\r\n"


def test_dev_cors_9_an_origin_over_4096_bytes_is_refused_unless_any_is_allowed():
    long = b"https://" + b"a" * 4089
    assert policy(allow_origins=["https://*"]).decide(b"GET", [(b"origin", long)]).reason is Reason.ORIGIN_TOO_LONG
    assert policy(allow_origins=["https://*"]).decide(b"GET", [(b"origin", long[:-1])]).allowed
    assert policy(allow_origins=["*"]).decide(b"GET", [(b"origin", long)]).allowed


def test_dev_cors_10_what_would_open_the_gate_by_mistake_is_refused():
    for block in ({"allow_origins": "https://a.example"}, {"allowed_origins": ["https://a.example"]}):
        with pytest.raises(ConfigError) as caught:
            CorsPolicy.from_krakend(block, config_version=3)
        assert "any origin" in caught.value.diagnostics[0].krakend


def test_dev_cors_11_the_layer_is_applied_once():
    fields = policy(2).decide(b"GET", []).edits.apply([])
    assert fields == [(b"vary", b"Origin")]


def test_dev_cors_12_control_characters_of_exposed_names_become_blanks():
    made = policy(expose_headers=["X-A\x00", "X\r\nSet-Cookie: b"])
    (value,) = [v for n, v in made.decide(b"GET", [(b"origin", OK)]).edits.set_fields if n.endswith(b"expose-headers")]
    assert not re.search(rb"[\x00-\x1f\x7f]", value)


def test_every_listed_cors_departure_has_a_test_here():
    listed = set(re.findall(r"^\| (DEV-CORS-\d+) \|", (ROOT / "docs/deviations.md").read_text(), re.MULTILINE))
    here = Path(__file__).read_text()
    assert len(listed) >= 12
    for code in listed:
        assert f"def test_{code.lower().replace('-', '_')}_" in here, code


def test_every_mark_in_the_engine_is_listed():
    listed = (ROOT / "docs/deviations.md").read_text()
    for source in (ROOT / "src/crossgate/cors").rglob("*.py"):
        for code in re.findall(r"DEVIATION\(([^)]+)\)", source.read_text()):
            assert f"| {code} |" in listed, (source.name, code)
