"""The safe grammar of origins: what it takes, what it refuses and says instead, and what its patterns match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors.origin_pattern import (
    EntryError,
    PrefixSuffix,
    WholeParts,
    compile_krakend_entry,
    compile_safe_entry,
)


@pytest.mark.parametrize(
    ("entry", "exact"),
    [
        ("https://example.com", b"https://example.com"),
        ("http://localhost:3000", b"http://localhost:3000"),
        ("http://127.0.0.1:8080", b"http://127.0.0.1:8080"),
        ("https://[2001:db8::1]", b"https://[2001:db8::1]"),
        ("https://[::1]:8443", b"https://[::1]:8443"),
        ("http://example.com:443", b"http://example.com:443"),
        ("https://bücher.example", b"https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", b"https://xn--bcher-kva.example"),
        ("https://straße.example", b"https://xn--strae-oqa.example"),
        ("https://日本語.example", b"https://xn--wgv71a119e.example"),
        ("https://a_b.example", b"https://a_b.example"),
        ("capacitor://localhost", b"capacitor://localhost"),
        ("chrome-extension://abcdefghijklmnop", b"chrome-extension://abcdefghijklmnop"),
        (
            "moz-extension://11111111-2222-3333-4444-555555555555",
            b"moz-extension://11111111-2222-3333-4444-555555555555",
        ),
    ],
)
def test_an_exact_origin_is_the_text_that_browsers_send(entry, exact):
    assert compile_safe_entry(entry) == exact


@pytest.mark.parametrize(
    ("entry", "matching", "others"),
    [
        (
            "https://*.example.com",
            ["https://a.example.com", "https://a.b.example.com", "https://a_b.example.com"],
            [
                "https://example.com",
                "https://.example.com",
                "https://a..example.com",
                "https://evilexample.com",
                "https://a.example.com.evil.net",
                "https://a.example.com:8443",
                "http://a.example.com",
                "https://evil.net/.example.com",
                "https://evil.net?.example.com",
                "https://evil.net#.example.com",
                "https://user@a.example.com",
                "https://a.example.com/",
                "https://A.example.com",
                "https://a.example.com.",
                "https://*.example.com",
                "https://" + "a." * 150 + "example.com",
            ],
        ),
        (
            "https://*.example.com:8443",
            ["https://a.example.com:8443"],
            ["https://a.example.com", "https://a.example.com:84430", "https://a.example.com:18443"],
        ),
        (
            "https://*.example.com:*",
            ["https://a.example.com", "https://a.example.com:1", "https://a.example.com:65535"],
            [
                "https://example.com:1",
                "https://a.example.com:65536",
                "https://a.example.com:",
                "https://a.example.com:443",
            ],
        ),
        (
            "http://localhost:*",
            ["http://localhost", "http://localhost:3000"],
            [
                "http://localhost:3000.evil.com",
                "http://localhost.evil.com",
                "https://localhost:1",
                "http://localhost:03000",
            ],
        ),
        (
            "http://[::1]:*",
            ["http://[::1]", "http://[::1]:1"],
            ["http://[::2]:1", "http://[0::1]:1", "http://[::1]x:1"],
        ),
        ("https://*.bücher.example", ["https://a.xn--bcher-kva.example"], ["https://xn--bcher-kva.example"]),
    ],
)
def test_a_pattern_matches_whole_labels_and_whole_ports(entry, matching, others):
    pattern = compile_safe_entry(entry)
    assert isinstance(pattern, WholeParts)
    assert [origin for origin in matching if not pattern.matches(origin.encode())] == []
    assert [origin for origin in others if pattern.matches(origin.encode())] == []


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("", ""),
        ("null", ""),
        ("example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com/path", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("https://Example.com", "https://example.com"),
        ("HTTPS://example.com", "https://example.com"),
        (" https://example.com", "https://example.com"),
        ("https://*", ""),
        ("https://*example.com", ""),
        ("https://example.*", ""),
        ("https://a.*.example.com", ""),
        ("https://*.*.example.com", ""),
        ("http*", ""),
        ("*://example.com", ""),
        ("*.example.com", ""),
        ("https://*.127.0.0.1", ""),
        ("https://*.[::1]", ""),
        ("https://1.2.3", ""),
        ("https://[::0001]", ""),
        ("https://[zz]", ""),
        ("https://a..b", ""),
        ("https://example.com:99999", ""),
        ("https://example.com:" + "9" * 10_000, ""),
        ("https://example.com:0080", ""),
        ("https://user@example.com", ""),
        ("https://example.com https://b.example", ""),
        ("https://☃.example", "xn--"),
        ("https://" + "a" * 300, ""),
        ("https://exam\nple.com", ""),
    ],
)
def test_everything_else_is_refused_with_a_reason_and_the_right_spelling_if_there_is_one(entry, hint):
    with pytest.raises(EntryError) as caught:
        compile_safe_entry(entry)
    assert str(caught.value)
    assert hint in caught.value.hint


def test_krakends_wildcard_is_the_first_star_and_a_second_one_is_literal():
    assert compile_krakend_entry("https://*.A.*") == PrefixSuffix(b"https://", b".a.*")
    assert compile_krakend_entry("HTTPS://A.example") == b"https://a.example"
    # Prefix and suffix must not overlap.
    assert not PrefixSuffix(b"https://a", b"a.example").matches(b"https://a.example")


labels = st.from_regex(r"[a-z0-9_-]{1,5}", fullmatch=True)
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)


@settings(max_examples=500, deadline=None)
@given(
    hosts,
    hosts,
    st.sampled_from(["", ":1", ":443", ":65536", ":x"]),
    st.sampled_from(["https", "http"]),
    st.text(max_size=3),
)
def test_a_subdomain_pattern_agrees_with_a_naive_reading(base, host, port, scheme, junk):
    try:
        pattern = compile_safe_entry(f"https://*.{base}")
    except EntryError:
        return
    for candidate in (host, f"{host}.{base}", f"{host}{base}", f"{host}.{base}{junk}", f"{junk}.{base}"):
        origin = f"{scheme}://{candidate}{port}"
        wanted = (
            scheme == "https"
            and not port
            and candidate.endswith(f".{base}")
            and all(
                part and set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-") for part in candidate.split(".")
            )
        )
        assert pattern.matches(origin.encode("utf-8", "replace")) == wanted, origin
