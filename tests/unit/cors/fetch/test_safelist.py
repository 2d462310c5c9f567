"""Which headers a script may set, and which need a preflight, by name and value."""

import pytest

from crossgate.cors.fetch.browsers import CHROMIUM, FIREFOX, STANDARD
from crossgate.cors.fetch.safelist import (
    is_forbidden_header,
    is_forbidden_method,
    is_safelisted,
    mime_essence,
    normalize_method,
    unsafe_names,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept", "*/*"),
        ("accept", "text/html,application/json;q=0.9"),
        ("Accept", "\x80\xff"),
        ("Accept-Language", "de-CH, en;q=0.5, *"),
        ("Content-Language", "de"),
        ("Content-Type", "text/plain"),
        ("Content-Type", "TEXT/Plain;charset=UTF-8"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Type", "multipart/form-data; boundary=x"),
        ("Content-Type", "text/plain; application/json"),
        ("Content-Type", "text/plain;"),
        ("Range", "bytes=0-"),
        ("Range", "bytes=0-499"),
        ("Range", "bytes=7-7"),
        ("Accept", "a" * 128),
    ],
)
def test_safelisted_headers_need_no_permission(name: str, value: str) -> None:
    assert is_safelisted(name, value)
    assert unsafe_names([(name, value)]) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "x"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("Accept", "a" * 129),
        ("Accept", "text/html(comment)"),
        ("Accept", 'text/html;a="b"'),
        ("Accept-Language", "de_CH"),
        ("Accept-Language", "de\t"),
        ("Content-Language", "ä"),
        ("Content-Type", "application/json"),
        ("Content-Type", "text/plain, text/plain"),
        ("Content-Type", "text/plain; charset={x}"),
        ("Content-Type", "text"),
        ("Content-Type", ""),
        ("Content-Type", "text/"),
        ("Range", "bytes=-500"),
        ("Range", "bytes=0-1,2-3"),
        ("Range", "bytes= 0-1"),
        ("Range", "bytes=5-1"),
        ("Range", "items=0-1"),
        ("Range", "BYTES=7-7"),
        ("DPR", "2"),
        ("Save-Data", "on"),
        ("User-Agent", "x"),
        ("Last-Event-ID", "1"),
        ("Cache-Control", "no-cache"),
    ],
)
def test_other_headers_need_permission(name: str, value: str) -> None:
    assert not is_safelisted(name, value)
    assert unsafe_names([(name, value)]) == (name.lower(),)


def test_unsafe_names_are_lower_case_sorted_and_unique() -> None:
    headers = [("X-B", "1"), ("x-a", "2"), ("X-A", "3"), ("Accept", "*/*"), ("Content-Type", "application/json")]
    assert unsafe_names(headers) == ("content-type", "x-a", "x-b")


def test_firefox_repeats_a_name_set_twice() -> None:
    assert unsafe_names([("X-A", "1"), ("X-A", "2")], FIREFOX) == ("x-a", "x-a")


def test_more_than_1024_bytes_together_make_safelisted_headers_unsafe() -> None:
    headers = [("Accept-Language", "a" * 120)] * 8
    assert unsafe_names(headers) == ()
    assert unsafe_names([*headers, ("Accept-Language", "a" * 65)]) == ("accept-language",)
    assert unsafe_names([*headers, ("Accept-Language", "a" * 65)], FIREFOX) == ()


def test_chromium_checks_two_values_of_a_name_as_one() -> None:
    twice = [("Content-Type", "text/plain"), ("content-type", "text/plain")]
    assert unsafe_names(twice, STANDARD) == ()
    assert unsafe_names(twice, CHROMIUM) == ("content-type",)
    assert unsafe_names([("Accept-Language", "a" * 120)] * 2, CHROMIUM) == ("accept-language",)


@pytest.mark.parametrize(
    ("name", "value", "safe"),
    [
        ("DPR", "2.5", True),
        ("DPR", "2.", False),
        ("Width", "640", True),
        ("Width", "640.5", False),
        ("Viewport-Width", "1", True),
        ("Device-Memory", "0.5", True),
        ("Downlink", "10", True),
        ("RTT", "100", True),
        ("ECT", "4g", True),
        ("ECT", "5g", False),
        ("Save-Data", "ON", True),
        ("Save-Data", "off", False),
    ],
)
def test_chromium_takes_client_hints_for_safelisted(name: str, value: str, safe: bool) -> None:
    assert is_safelisted(name, value, CHROMIUM) is safe
    assert not is_safelisted(name, value, FIREFOX)


@pytest.mark.parametrize(
    "name",
    ["Cookie", "ORIGIN", "Referer", "Host", "Sec-Fetch-Mode", "sec-", "Proxy-Authorization", "Content-Length", "DNT",
     "Access-Control-Request-Method", "Access-Control-Request-Private-Network", "Via", "Set-Cookie",
     "Date", "TE", "Accept-Encoding"],
)  # fmt: skip
def test_forbidden_request_headers_are_recognised(name: str) -> None:
    assert is_forbidden_header(name, "x")


@pytest.mark.parametrize(
    ("name", "value", "forbidden"),
    [
        ("X-HTTP-Method-Override", "TRACE", True),
        ("X-HTTP-Method", "get, connect", True),
        ("X-Method-Override", "PUT", False),
        ("X-Method-Override", "TRACE2", False),
        ("Authorization", "TRACE", False),
        ("User-Agent", "x", False),
        ("Security", "x", False),
    ],
)
def test_method_overrides_are_forbidden_by_value(name: str, value: str, forbidden: bool) -> None:
    assert is_forbidden_header(name, value) is forbidden


@pytest.mark.parametrize(
    ("written", "sent"),
    [("get", "GET"), ("Put", "PUT"), ("delete", "DELETE"), ("patch", "patch"), ("Patch", "Patch"), ("ſ", "ſ")],
)
def test_only_six_methods_are_upper_cased(written: str, sent: str) -> None:
    assert normalize_method(written) == sent


def test_forbidden_methods_are_recognised_in_any_letter_case() -> None:
    assert [is_forbidden_method(method) for method in ("Connect", "TRACE", "track", "GET")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("value", "essence"),
    [
        ("Text/HTML", "text/html"),
        (" text/plain ; charset=x", "text/plain"),
        ("text/plain;=;;", "text/plain"),
        ("text /plain", None),
        ("/plain", None),
        ("text/pl ain", None),
        ("text/plain/x", None),
        ("", None),
    ],
)
def test_mime_types_parse_as_mime_sniffing_says(value: str, essence: str | None) -> None:
    assert mime_essence(value) == essence
