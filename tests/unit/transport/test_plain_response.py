"""What is read as plain is what the ordinary reader reads; whatever was read before makes no difference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.http.message import parse_lines
from crossgate.transport.plain_response import PlainResponses, without_length
from crossgate.transport.response_reader import ResponseReader

GOOD = (
    b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 4\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\nX: y\r\n\r\nbody"
)
SHARED = PlainResponses([200, 201, 404])

LINES = st.sampled_from(
    [
        b"Content-Length: 4",
        b"content-length:4",
        b"CONTENT-LENGTH: 4",
        b"Content-Length: 3",
        b"Content-Length: 4 ",
        b"Content-Length: +4",
        b"Content-Length: " + b"4" * 5_000,
        b"Content-Length : 4",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: identity",
        b"Connection: keep-alive",
        b"connection: keep-alive",
        b"Connection: close",
        b"Connection: keep-alive, X",
        b"Keep-Alive: timeout=5",
        b"Proxy-Authenticate: Basic",
        b"TE: trailers",
        b"Upgrade: h2c",
        b"Vary: Accept",
        b"VARY: *",
        b"Access-Control-Allow-Origin: *",
        b"Content-Encoding: gzip",
        b"Date: now",
        b"date: now",
        b"Set-Cookie: a=b",
        b"X: y\nContent-Length: 9",
        b"X: \x00",
        b" folded",
        b"no colon",
        b"X:",
    ]
)
STARTS = st.sampled_from(
    [b"HTTP/1.1 200 OK"] * 4
    + [
        b"HTTP/1.1 404 ",
        b"HTTP/1.1 200",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 204 No",
        b"HTTP/1.1 100 C",
        b"HTTP/1.1 2000 A",
        b"X",
    ]
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Bytes like those of a response."""
    lines = draw(st.lists(LINES, max_size=5))
    if draw(st.booleans()):
        lines.insert(0, b"Content-Length: 4")
    body = draw(st.sampled_from([b"body"] * 4 + [b"", b"bod", b"body!", b"4\r\nbody\r\n0\r\n\r\n", b"body" + GOOD]))
    return b"\r\n".join([draw(STARTS), *lines]) + b"\r\n\r\n" + body


@settings(max_examples=3_000, deadline=None)
@given(st.one_of(answers(), st.binary(max_size=60)))
def test_plain_responses_are_read_as_ordinary_ones_are(data: bytes) -> None:
    plain = SHARED.read(data)
    if plain is not None:
        status, lines, body, has_date = plain
        reader = ResponseReader()
        reader.feed(data)
        assert (reader.complete, reader.clean, reader.status) == (True, True, status)
        assert reader.take_body() == body
        assert reader.lines == without_length(lines)
        names = [name for name, _ in parse_lines(lines)]
        assert names.count(b"content-length") == 1
        assert has_date == (b"date" in names)
    assert SHARED.read(GOOD) is not None


def test_plain_response_keeps_its_lines_but_for_those_of_the_connection() -> None:
    assert SHARED.read(GOOD) == (200, b"\r\nDate: now\r\nContent-Length: 4\r\nX: y", b"body", True)


def test_nothing_that_takes_a_second_look_is_plain() -> None:
    for line in (
        b"Content-Length: 4",
        b"Connection: close",
        b"Connection: X",
        b"Transfer-Encoding: chunked",
        b"Upgrade: h2c",
        b"Trailer: X",
        b"Vary: Accept",
        b"Access-Control-Max-Age: 1",
        b"Content-Encoding: gzip",
    ):
        assert SHARED.read(GOOD.replace(b"X: y", line)) is None, line
    for answer in (GOOD[:-1], GOOD + b"!", GOOD + GOOD, GOOD.replace(b" 200 ", b" 302 ")):
        assert SHARED.read(answer) is None
    many = GOOD.replace(b"X: y", b"\r\n".join([b"X: y"] * 2_100))
    assert SHARED.read(many) is None
    assert SHARED.read(GOOD) is not None
