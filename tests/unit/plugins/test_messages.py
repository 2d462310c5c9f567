"""What plugins are given: values that check what is set, as early as it is set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.plugins import Answer, BodyNotReadError, Headers, Request, Response


def test_header_fields_are_found_in_any_letter_case() -> None:
    headers = Headers([("X-A", "1"), ("x-a", "2"), ("B", "é")])
    assert (headers["x-A"], headers.all("X-a"), headers.get("c"), headers.get("c", "d")) == ("1", ["1", "2"], None, "d")
    assert ("b" in headers, "c" in headers, 1 in headers, list(headers), len(headers)) == (
        True,
        False,
        False,
        ["x-a", "b"],
        3,
    )
    assert headers["B"] == "é"
    assert headers.changed  # all of them are a plugin's
    headers["X-A"] = " 3\t"
    del headers["c"]
    assert headers.items() == [("b", "é"), ("x-a", "3")]
    with pytest.raises(KeyError):
        headers["c"]


def test_fields_of_a_message_are_loaded_when_they_are_needed() -> None:
    lines = [(b"a", b"1"), (b"b", b"2")]
    loaded: list[int] = []

    class Message:
        @property
        def fields(self) -> list[tuple[bytes, bytes]]:
            loaded.append(1)
            return lines

        def first(self, name: bytes, /) -> bytes | None:
            return dict(lines).get(name)

    headers = Headers.of_message(Message())
    assert (headers["A"], headers.get("c"), loaded) == ("1", None, [])
    headers["C"] = "3"
    assert (headers["c"], headers["a"], lines) == ("3", "1", [(b"a", b"1"), (b"b", b"2")])
    assert "2" not in repr(headers)


class Lines:
    """A message that has these."""

    def __init__(self, lines: list[tuple[bytes, bytes]]) -> None:
        self.fields = lines

    def first(self, name: bytes, /) -> bytes | None:
        return next((value for known, value in self.fields if known.lower() == name), None)


FEW_NAMES = st.sampled_from(["a", "B", "x-c"])
STEPS = st.lists(st.tuples(st.sampled_from(["set", "add", "del"]), FEW_NAMES, st.text("xy", max_size=300)), max_size=20)


@given(
    st.lists(st.tuples(st.sampled_from([b"a", b"B", b"X-C", b"d"]), st.sampled_from([b"1", b"2"])), max_size=4), STEPS
)
def test_fields_of_a_message_change_as_any_others(
    lines: list[tuple[bytes, bytes]], steps: list[tuple[str, str, str]]
) -> None:
    of_message, plain = Headers.of_message(Lines(lines)), Headers.of_lines(lines)
    for what, name, value in steps:
        for headers in (of_message, plain):
            match what:
                case "set":
                    headers[name] = value
                case "add":
                    headers.add(name, value)
                case "del":
                    del headers[name]
        assert of_message.get(name) == plain.get(name)
    edits = of_message.edits
    if edits is not None:
        assert sorted(edits.items()) == sorted(plain.lines()[len(plain.lines()) - len(edits) :])
    assert of_message.changed == plain.changed
    assert sorted(of_message.items()) == sorted(plain.items())
    assert of_message.all("a") == plain.all("a")


def test_what_is_set_takes_the_place_of_lines_however_their_name_is_written() -> None:
    headers = Headers.of_message(Lines([(b"X-Role", b"admin"), (b"X-Other", b"1")]))
    headers["X-Role"] = "guest"
    headers.add("X-More", "2")
    assert headers.items() == [("x-other", "1"), ("x-role", "guest"), ("x-more", "2")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "a\r\nSet-Cookie: b"),
        ("X-A", "a\nb"),
        ("X-A", "a\0"),
        ("X-A", "a\x7f"),
        ("X-A", "€"),
        ("X A", "a"),
        ("X-A:", "a"),
        ("X-A\r\nB", "a"),
        ("", "a"),
        ("é", "a"),
        ("X" * 300, "a"),
        ("X-A", "a" * 70_000),
    ],
)
def test_what_is_no_field_cannot_be_set(name: str, value: str) -> None:
    headers = Headers()
    for change in (headers.__setitem__, headers.add):
        with pytest.raises(ValueError):
            change(name, value)
    with pytest.raises(ValueError):
        Response(200, {name: value})
    assert len(headers) == 0


def test_there_is_an_end_to_how_many_fields_there_are() -> None:
    with pytest.raises(ValueError):
        Headers([(f"X-{number}", "1") for number in range(1000)])


def test_a_query_stays_as_it_came_until_it_is_changed() -> None:
    request = Request("GET", "/a?b=%7e&c&b=2")
    assert request.query == {"b": ["~", "2"], "c": [""]}
    assert request.target == "/a?b=%7e&c&b=2"
    request.query["b"] = ["ü", "&"]
    assert request.target == "/a?b=%C3%BC&b=%26&c="
    request.query.clear()
    assert request.target == "/a"


def test_a_url_is_taken_apart_and_checked() -> None:
    request = Request("GET", "/a?b=1", host="h:1", scheme="http")
    assert request.url == "http://h:1/a?b=1"
    request.url = "https://other.example/c?d=2"
    assert (request.scheme, request.host, request.path, request.query) == (
        "https",
        "other.example",
        "/c",
        {"d": ["2"]},
    )
    for url in ("ftp://a/", "/a", "http:///a", "http://user:pw@a/", "javascript:1"):
        with pytest.raises(ValueError):
            request.url = url


def test_a_body_that_was_not_read_cannot_be_asked_for_but_replaced() -> None:
    response = Response(200, (), None)
    with pytest.raises(BodyNotReadError, match="needs_body"):
        _ = response.body
    response.body = "text"
    assert (response.body, response.body_changed, response.has_body) == (b"text", True, True)
    with pytest.raises(TypeError):
        response.body = 1  # type: ignore[assignment]
    assert Answer().data is not Answer().data
