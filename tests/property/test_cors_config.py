"""Laws of reading CORS configuration: any object gives a policy or diagnostics, any text an origin or none."""

import idna
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors import ABSENT, ConfigError, CorsPolicy, decode_service_cors
from crossgate.cors.origin import ascii_host, parse_serialized_origin
from crossgate.diagnostics import Severity
from crossgate.diagnostics.codes import CODES

MANY = settings(max_examples=400, deadline=None)
FIELDS = [(b"origin", b"https://a.example"), (b"access-control-request-method", b"PUT")]
KEYS = [
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "allow_credentials",
    "debug",
    "rules",
    "policies",
    "default",
    "policy",
    "upstream",
    "report_only",
    "options_success_status",
    "allow_private_network",
    "allowed_origins",
    "maxAge",
    "@comment",
    "Debug",
]

versions = st.sampled_from([2, 3])
request_methods = st.sampled_from([b"GET", b"OPTIONS"])
entries = st.sampled_from(
    ["*", "https://a.example", "https://*.a.example", "http*", "https://b.example/", "null", "prefer"]
)
durations = st.sampled_from(["12h", "-1s", "1d", ""])
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), entries, durations),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
keys = st.one_of(
    st.sampled_from(KEYS),
    st.text(max_size=10),
)
objects = st.one_of(st.dictionaries(keys, json_values, max_size=5), json_values)


@MANY
@given(objects, versions)
def test_any_object_gives_a_policy_or_a_config_error_with_its_diagnostics(obj, version):
    try:
        policy = CorsPolicy.from_krakend(obj, config_version=version)
    except ConfigError as error:
        found = error.diagnostics
        assert any(d.severity is Severity.ERROR for d in found)
    else:
        found = policy.diagnostics
        assert not any(d.severity is Severity.ERROR for d in found)
        policy.decide(b"GET", [(b"origin", b"https://a.example")])
    for diagnostic in found:
        assert diagnostic.code in CODES
        assert diagnostic.path.startswith("$")
        assert diagnostic.message


@MANY
@given(
    st.one_of(st.just(ABSENT), objects),
    st.one_of(st.just(ABSENT), objects),
    objects,
    versions,
    request_methods,
)
def test_any_two_namespaces_and_any_endpoint_give_policies_or_errors(krakend, own, endpoint, version, method):
    service = decode_service_cors(krakend, own, config_version=version)
    broken = any(d.severity is Severity.ERROR for d in service.diagnostics)
    if broken:
        assert service.default is None
    try:
        policy = service.for_endpoint(endpoint)
    except ConfigError as error:
        found = error.diagnostics
        assert any(d.severity is Severity.ERROR for d in found)
    else:
        policy.decide(method, FIELDS)


@MANY
@given(st.text(max_size=40))
def test_any_text_is_a_serialized_origin_or_none_and_parsing_is_the_inverse_of_writing(text):
    for candidate in (text, f"https://{text}", f"http://{text}:8080", f"http://[{text}]"):
        parsed = parse_serialized_origin(candidate)
        assert parsed is None or str(parsed) == candidate


@MANY
@given(st.text("äöüßéşıλσςαвгдеж中文日本あア한ひ0a1-.ÄÖÜ", min_size=1, max_size=12))
def test_a_unicode_host_gets_the_ascii_form_that_uts_46_gives_it_or_none(host):
    found = ascii_host(host)
    if found is None or host.isascii():
        return
    try:
        # As browsers do: mapped, non-transitional, without the checks that IDNA 2008 adds for registries.
        wanted = idna.encode(host, uts46=True, transitional=False, std3_rules=False).decode()
    except idna.IDNAError:
        return
    assert found == wanted
