"""What the rules say about origins agrees with what KrakenD's comparison and browsers do."""

import re

import idna
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossgate.config.host_names import name_lookups
from crossgate.cors.origin_pattern import PrefixSuffix, compile_krakend_entry
from crossgate.cors.rules import WrittenPolicy, check_policy
from crossgate.cors.rules.written_origin import WrittenOrigin

LOOKUPS = name_lookups()
NEVER_MATCHES = {"COR301", "COR302", "COR303", "COR304", "COR305", "COR307", "COR308", "COR309", "COR312", "COR313"}
MATCHES_TOO_MUCH = {"COR202", "COR203", "COR204", "COR205", "COR206", "COR209", "COR210"}

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")
TOP_LABELS = st.sampled_from(["com", "org", "example", "test", "localhost", "dev"])
HOSTS = st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(LABELS, min_size=0, max_size=3), TOP_LABELS)
SCHEMES = st.sampled_from(["https", "http"])
PORTS = st.sampled_from(["", ":3000", ":8443", ":1", ":65535"])
ORIGINS = st.builds("{}://{}{}".format, SCHEMES, HOSTS, PORTS)
PIECES = st.sampled_from([
    "https", "http", "://", "/", "//", "*", ".", "com", "example", "evil", "localhost", "github.io", ":", "443", "3000",
    "@", "?", "#", "[::1]", "ü", "A", ",", "null", "127.1", "%", "-", "\\", " ", "\t",
])  # fmt: skip
ENTRIES = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=12))


def found(*entries, **keys):
    policy = WrittenPolicy({"allow_origins": list(entries), **keys}, lookups=LOOKUPS)
    return list(check_policy(policy))


def codes(*entries, **keys):
    return {diagnostic.code for diagnostic in found(*entries, **keys)}


def krakend_allows(entry, origin):
    compiled = compile_krakend_entry(entry)
    sent = origin.lower().encode()
    return compiled.matches(sent) if isinstance(compiled, PrefixSuffix) else compiled == sent


@settings(max_examples=400, deadline=None)
@given(ORIGINS)
@example("http://[::1]:8080")
@example("http://127.0.0.1")
@example("chrome-extension://abcdefghijklmnopabcdefghijklmnop")
@example("https://xn--bcher-kva.example")
@example("https://a_b.example")
def test_origin_as_a_browser_sends_it_is_clean(origin):
    assert codes(origin) == set()


@settings(max_examples=400, deadline=None)
@given(ENTRIES, ORIGINS)
@example("https://example.com/", "https://example.com")
@example("HTTPS://Example.com", "https://example.com")
@example("*example.com:443", "https://example.com")
def test_entry_that_is_said_never_to_match_matches_no_origin(entry, origin):
    if codes(entry) & NEVER_MATCHES:
        assert not krakend_allows(entry, origin)


@settings(max_examples=400, deadline=None)
@given(ENTRIES)
@example("https://*.example.com")
@example("http*")
@example("*:3000")
def test_no_entry_both_matches_too_much_and_never_matches(entry):
    said = codes(entry)
    assert not (said & NEVER_MATCHES and said & MATCHES_TOO_MUCH)


@settings(max_examples=400, deadline=None)
@given(st.tuples(ENTRIES, ENTRIES).map("*".join).filter(lambda entry: entry != "*" and "localhost" not in entry))
def test_every_wildcard_is_spoken_of(entry):
    assert codes(entry) & (NEVER_MATCHES | MATCHES_TOO_MUCH)


@settings(max_examples=400, deadline=None)
@given(
    st.builds(
        "{}{}{}*{}{}".format,
        SCHEMES,
        st.just("://"),
        st.sampled_from(["", "api.", "api-", "a"]),
        st.sampled_from(["", ".", "x"]),
        HOSTS,
    )
)
def test_origin_named_as_matched_by_mistake_is_matched(entry):
    for diagnostic in found(entry):
        witness = re.search(r"also matches `([^`]+)`", diagnostic.message)
        assert witness is None or krakend_allows(entry, witness[1])


