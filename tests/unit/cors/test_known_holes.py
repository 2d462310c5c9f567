"""Matching holes of other CORS implementations, one named test for each: crossgate has none of them."""

import time

import pytest

from crossgate.cors import ConfigError, CorsPolicy, Reason


def acao(policy: CorsPolicy, origin: bytes, method: bytes = b"GET") -> bytes | None:
    decision = policy.decide(method, [(b"origin", origin)])
    return dict(decision.edits.set_fields).get(b"access-control-allow-origin")


def preflight(policy: CorsPolicy, origin: bytes, method: bytes, headers: bytes | None = None):
    fields = [(b"origin", origin), (b"access-control-request-method", method)]
    if headers is not None:
        fields.append((b"access-control-request-headers", headers))
    return policy.decide(b"OPTIONS", fields)


def krakend(*origins: str, **keys) -> CorsPolicy:
    return CorsPolicy.from_krakend({"allow_origins": list(origins), **keys}, config_version=3)


def test_cve_2019_25211_gin_contrib_a_wildcard_for_subdomains_does_not_match_a_lookalike_domain():
    policy = CorsPolicy(allow_origins=["https://*.example.com"])
    assert acao(policy, b"https://a.example.com")
    for hostile in (b"https://evilexample.com", b"https://a.example.com.evil.net", b"https://example.community"):
        assert acao(policy, hostile) is None


def test_cve_2026_37737_sanic_cors_an_exact_origin_is_no_pattern_and_no_prefix():
    policy = CorsPolicy(allow_origins=["https://example.com"])
    for hostile in (
        b"https://example.com.evil.net",
        b"https://exampleXcom",
        b"https://example.commerce",
        b"https://example.co",
    ):
        assert acao(policy, hostile) is None


def test_cve_2026_25478_litestar_a_dot_in_an_origin_is_a_dot():
    for policy in (CorsPolicy(allow_origins=["https://good.example.com"]), krakend("https://good.example.com")):
        assert acao(policy, b"https://goodXexample.com") is None
        assert acao(policy, b"https://good.exampleXcom") is None


def test_cve_2026_40110_jupyter_server_matching_is_anchored_at_both_ends():
    policy = CorsPolicy(allow_origins=["https://trusted.example", "https://*.trusted.example"])
    for hostile in (
        b"https://trusted.example.evil.net",
        b"https://evil.net/https://trusted.example",
        b"xhttps://trusted.example",
        b"https://trusted.example\nhttps://evil.net",
    ):
        assert acao(policy, hostile) is None


def test_ghsa_vhxv_fg4m_p2w8_jub0bs_two_origins_do_not_add_up_to_a_third():
    for policy in (
        CorsPolicy(allow_origins=["https://foo.com", "https://bar.com"]),
        CorsPolicy(allow_origins=["https://*.foo.com", "https://*.bar.com"]),
        krakend("https://foo.com", "https://bar.com"),
    ):
        assert acao(policy, b"https://barfoo.com") is None
        assert acao(policy, b"https://foo.combar.com") is None


def test_cve_2024_1681_flask_cors_a_line_break_in_a_request_reaches_no_text():
    policy = krakend("http*", allow_headers=["*"])
    assert acao(policy, b"http://a\r\nset-cookie: x=1") is None
    assert not preflight(policy, b"http://a", b"GET", b"x-a\r\nset-cookie: x=1").allowed
    assert not preflight(policy, b"http://a", b"GET\r\nset-cookie: x=1").allowed


def test_cve_2024_6221_flask_cors_private_network_access_is_off_unless_asked_for():
    fields = [
        (b"origin", b"https://a.example"),
        (b"access-control-request-method", b"GET"),
        (b"access-control-request-private-network", b"true"),
    ]
    granted = b"access-control-allow-private-network"
    assert granted not in dict(CorsPolicy(allow_origins=["*"]).decide(b"OPTIONS", fields).edits.set_fields)
    allowing = CorsPolicy(allow_origins=["https://a.example"], allow_private_network=True)
    assert dict(allowing.decide(b"OPTIONS", fields).edits.set_fields)[granted] == b"true"


def test_cve_2024_6839_and_6844_and_6866_flask_cors_what_is_compared_has_its_exact_letters_and_bytes():
    policy = CorsPolicy(allow_origins=["https://example.com"], allow_methods=["PUT"])
    assert acao(policy, b"https://EXAMPLE.com") is None
    assert acao(policy, b"https://example.com+") is None
    assert acao(policy, b"https://example.com%2F") is None
    assert not preflight(policy, b"https://example.com", b"put").allowed


def test_cve_2024_25124_fiber_and_cve_2026_54290_hono_and_http4s_any_origin_never_goes_with_credentials():
    with pytest.raises(ConfigError) as caught:
        CorsPolicy(allow_origins=["*"], allow_credentials=True)
    assert [(d.code, d.path) for d in caught.value.diagnostics] == [("COR115", "$.allow_credentials")]


def test_krakends_own_any_origin_with_credentials_never_reflects_the_origin():
    policy = krakend("*", allow_credentials=True)
    assert acao(policy, b"https://evil.example") == b"*"


@pytest.mark.parametrize(
    "policy",
    [
        CorsPolicy(allow_origins=["https://a.example"], allow_headers=["X-A"]),
        CorsPolicy(allow_origins=["https://a.example"], allow_headers=["*"]),
        CorsPolicy.from_krakend({"allow_headers": ["X-A"]}, config_version=3),
        CorsPolicy.from_krakend({"allow_headers": ["*"]}, config_version=3),
        CorsPolicy.from_krakend({"allow_headers": ["X-A"]}, config_version=2),
        CorsPolicy.from_krakend({"allow_headers": ["*"]}, config_version=2),
    ],
)
@pytest.mark.parametrize("text", [b"," * 1_000_000, b"x-a," * 250_000, b"a" * 1_000_000, b" " * 1_000_000 + b"x"])
def test_rs_cors_170_and_go_chi_cors_36_a_hostile_list_of_headers_is_refused_unread(policy, text):
    started = time.process_time()
    decision = preflight(policy, b"https://a.example", b"GET", text)
    assert time.process_time() - started < 0.05
    assert (decision.allowed, decision.reason) == (False, Reason.HEADERS_TOO_LONG)


def test_many_short_lines_of_headers_count_together():
    policy = CorsPolicy(allow_origins=["https://a.example"], allow_headers=["*"])
    fields = [(b"origin", b"https://a.example"), (b"access-control-request-method", b"GET")]
    fields += [(b"access-control-request-headers", b"x" * 100)] * 50
    assert policy.decide(b"OPTIONS", fields).reason is Reason.HEADERS_TOO_LONG
