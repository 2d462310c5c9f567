"""URLs and origins as browsers see them."""

import pytest

from crossgate.cors.fetch.url import (
    UrlError,
    blocked_port,
    local_network_host,
    parse_origin,
    parse_url,
    potentially_trustworthy,
    same_origin,
)


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("https://api.example", "https://api.example", "/"),
        ("HTTPS://API.example:443/x?y#z", "https://api.example", "/x?y"),
        ("http://a.example:8080?q", "http://a.example:8080", "/?q"),
        ("http://[::1]:80/", "http://[::1]", "/"),
        ("http://[0:0::1]/", "http://[::1]", "/"),
        (" https://a.example/\n", "https://a.example", "/"),
        ("https://a.example/a b", "https://a.example", "/a%20b"),
        ("https://a.example/ä", "https://a.example", "/%C3%A4"),
        ("https://a.example:/", "https://a.example", "/"),
        ("https://a.example\\x", "https://a.example", "/x"),
    ],
)
def test_urls_have_the_origin_a_browser_gives_them(text: str, origin: str, target: str) -> None:
    url = parse_url(text)
    assert (url.origin, url.target) == (origin, target)


@pytest.mark.parametrize(
    "text",
    ["", "/x", "a.example", "//a.example", "ftp://a.example", "https://", "https:///x", "https://a b/", "http://a:99999/",
     "http://a:x/", "http://[::zz]/", "http://[::1/", "localhost:3000", "https://münchen.example/"],
)  # fmt: skip
def test_what_is_no_http_url_is_refused(text: str) -> None:
    with pytest.raises(UrlError):
        parse_url(text)


def test_user_name_and_password_are_seen() -> None:
    assert parse_url("https://u:p@a.example/").includes_credentials
    assert parse_url("https://u@a.example/").includes_credentials
    assert not parse_url("https://@a.example/").includes_credentials


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("null", "null"),
        ("https://A.example/", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_origins_are_serialized_as_browsers_send_them(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize("text", ["", "a.example", "localhost:3000", "file:///x", "data:x", "*", "https://", "x://"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(UrlError):
        parse_origin(text)


def test_an_opaque_origin_is_never_the_same() -> None:
    assert same_origin("https://a.example", parse_url("https://a.example/x"))
    assert not same_origin("http://a.example", parse_url("https://a.example/x"))
    assert not same_origin("null", parse_url("https://a.example/x"))


@pytest.mark.parametrize(
    ("origin", "trusted"),
    [
        ("https://a.example", True),
        ("http://a.example", False),
        ("http://localhost:3000", True),
        ("http://app.localhost", True),
        ("http://localhost.example", False),
        ("http://localhost.", True),
        ("http://127.8.9.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://128.0.0.1", False),
        ("null", False),
    ],
)
def test_trustworthy_origins_are_https_or_this_machine(origin: str, trusted: bool) -> None:
    assert potentially_trustworthy(origin) is trusted


@pytest.mark.parametrize(
    ("host", "local"),
    [("192.168.1.4", True), ("10.0.0.1", True), ("printer.local", True), ("[fd00::1]", True), ("8.8.8.8", False),
     ("a.example", False), ("localhost", True)],
)  # fmt: skip
def test_local_networks_are_recognised_by_address(host: str, local: bool) -> None:
    assert local_network_host(host) is local


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (b"/y", "https://a.example:8443/y"),
        (b"?q", "https://a.example:8443/x?q"),
        (b"//b.example", "https://b.example/"),
        (b"http://b.example/z", "http://b.example/z"),
        (b"../up", "https://a.example:8443/up"),
        (b"/\\b.example/y?\\", "https://b.example/y?\\"),
    ],
)
def test_redirects_resolve_against_the_url(location: bytes, url: str) -> None:
    assert str(parse_url(location.decode(), parse_url("https://a.example:8443/x"))) == url


@pytest.mark.parametrize("location", [b"http://[", b"http://", b"mailto:x", b"http://a:b:c/", b"data:,x"])
def test_redirects_to_no_url_are_refused(location: bytes) -> None:
    with pytest.raises(UrlError):
        parse_url(location.decode(), parse_url("https://a.example/"))


def test_ports_of_other_protocols_are_blocked() -> None:
    assert blocked_port(parse_url("http://a.example:6667/"))
    assert not blocked_port(parse_url("http://a.example:8080/"))