@settings(max_examples=400, deadline=None)
@given(ENTRIES)
@example("https://app.example.com/")
@example("bücher.example:443/x")
@example("https://ü127.1/")
@example("*@")
def test_origin_that_a_hint_proposes_is_clean(entry):
    diagnostics = found(entry)
    proposing = {"COR301", "COR302", "COR303", "COR304"}
    # Where another rule has to leave the rest to the author, a whole origin cannot be proposed.
    if {d.code for d in diagnostics} - proposing - {"COR308"} or any("xn-- form" in d.hint for d in diagnostics):
        return
    for diagnostic in diagnostics:
        proposed = re.fullmatch(r'write (?:scheme and host: )?"([^"]+)"', diagnostic.hint)
        assert proposed, diagnostic
        assert not codes(proposed[1]) & NEVER_MATCHES, proposed[1]


@pytest.mark.parametrize(
    ("entry", "proposed"),
    [
        ("https//a.example", "https://example.com"),
        ("'https://a.example'", "https://example.com"),
        ("/^https:\\/\\/a/", "https://example.com"),
        ("www.a.example/", "https://www.a.example"),
        ("*.a.example/", "https://*.a.example"),
        ("HTTP://[::1]:80/", "http://[::1]"),
    ],
)
def test_what_is_proposed_could_be_an_origin(entry, proposed):
    hints = [diagnostic.hint for diagnostic in found(entry) if diagnostic.code in ("COR301", "COR302", "COR305")]
    assert hints
    assert all(f'"{proposed}"' in hint for hint in hints)


@settings(max_examples=400, deadline=None)
@given(ENTRIES, ENTRIES, ORIGINS)
@example("https://*.example.com", "https://a.*.example.com", "https://a.b.example.com")
def test_covered_entry_allows_nothing_of_its_own(pattern, entry, origin):
    covering, covered = WrittenOrigin.of(0, pattern, "$"), WrittenOrigin.of(1, entry, "$")
    if entry.isascii() and pattern.isascii() and covering.covers(covered) and krakend_allows(entry, origin):
        assert krakend_allows(pattern, origin)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x3FF, categories=["Ll"]), min_size=1, max_size=5))
def test_ascii_form_of_a_host_is_the_one_that_idna_gives(label):
    try:
        expected = idna.encode(label, uts46=True).decode()
    except idna.IDNAError:
        return
    hint = next(d.hint for d in found(f"https://{label}.example") if d.code == "COR308")
    assert hint == f'write "https://{expected}.example"'


@pytest.mark.parametrize(
    ("host", "ascii_form"),
    [("☃.example", "xn--n3h.example"), ("i❤.ws", "xn--i-7iq.ws"), ("x.😀.example", "x.xn--e28h.example")],
)
def test_host_that_only_browsers_take_has_its_ascii_form_too(host, ascii_form):
    hint = next(d.hint for d in found(f"https://{host}") if d.code == "COR308")
    assert hint == f'write "https://{ascii_form}"'


@pytest.mark.parametrize("host", ["\u0301a.example", "a\ud7ff.example", "\u05d0b.example"])
def test_host_that_no_browser_takes_has_no_ascii_form(host):
    hint = next(d.hint for d in found(f"https://{host}") if d.code == "COR308")
    assert hint == "write the host in its xn-- form"


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["allow_origins", "allow_methods", "allow_headers", "expose_headers", "max_age", "debug"])
        | st.sampled_from(["allow_credentials", "options_success_status", "allow_private_network"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | ENTRIES | st.sampled_from(["1s", "-1h", "*"]),
            lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=6,
        ),
    ),
    st.sampled_from([2, 3]),
    st.sampled_from(["krakend", "crossgate", "python"]),
)
def test_rules_take_any_values(values, version, dialect):
    for diagnostic in check_policy(WrittenPolicy(values, version, dialect, lookups=LOOKUPS)):
        assert diagnostic.path.startswith("$")
        assert diagnostic.severity in ("warning", "note")
        assert diagnostic.message
        assert diagnostic.hint
        assert diagnostic.krakend


def test_the_list_is_looked_through_for_a_star_once_however_many_origins_ask(monkeypatch):
    asked = []
    is_any = WrittenOrigin.is_any.fget
    monkeypatch.setattr(WrittenOrigin, "is_any", property(lambda origin: asked.append(1) or is_any(origin)))
    count = 200
    policy = WrittenPolicy({"allow_origins": [f"https://a{number}.example" for number in range(count)]})
    assert [policy.cover_of(origin) for origin in policy.origins] == [None] * count
    assert len(asked) < 10 * count
