"""Requests are the same however their bytes are cut up, and no bytes whatever surface as an exception."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossgate.config.model import LimitsConfig
from crossgate.server.incoming import Incoming
from crossgate.server.request_heads import RequestHeads
from crossgate.server.request_reader import RequestReader
from tests.live.test_smuggling import SHAPES

Told = tuple[bytes, bytes, bytes | None, tuple[tuple[bytes, bytes], ...], bytes, bool, bool, int]


def read(data: bytes, cuts: list[int], limits: LimitsConfig = LimitsConfig()) -> list[Told]:  # noqa: B008 # frozen
    """What the parser makes of the bytes, cut up there."""
    parser = RequestReader(RequestHeads(limits), limits)
    incomings: list[Incoming] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        if begin != end:
            parser.feed(data[begin:end])
            incomings += parser.arrived
            parser.arrived.clear()
    told = []
    for incoming in incomings:
        request = incoming
        status = incoming.fault.status if incoming.fault else 0
        fields = tuple(request.fields) if not status else ()
        parts = (request.method, request.path, request.query) if not status else (b"", b"", None)
        body = incoming.body if incoming.whole else b"..."
        told.append((*parts, fields, body, incoming.whole, incoming.keep_alive, status))
    return told


TOKENS = st.text("abcXYZ-_1", min_size=1, max_size=8).map(str.encode)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12).map(str.encode)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A well-formed request."""
    body = draw(st.binary(max_size=40))
    chunked = draw(st.booleans())
    target = b"/" + draw(st.text("ab/?&=.é", max_size=10)).encode()
    lines = [b"%b %b HTTP/1.1" % (draw(st.sampled_from([b"GET", b"POST", b"OPTIONS", b"PATCH"])), target), b"Host: a"]
    lines += [b"X-%b: %b" % field for field in draw(st.lists(st.tuples(TOKENS, VALUES), max_size=4))]
    if chunked:
        lines.append(b"Transfer-Encoding: chunked")
        at = draw(st.integers(0, len(body)))
        pieces = [piece for piece in (body[:at], body[at:]) if piece]
        extension = draw(st.sampled_from([b"", b";a", b"; a", b' ;\ta = "b;\\" c" ;d=', b";a=b "]))
        payload = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)
        payload += b"0%b\r\n" % extension + draw(st.sampled_from([b"", b"X: y\r\n"])) + b"\r\n"
    else:
        if body:
            lines.append(b"Content-Length: %d" % len(body))
        payload = body
    return b"\r\n".join(lines) + b"\r\n\r\n" + payload


@settings(max_examples=400, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=4), st.lists(st.integers(0, 2000), max_size=12))
def test_requests_do_not_depend_on_how_their_bytes_are_cut_up(many: list[bytes], cuts: list[int]) -> None:
    data = b"".join(many)
    whole = read(data, [])
    assert len(whole) == len(many)
    assert read(data, cuts) == whole
    assert all(status == 0 and complete for *_, complete, _, status in whole)


@settings(max_examples=400, deadline=None)
@given(st.lists(requests(), max_size=2), st.sampled_from(sorted(SHAPES)), st.lists(st.integers(0, 2000), max_size=8))
def test_refusals_do_not_depend_on_how_bytes_are_cut_up(before: list[bytes], name: str, cuts: list[int]) -> None:
    data, statuses = SHAPES[name]
    served = read(b"".join(before), [])
    told = read(b"".join(before) + data, cuts)
    assert told[: len(before)] == served
    assert len(told) == len(before) + 1  # refused as a head, or as the body of one
    assert told[-1][-1] in statuses


