"""What a cache reads of field lines is what it would read of them taken apart."""

from hypothesis import given
from hypothesis import strategies as st

from crossgate.components.http_cache.picked import picking, values_in
from crossgate.http.message import Fields, parse_lines

NAMES = (b"cookie", b"cookie2", b"x-host", b"x-h", b"x-http-method", b"x-http-method-override", b"a.b", b"acb", b"vary")
PICKED = frozenset((b"cookie", b"x-host", b"x-http-method", b"x-http-method-override", b"a.b"))

names = st.sampled_from(NAMES).flatmap(lambda name: st.sampled_from((name, name.upper(), name.title())))
values = st.binary(max_size=12).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"")) | st.sampled_from(
    (b"", b" ", b"\t a\t ", b"a b", b"cookie: c", b": x-host: d")
)
some_lines = st.lists(
    st.tuples(names, st.sampled_from((b":", b": ", b":\t ")), values).map(lambda parts: b"\r\n%b%b%b" % parts),
    max_size=6,
).map(b"".join)


def taken_apart(lines: bytes) -> Fields:
    return [(name.lower(), value) for name, value in parse_lines(lines)]


@given(some_lines)
def test_fields_are_picked_out_of_lines_as_out_of_fields(lines: bytes) -> None:
    found = [(name.lower(), value) for name, value in picking(PICKED)(lines)]
    assert found == [field for field in taken_apart(lines) if field[0] in PICKED]


@given(some_lines, st.sampled_from(NAMES))
def test_values_are_found_in_lines_as_in_fields(lines: bytes, name: bytes) -> None:
    assert values_in(lines, name) == [value for known, value in taken_apart(lines) if known == name]


def test_picked_names_stay_as_they_are_written() -> None:
    assert picking((b"cookie",))(b"\r\nCookie: a\r\nCOOKIE:b") == [(b"Cookie", b"a"), (b"COOKIE", b"b")]


def test_names_may_be_long_and_alike() -> None:
    names = [b"x" * 5000 + b"-%d" % number for number in range(64)]
    assert picking(names)(b"\r\n%b: a" % names[7]) == [(names[7], b"a")]
    assert picking((b"",))(b"\r\na: b") == []
