"""Values stay values wherever url_pattern puts them; the judge reads URLs without any of the code."""

import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossgate.golang.url import UrlError, request_target
from crossgate.pipeline.safe_value import UnsafeValueError
from crossgate.pipeline.target import Target
from crossgate.plan.url_template import parse_url_template

PATTERNS = (
    "/p/{a}",
    "/p/{a}/{b}",
    "/{a}/{b}/end",
    "/p/v{a}.{b}/x",
    "/p/.{a}{b}/x",
    "/group%2Fproject/{a}/x?y={b}",
    "/s?role=user&id={a}&to={b}",
    "/s/{a}?{b}=1",
    "/s/{a}?n=1#{b}",
    "/b(1)/{a}?q={b}",
)
PIECES = st.sampled_from(
    [
        *rb". .. / \ % %2 2e %2e %2F %5c %25 f ? # & = + ; a admin %00 [ : @ {".split(),
        b" ",
        b"\xc3\xa9",
        b"\xff",
        b"\0",
        b"\n",
        b'"',
        b"<",
    ]
)
VALUES = st.lists(PIECES, max_size=6).map(b"".join)


def filled(pattern: str, a: bytes, b: bytes = b"b", prefix: bytes = b"") -> bytes:
    return Target(parse_url_template(pattern)).build(prefix, {"A": a, "B": b})


def segments(target: bytes) -> list[bytes]:
    """The segments of the path as a server sees them that decodes twice and takes backslashes for slashes."""
    path = target.partition(b"?")[0]
    return re.split(rb"[/\\]", unquote_to_bytes(unquote_to_bytes(path)))


def parameters(target: bytes) -> list[list[bytes]]:
    """Name and value of each parameter for a server that also takes semicolons for separators."""
    query = target.partition(b"?")[2]
    return [
        [unquote_to_bytes(part.replace(b"+", b" ")) for part in pair.split(b"=")] for pair in re.split(rb"[&;]", query)
    ]


@settings(max_examples=3000, deadline=None)
@given(st.sampled_from(PATTERNS), VALUES, VALUES)
@example("/p/.{a}{b}/x", b".", b"")
@example("/p/v{a}.{b}/x", b"%2", b"f")
@example("/group%2Fproject/{a}/x?y={b}", b"a b", b"c")
def test_dev_param_values_add_no_segments_and_no_parameters(pattern: str, a: bytes, b: bytes) -> None:
    try:
        target = filled(pattern, a, b)
    except UrlError:  # refused
        return
    harmless = filled(pattern, b"a", b"b")
    assert re.fullmatch(rb"[\x21-\x7e]+", target)
    assert b"#" not in target
    assert (target.count(b"?") >= 1) == (b"?" in harmless)
    assert len(segments(target)) == len(segments(harmless))
    assert not [part for part in segments(target) if re.fullmatch(rb"\.\.?([;\0].*)?", part, re.DOTALL)]
    assert target[:2] != b"//"
    pairs, expected = parameters(target), parameters(harmless)
    assert [len(pair) for pair in pairs] == [len(pair) for pair in expected]
    if pattern.startswith("/s?"):
        assert pairs == [[b"role", b"user"], [b"id", unquote_to_bytes(a)], [b"to", unquote_to_bytes(b)]]


ORDINARY = st.text(
    st.one_of(
        st.sampled_from("abcXYZ019-_.~!$'()*,:@ []|\"<>^`{}"),
        st.characters(min_codepoint=0xA0, exclude_categories=("Cs",)),
    ),
    min_size=1,
).filter(lambda text: text.strip(". ") != "")


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(["/p/{a}", "/p/v{a}.x/y", "/b(1)/{a}", "/s?id={a}", "/s/{a}?id={a}&n=1"]), ORDINARY)
def test_ordinary_values_are_written_as_go_writes_them(pattern: str, text: str) -> None:
    value = text.encode()
    assert filled(pattern, value) == request_target(pattern.encode().replace(b"{a}", value))


@pytest.mark.parametrize(
    "value",
    [
        *(b".", b"..", b"%2e%2E", b".%252e", b"..;", b"..;a=b", b"..%3bx", b"..\0", b"..%00.png", b".. "),
        *(b"/", b"a/b", b"../a", b"a%2fb", b"a%252Fb", b"a%25252fb", b"a%%32Fb", b"a%2%35%32fb"),
        *(b"\\", b"..\\a", b"a%5Cb", b"a%255cb"),
        b"%2525252525252e",
    ],
)
def test_dev_param_1_values_that_would_move_the_path_are_refused(value: bytes) -> None:
    with pytest.raises(UrlError):
        filled("/public/{a}/x", value)


@pytest.mark.parametrize("value", [b"", b"a?b#c", b"&=+;", b"...", b".a", b"a..", b"..a", b"%41", b"a%20b", b"%3F"])
def test_what_cannot_move_the_path_passes(value: bytes) -> None:
    assert len(segments(filled("/public/{a}/x", value))) == 4


@pytest.mark.parametrize(
    ("pattern", "a", "b"), [("/p/.{a}", b".", b""), ("/{a}{b}", b".", b"."), ("/{a}{b}", b"%2", b"f")]
)
def test_dev_param_1_values_are_judged_with_what_stands_beside_them(pattern: str, a: bytes, b: bytes) -> None:
    with pytest.raises(UnsafeValueError):
        filled(pattern, a, b)


def test_dev_param_1_an_empty_value_makes_no_host_of_a_path() -> None:
    with pytest.raises(UnsafeValueError):
        filled("/{a}/{b}", b"", b"evil.example")
    assert filled("/p/{a}/{b}", b"", b"x") == b"/p//x"
    assert filled("/{a}/{b}", b"", b"x", b"/base") == b"/base//x"
    assert filled("//{a}", b"x") == b"//x"


def test_dev_param_2_everything_goes_into_the_query_of_a_host_that_has_one() -> None:
    assert filled("/{a}?b={b}", b"../1&2", b"3=4", b"/x?y=") == b"/x?y=/../1%262?b=3%3D4"


def test_dev_param_3_question_marks_and_number_signs_are_escaped_in_paths() -> None:
    assert filled("/p/{a}", b"a?b=c#d") == b"/p/a%3Fb=c%23d"
    assert filled("/p/{a}/{b}", b"a?b=c#d", b"e f") == b"/p/a%3Fb=c%23d/e%20f"


def test_values_do_not_change_escapes_around_them() -> None:
    assert filled("/group%2Fproject/{a}", b"a b(1)") == b"/group%2Fproject/a%20b(1)"
    assert filled("/{a}", b"a b", prefix=b"/a%2Fb") == b"/a%2Fb/a%20b"


def test_placeholders_without_a_value_stay_whatever_they_are_called() -> None:
    template = parse_url_template("/p/{JWT.https://c.example/x}/{a}")
    target = Target(template).build(b"", {"A": b"a?"})
    assert target == b"/p/%7B%7B.JWT.https://c.example/x%7D%7D/a%3F"


def test_values_of_any_length_are_judged_in_linear_time() -> None:
    for long in (b"%25" * 100_000, b"." * 300_000, b"a." * 100_000, b"%" * 300_000):
        for pattern in ("/p/{a}", "/p?{a}"):
            try:
                filled(pattern, long)
            except UrlError:
                continue
