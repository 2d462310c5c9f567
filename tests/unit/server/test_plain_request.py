"""What is read as plain is what the ordinary parser reads; whatever was read before makes no difference."""

import dataclasses
import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossgate.config.model import LimitsConfig
from crossgate.server.incoming import Incoming
from crossgate.server.plain_request import PlainRequest, PlainRequests
from crossgate.server.request_parser import RequestParser

LIMITS = LimitsConfig(max_head_bytes=400, max_headers=8, max_target_bytes=200)
GOOD = b"GET /good?a=1 HTTP/1.1\r\nHost: good.example\r\nCookie: a\r\ncookie: b\r\nX-Wanted: yes \r\nOrigin: https://a\r\n\r\n"
SHARED = PlainRequests(LIMITS, wanted=[b"x-wanted"])

METHODS = st.sampled_from([b"GET", b"OPTIONS", b"POST", b"HEAD", b"get", b"TRACE", b"PURGE", b"CONNECT", b""])
TARGETS = st.sampled_from(
    [
        b"/",
        b"/a/b?c=d&e",
        b"/a%20b",
        b"/a#b",
        b"*",
        b"http://h.example/a",
        b"/a?b%20c",
        b"/" + b"a" * 250,
        b"/\x80",
        b"/?",
    ]
)
VERSIONS = st.sampled_from([b" HTTP/1.1", b" HTTP/1.1", b" HTTP/1.1", b" HTTP/1.0", b"  HTTP/1.1", b" HTTP/2.0", b""])
LINES = st.sampled_from(
    [
        b"Host: h.example",
        b"host: h.example",
        b"HOST:h.example",
        b"Host: ",
        b"Host: a b",
        b"Origin: https://a.example",
        b"ORIGIN:\thttps://a.example \t",
        b"Connection: keep-alive",
        b"Connection: close",
        b"Connection: X-Wanted",
        b"Content-Length: 0",
        b"Content-Length: 3",
        b"TRANSFER-ENCODING: chunked",
        b"Transfer-Encoding : chunked",
        b"Expect: 100-continue",
        b"Upgrade: websocket",
        b"X-Wanted: a",
        b"x-wanted: b",
        b"Cookie: a=b",
        b"Not-Origin: x",
        b"X: origin: y",
        b" folded: x",
        b"no colon",
        b"X:",
        b"X: \x00",
        b"X: a\nOrigin: https://b.example",
        b"X: a\rOrigin: https://b.example",
        b"Access-Control-Request-Method: PUT",
    ]
)


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    """Bytes like those of a request."""
    start = draw(METHODS) + draw(st.sampled_from([b" ", b" ", b"  ", b"\t"])) + draw(TARGETS) + draw(VERSIONS)
    lines = draw(st.lists(LINES, max_size=10))
    if draw(st.booleans()):
        lines.insert(0, b"Host: h.example")
    end = draw(st.sampled_from([b"\r\n\r\n"] * 5 + [b"\r\n", b"\n\n", b"\r\n\r\nabc", b"\r\n\r\n" + GOOD]))
    return draw(st.sampled_from([b""] * 5 + [b"\r\n", b"\n"])) + b"\r\n".join([start, *lines]) + end


def ordinarily(data: bytes) -> list[Incoming]:
    """What the ordinary parser makes of the bytes."""
    parser = RequestParser(LIMITS, "192.0.2.9")
    parser.feed(data)
    return parser.arrived


@settings(max_examples=3_000, deadline=None)
@given(st.one_of(heads(), st.binary(max_size=60)))
@example(GOOD)
@example(GOOD[:-2] + b"X: 1\r\n" * 9 + b"\r\n")
def test_plain_requests_are_read_as_ordinary_ones_are(data: bytes) -> None:
    head = SHARED.read(data)
    if head is not None:
        (arrived,) = ordinarily(data)
        assert (arrived.fault, arrived.keep_alive, arrived.whole, arrived.pieces) == (None, True, True, [])
        plain = PlainRequest(head, data, "192.0.2.9")
        assert plain.first(b"x-wanted") == arrived.request.first(b"x-wanted")
        for field in dataclasses.fields(arrived.request):
            assert getattr(plain, field.name) == getattr(arrived.request, field.name), field.name
        for name, value in head[3].items():
            assert arrived.request.values(name) == [value]
        named = {b"host", b"origin", b"x-wanted", b"access-control-request-method"}
        assert named & {name for name, _ in arrived.request.fields} <= head[3].keys()
    assert SHARED.read(GOOD) is not None


def test_plain_request_tells_what_matters_and_keeps_the_rest() -> None:
    head = SHARED.read(GOOD)
    assert head is not None
    assert head[:3] == (b"GET", b"/good", b"a=1")
    assert head[3] == {b"host": b"good.example", b"x-wanted": b"yes", b"origin": b"https://a"}
    request = PlainRequest(head, GOOD, "192.0.2.9")
    assert request.values(b"cookie") == [b"a", b"b"]
    assert request.host == b"good.example"


def test_nothing_that_takes_a_second_look_is_plain() -> None:
    assert SHARED.read(GOOD) is not None
    for line in (
        b"Host: other.example",
        b"Content-Length: 0",
        b"transfer-encoding: chunked",
        b"EXPECT: 100-continue",
        b"Upgrade: h2c",
        b"Connection: close",
        b"Connection: X-Wanted",
        b"X-Wanted: twice",
    ):
        assert SHARED.read(GOOD[:-2] + line + b"\r\n\r\n") is None, line
    for method, target in itertools.product((b"GET", b"PURGE", b"CONNECT"), (b"/%61", b"/#", b"*", b"http://a/")):
        assert SHARED.read(b"%b %b HTTP/1.1\r\nHost: good.example\r\n\r\n" % (method, target)) is None
    assert SHARED.read(GOOD + GOOD) is None
    assert SHARED.read(GOOD) is not None


def test_heads_over_a_limit_are_left_to_the_parser_that_refuses_them() -> None:
    for limits in (LimitsConfig(max_head_bytes=60), LimitsConfig(max_headers=5), LimitsConfig(max_target_bytes=9)):
        assert PlainRequests(limits).read(GOOD) is None or limits.max_headers == 5
    longer = GOOD[:-2] + b"X: 1\r\n" * 4 + b"\r\n"
    assert PlainRequests(LimitsConfig(max_headers=9)).read(longer) is not None
    assert PlainRequests(LimitsConfig(max_headers=8)).read(longer) is None


def test_hosts_of_clients_are_remembered_within_bounds() -> None:
    reader = PlainRequests(LIMITS)
    for number in range(1_000):
        assert reader.read(b"GET / HTTP/1.1\r\nHost: h%d.example\r\n\r\n" % number) is not None
    assert len(reader._hosts) <= 64