@settings(max_examples=1500, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            requests(),
            st.sampled_from(
                [b"\r\n", b"\r\n\r\n", b"GET / HTTP/1.1\r\n", b"Host: a\r\n", b"Content-Length: 5\r\n", b"0"]
            ),
            st.sampled_from(
                [b"Transfer-Encoding: chunked\r\n", b"Upgrade: x\r\nConnection: upgrade\r\n", b"\n", b"\0"]
            ),
        ),
        max_size=10,
    ),
    st.lists(st.integers(0, 500), max_size=8),
)
@example(
    [b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 5\r\n\r\n", b"GET / "], [70]
)
def test_no_bytes_whatever_raise(pieces: list[bytes], cuts: list[int]) -> None:
    limits = LimitsConfig(max_head_bytes=200, max_headers=5, max_target_bytes=20, max_body_bytes=30)
    for told in (read(b"".join(pieces), cuts), read(b"".join(pieces), cuts, limits)):
        assert all(status == 0 for *_, status in told[:-1])  # nothing is read behind a refusal


def test_refused_start_line_takes_nothing_of_the_request_before_it_and_adds_nothing_to_it() -> None:
    parser = RequestReader(RequestHeads(LimitsConfig()), LimitsConfig())
    good = b"GET /a HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\n\r\n"
    parser.feed(good + b"GET  /b HTTP/1.1\r\nHost: b\r\nOrigin: https://b.example\r\n\r\n")
    first, second = parser.arrived
    assert first.fields == [(b"host", b"a"), (b"origin", b"https://a.example")]
    assert second.fault is not None
    assert (second.path, second.fields) == (b"", [(b"origin", b"https://b.example")])


METHODS = st.text("!#$%&'*+-.^_`|~09AZaz", min_size=1, max_size=20).filter(lambda text: text != "CONNECT")


@settings(max_examples=600, deadline=None)
@given(requests(), METHODS.map(str.encode), requests(), st.lists(st.integers(0, 300), max_size=8))
@example(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", b"GEX", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", [2])
@example(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", b"patch", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", [1, 3, 6])
def test_any_token_is_a_method_and_changes_nothing_else(
    known: bytes, method: bytes, behind: bytes, cuts: list[int]
) -> None:
    unknown = method + known[known.index(b" ") :]
    (_, *rest), following = read(known + behind, [])
    assert read(unknown + behind, cuts) == [(method, *rest), following]


def test_requests_that_ask_for_upgrades_are_requests_however_often_they_ask() -> None:
    lines = b"Host: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nX-Grade: 1\r\nUPGRADE: websocket\r\n"
    (told,) = read(b"GET / HTTP/1.1\r\n" + lines + b"\r\n", [])
    assert told[-1] == 0
    assert told[3] == (
        (b"host", b"a"),
        (b"connection", b"upgrade"),
        (b"upgrade", b"h2c"),
        (b"x-grade", b"1"),
        (b"upgrade", b"websocket"),
    )


def test_request_with_an_unknown_method_is_one_behind_another_in_one_read() -> None:
    first, second = read(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nFROB / HTTP/1.1\r\nHost: a\r\n\r\n", [])
    assert (first[0], second[0]) == (b"GET", b"FROB")
    assert (first[-1], second[-1]) == (0, 0)


@pytest.mark.parametrize("line", [b"GET  / HTTP/1.1", b"GET /  HTTP/1.1", b"OPTIONS / RTSP/1.0", b"SOURCE / ICE/1.0"])
@pytest.mark.parametrize(
    "before",
    [
        b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 19\r\n\r\nGET / HTTP/1.1\r\n\r\nx",
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\nx",
    ],
)
def test_dev_http_1_start_lines_are_judged_alike_wherever_they_stand_in_a_read(line: bytes, before: bytes) -> None:
    data = before + line + b"\r\nHost: a\r\n\r\n"
    whole = read(data, [])
    assert [told[-1] for told in whole] == [0, read(line + b"\r\nHost: a\r\n\r\n", [])[0][-1]]
    assert whole[1][-1] in (400, 501, 505)
    for cut in range(len(data)):
        assert read(data, [cut]) == whole


def test_host_that_passed_before_is_not_taken_for_granted_where_another_comes() -> None:
    parser = RequestReader(RequestHeads(LimitsConfig()), LimitsConfig())
    for host, status in ((b"a", 0), (b"a", 0), (b"b:1", 0), (b"a/b", 400)):
        parser.feed(b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % host)
        incoming = parser.arrived.pop()
        assert (incoming.fault.status if incoming.fault else 0) == status
        if not status:
            assert incoming.host == host


@pytest.mark.parametrize(
    ("lines", "stays"),
    [
        (b"Connection: close\r\nConnection: keep-alive\r\n", False),
        (b"Connection: keep-alive\r\nConnection: close\r\n", False),
        (b"X: 1\r\nX: 2\r\nConnection: x, close\r\n", False),
        (b"Proxy-Connection: close\r\n", True),
    ],
)
def test_last_request_of_one_connection_is_not_the_last_of_the_others(lines: bytes, stays: bool) -> None:
    heads = RequestHeads(LimitsConfig())
    head = b"GET / HTTP/1.1\r\nHost: a\r\n"
    assert heads.read(head + lines + b"\r\n", len(head + lines) + 2).keep_alive is stays
    assert heads.read(head + b"\r\n", len(head) + 2).fault is None


def test_each_of_several_expectations_counts() -> None:
    heads = RequestHeads(LimitsConfig())
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: other\r\nExpect: 100-continue\r\n\r\n"
    fault = heads.read(head, len(head)).fault
    assert fault is not None
    assert fault.status == 417


@pytest.mark.parametrize(
    ("line", "status", "detail"),
    [
        (b"GET / HTTP/2.0\r\n", 505, "unsupported protocol version"),
        (b"GET  / HTTP/1.1\r\n", 400, "malformed request line"),
    ],
)
def test_start_line_is_refused_for_the_same_reason_before_its_head_is_whole(
    line: bytes, status: int, detail: str
) -> None:
    for data in (line + b"Host: a\r\n\r\n", line + b"Host", line):
        reader = RequestReader(RequestHeads(LimitsConfig()), LimitsConfig())
        reader.feed(data)
        assert [(request.fault.status, request.fault.detail) for request in reader.arrived if request.fault] == [
            (status, detail)
        ]


@pytest.mark.parametrize("line", [b"GET %b HTTP/1.1\r\n", b"PURGE http://a%b HTTP/1.1\r\n"])
def test_bytes_beyond_ascii_in_a_target_are_what_their_escapes_are(line: bytes) -> None:
    rest = b"Host: a\r\nContent-Length: 2\r\n\r\nhi"
    typed = line % "/käse/\udcff?q=ö".encode(errors="surrogateescape") + rest
    escaped = line % b"/k%C3%A4se/%FF?q=%C3%B6" + rest
    for cuts in ([], [8], [30], [len(line) + 20, len(typed) - 1]):
        assert read(typed, cuts) == read(escaped, [])
    assert read(typed, [])[0][-1] == 0
    assert read(typed.replace(b"Host", b"Ho\xe4t"), [])[0][-1] == 400


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, chunked", b"identity", b"xchunked"])
def test_transfer_coding_that_is_not_known_is_called_that(coding: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: %b\r\n\r\n" % coding
    for cuts in ([], [30], [len(head) - 2]):
        *_, status = read(head, cuts)[0]
        assert status == 501
