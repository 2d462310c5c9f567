"""URLs as browsers read them, what the standard library gets wrong, and that the model reads what comes out."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors.fetch import CHROMIUM, FetchRequest, WireRequest, WireResponse, parse_url, run_fetch
from crossgate.cors.fetch.url import Url, UrlError
from crossgate.probe.url_standard import parse_standard_origin, parse_standard_url

BASE = "https://api.example:8443/v1/items?x"


@pytest.mark.parametrize(
    ("text", "serialized"),
    [
        ("http://a.example/x/../a", "http://a.example/a"),
        ("http://a.example/u/%2e%2e", "http://a.example/"),
        ("http://a.example/u/.%2E/", "http://a.example/"),
        ("http://a.example/u/./7", "http://a.example/u/7"),
        ("http://a.example/../..", "http://a.example/"),
        ("http://a.example/x/..?y/../z", "http://a.example/?y/../z"),
        ("http://a.example/a%2fb/..", "http://a.example/"),
        ("http://127.1:8080/a", "http://127.0.0.1:8080/a"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://017700000001/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("https:api.example/x", "https://api.example/x"),
        ("https:///api.example", "https://api.example/"),
        ("\x01HTTPS://api.example\\x\\..\\y#z ", "https://api.example/y"),
        ("http://a\tb.ex\nample/", "http://ab.example/"),
        ("https://b\u00fccher.example/\u00e4?\u00f6", "https://xn--bcher-kva.example/%C3%A4?%C3%B6"),
        ("https://fa\u00df.example/", "https://xn--fa-hia.example/"),
        ("http://a%41.example/", "http://aa.example/"),
        ("http://a.example?", "http://a.example/?"),
        ("http://a.example/%zz|", "http://a.example/%zz|"),
        ("http://a.example/\ud800", "http://a.example/%EF%BF%BD"),
        ('http://a"b.example/', 'http://a"b.example/'),
    ],
)
def test_a_url_is_read_as_by_the_url_standard(text: str, serialized: str) -> None:
    assert str(parse_standard_url(text)) == serialized


@pytest.mark.parametrize(
    "text",
    ["", "/x", "nonsense", "http://", "http://a b/", "http://1.2.3.400/", "http://256.256.256.256/", "http://a.1/",
     "http://a:99999/", "http://[::zz]/", "ftp://a.example/", "data:,x", "localhost:3000", "http://a%00b/",
     "http://a\u2028b/"],
)  # fmt: skip
def test_what_a_browser_does_not_fetch_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(UrlError) as refused:
        parse_standard_url(text)
    assert str(refused.value)


@pytest.mark.parametrize(
    ("location", "serialized"),
    [
        ("../up", "https://api.example:8443/up"),
        ("/x/%2E./a", "https://api.example:8443/a"),
        ("?q", "https://api.example:8443/v1/items?q"),
        ("//127.1/", "https://127.0.0.1/"),
        ("https:other", "https://api.example:8443/v1/other"),
    ],
)
def test_a_relative_url_is_resolved(location: str, serialized: str) -> None:
    assert str(parse_standard_url(location, parse_url(BASE))) == serialized


@pytest.mark.parametrize(
    ("text", "origin"),
    [("https://\u00c4.example/x", "https://xn--4ca.example"), ("http://127.1:80", "http://127.0.0.1"), ("null", "null"),
     ("chrome-extension://abc", "chrome-extension://abc")],
)  # fmt: skip
def test_origins_are_those_that_browsers_send(text: str, origin: str) -> None:
    assert parse_standard_origin(text) == origin


def test_a_redirect_leads_where_the_browser_goes() -> None:
    def answer(request: WireRequest) -> WireResponse:
        fields = ((b"access-control-allow-origin", b"*"), (b"location", b"/x/%2e%2e/a"))
        return WireResponse(302, fields) if request.url.endswith("/r") else WireResponse(200, fields[:1])

    request = FetchRequest("https://app.example", "https://api.example/r")
    trace = run_fetch(request, answer, CHROMIUM, parse=parse_standard_url)
    assert [exchange.request.url for exchange in trace.exchanges] == ["https://api.example/r", "https://api.example/a"]


PIECES = (
    *("http:", "https:", "/", "//", "\\", ".", "..", "%2e", "%", "@", ":", "?", "#", "[::1]", "127.1", "0x7f", "xn--"),
    *("a.example", ":80", ":443", "\u00fc", "\u3002", "\t", " ", '"', "{", "|", "^"),
)
URL_PIECES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=10)


@given(URL_PIECES)
@settings(max_examples=400, deadline=None)
def test_the_model_reads_every_serialized_url_as_it_was_meant(pieces: list[str]) -> None:
    try:
        url = parse_standard_url("".join(["http://", *pieces]))
    except UrlError:
        return
    assert parse_url(str(url)) == Url(url.scheme, url.host, url.port, url.target)
    assert parse_standard_url(str(url)) == parse_url(str(url))


def test_the_parser_is_loaded_when_the_first_url_is_read_and_not_before() -> None:
    program = "import sys, crossgate.cli.main as m; m.build_parser(None); print('ada_url' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
