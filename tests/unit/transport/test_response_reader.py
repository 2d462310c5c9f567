"""Responses are the same however their bytes are cut up; whatever the bytes, only MalformedResponseError is raised."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.http.message import Fields, parse_lines
from crossgate.transport.response_head import MalformedResponseError
from crossgate.transport.response_reader import ResponseReader, whole_responses
from tests.live.test_backend_faults import MALFORMED, READ_ALL_THE_SAME, REUSED

Told = tuple[str, int, Fields, bytes, int | None, bool, bool, bool]


def read(data: bytes, cuts: list[int], *, head: bool = False) -> Told:
    """What the reader makes of the bytes, cut up there."""
    reader = ResponseReader(whole_responses())
    reader.expect(is_head_request=head)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    body = b""
    try:
        for begin, end in itertools.pairwise(edges):
            if begin != end:
                reader.feed(data[begin:end])
                body += reader.take_body()
    except MalformedResponseError:
        return ("malformed", 0, [], b"", None, False, False, False)
    return (
        "read",
        reader.head.status if reader.head else 0,
        [field for field in parse_lines(reader.head.lines if reader.head else b"") if field[0] != b"content-length"],
        body,
        reader.head.length_bytes if reader.head else None,
        reader.complete,
        reader.until_close,
        reader.clean,
    )


NAMES = st.text("abcXYZ-", min_size=1, max_size=8).map(lambda text: b"X-" + text.encode())
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12).map(str.encode)


@st.composite
def responses(draw: st.DrawFn) -> tuple[bytes, Fields, bytes]:
    """A well-formed response with what must come of it: bytes, end-to-end fields, body."""
    fields = draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    body = draw(st.binary(max_size=40))
    framing = draw(st.sampled_from(["length", "chunked"]))
    lines = [b"%b: %b" % field for field in fields]
    own = [b"Content-Length: %d" % len(body) if framing == "length" else b"transfer-encoding: chunked"]
    own += draw(
        st.sampled_from([[], [b"Connection: keep-alive"], [b"Connection: X-Hop", b"x-hop: 1", b"Keep-Alive: 5"]])
    )
    for line in own:
        lines.insert(draw(st.integers(0, len(lines))), line)
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *lines]) + b"\r\n\r\n"
    if framing == "chunked":
        pieces = [body[index : index + 7] for index in range(0, len(body), 7)]
        body_bytes = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    else:
        body_bytes = body
    interim = draw(
        st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 2])
    )
    empty = draw(st.sampled_from([b"", b"\r\n"]))
    return empty + interim + head + body_bytes, [(name.lower(), value) for name, value in fields], body


@settings(max_examples=500, deadline=None)
@given(responses(), st.lists(st.integers(0, 1000), max_size=10))
def test_responses_do_not_depend_on_how_their_bytes_are_cut_up(
    response: tuple[bytes, Fields, bytes], cuts: list[int]
) -> None:
    data, fields, body = response
    told = read(data, cuts)
    assert told == read(data, [])
    assert told[:4] == ("read", 200, [field for field in fields if field[0] != b"x-hop"], body)
    assert told[5:] == (True, False, True)


@settings(max_examples=300, deadline=None)
@given(responses(), st.binary(min_size=1, max_size=20))
def test_bytes_behind_a_response_make_the_connection_unclean_and_nothing_else(
    response: tuple[bytes, Fields, bytes], extra: bytes
) -> None:
    data, _, body = response
    told = read(data + b"H" + extra, [])
    assert told[3] == body
    assert not told[-1]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(MALFORMED)), st.lists(st.integers(0, 4_000_000), max_size=6))
def test_malformed_responses_are_so_however_they_are_cut_up(name: str, cuts: list[int]) -> None:
    assert read(MALFORMED[name], cuts)[0] == "malformed"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(READ_ALL_THE_SAME)), st.lists(st.integers(0, 200), max_size=6))
def test_sloppy_responses_are_read_alike_however_they_are_cut_up(name: str, cuts: list[int]) -> None:
    data, value = READ_ALL_THE_SAME[name]
    told = read(data, cuts)
    assert told == read(data, [])
    assert told[:2] == ("read", 200)
    assert dict(told[2]).get(b"x") == (value and value.strip())
    assert told[3] == b"ab"
    assert told[5:] == (True, False, name in REUSED)
    assert read(data[:-3], cuts)[5] is False


def test_heads_that_come_byte_by_byte_are_rewritten_in_linear_time() -> None:
    reader = ResponseReader(whole_responses())
    for byte in b"HTTP/1.1 200 OK\nX: a\n" + b" b\n" * 10_000:
        reader.feed(bytes((byte,)))
    reader.feed(b"Content-Length: 0\n\n")
    assert reader.complete


@settings(max_examples=1500, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            responses().map(lambda response: response[0]),
            st.sampled_from(
                [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204 N\r\n", b"HTTP/1.1 100 C\r\n", b"HTTP/1.1 101 S\r\n"]
            ),
            st.sampled_from(
                [b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\r\n\r\n", b"abc"]
            ),
            st.sampled_from([b"Connection: upgrade\r\nUpgrade: x\r\n", b"Connection: close\r\n", b"\n", b"\0"]),
        ),
        max_size=8,
    ),
    st.lists(st.integers(0, 500), max_size=8),
    st.booleans(),
)
def test_no_bytes_whatever_raise_anything_else(pieces: list[bytes], cuts: list[int], head: bool) -> None:
    read(b"".join(pieces), cuts, head=head)


def test_reader_serves_one_response_after_another() -> None:
    reader = ResponseReader(whole_responses())
    for index in range(3):
        reader.expect(is_head_request=index == 1)
        reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % index + (b"x" * index if index != 1 else b""))
        assert reader.head is not None
        assert (reader.complete, reader.clean, reader.head.length_bytes) == (True, True, index)
        assert reader.take_body() == (b"xx" if index == 2 else b"")
