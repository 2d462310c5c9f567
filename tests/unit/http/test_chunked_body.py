"""Chunked bodies: the same however they are cut up, whatever their extensions, and nothing odd let through."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.http.chunked_body import MAX_LINE_BYTES, ChunkedBody, ChunkedBodyError


def read(data: bytes, cuts: list[int], *, is_lenient: bool = False) -> tuple[bytes, bytes, bool]:
    """The body, what stands behind it, and whether it has ended."""
    chunks = ChunkedBody(is_lenient=is_lenient)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    behind = b""
    for begin, end in itertools.pairwise(edges):
        if chunks.ended:
            behind += data[begin:end]
        elif begin != end:
            behind += chunks.feed(data[begin:end])
    return b"".join(chunks.take()), behind, chunks.ended


EXTENSIONS = st.sampled_from(
    [
        b"",
        b";a",
        b";a=b",
        b"; a",
        b" ;a",
        b"\t;\ta\t=\tb\t",
        b";a;b = c",
        b';a="b ; c"',
        b'; a = "\\" ;" ; d',
        b";a=",
        b";a= ",
    ]
)
BODIES = st.lists(st.binary(min_size=1, max_size=20), max_size=4)
TRAILERS = st.sampled_from([b"", b"X: y\r\n", b"X: y\r\nLong: 1234\r\n"])


@settings(max_examples=1000, deadline=None)
@given(BODIES, EXTENSIONS, TRAILERS, st.binary(max_size=30), st.lists(st.integers(0, 500), max_size=10))
def test_bodies_are_read_whatever_their_extensions_and_however_they_are_cut_up(
    pieces: list[bytes], extension: bytes, trailers: bytes, behind: bytes, cuts: list[int]
) -> None:
    head = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)
    end = b"\r\n" + trailers + b"\r\n"
    expected = (b"".join(pieces), behind, True)
    for is_lenient in (False, True):
        assert read(head + b"0" + extension + end + behind, cuts, is_lenient=is_lenient) == expected


LINES = [
    b"",
    b"5 ",
    b" 5",
    b"0x5",
    b"-5",
    b"+5",
    b"5;",
    b"5; ",
    b"5;;a",
    b"5;a=b=c",
    b"5;a b",
    b"g",
    b"5\n",
    b"\n5",
    b"5;a\n",
]
LINES += [
    b"5;a\rb",
    b"5;a\x00",
    b'5;a="',
    b'5;a="\x01"',
    b";a",
    b"5,5",
    b"5;\xe9",
    b"5;a" + b" " * MAX_LINE_BYTES,
    b"f" * 17,
]


@pytest.mark.parametrize("line", LINES)
def test_lines_that_are_no_chunk_sizes_are_refused(line: bytes) -> None:
    data = line + b"\r\nabcde\r\n0\r\n\r\n"
    for cut in range(min(len(data), 40)):
        with pytest.raises(ChunkedBodyError):
            read(data, [cut])


@pytest.mark.parametrize("line", [b"5 ", b"5 \t", b"5;", b"5; ", b"5;\xe9", b"5;;a", b"5;a b", b"5"])
def test_answers_may_pad_their_chunk_sizes_and_have_any_extension(line: bytes) -> None:
    data = line + b"\r\nabcde\r\n0 \r\n\r\nx"
    assert read(data, [], is_lenient=True) == (b"abcde", b"x", True)


@pytest.mark.parametrize("line", [b" 5", b"0x5", b"5\n", b"5\r5", b"5 5", b"5;a\x00", b"5;a\nb", b"", b"f" * 17])
def test_answers_are_refused_for_anything_else(line: bytes) -> None:
    for cut in range(len(line) + 5):
        with pytest.raises(ChunkedBodyError):
            read(line + b"\r\nabcde\r\n0\r\n\r\n", [cut], is_lenient=True)


@pytest.mark.parametrize("line", [b"3\nabc\n0\n\n", b"zz", b"\r\r", b"5;a\rb", b"5" * MAX_LINE_BYTES])
def test_what_can_no_longer_become_a_line_is_not_waited_for(line: bytes) -> None:
    with pytest.raises(ChunkedBodyError):
        read(line, [])
