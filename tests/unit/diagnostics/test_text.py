"""Diagnostics for a terminal."""

import pytest

from crossgate.diagnostics import Diagnostic, Severity, Span, render_text
from crossgate.diagnostics.excerpt import clean_text, excerpt


def diagnostic(span: Span | None, message: str = "message", **words: str) -> Diagnostic:
    return Diagnostic("COR201", Severity.WARNING, "$.a[0]", message, span=span, **words)


def test_diagnostic_shows_message_place_line_caret_and_advice() -> None:
    text = '{\n  "a": ["*"]\n}'
    span = Span("k.json", 2, 9, 2, 12)
    shown = render_text([diagnostic(span, krakend="starts", hint="list them")], {"k.json": text}, colour=False)
    assert shown == (
        "warning[COR201]: message\n"
        " --> k.json:2:9\n"
        "  |\n"
        '2 |   "a": ["*"]\n'
        "  |         ^^^\n"
        "  |\n"
        "  = at:      $.a[0]\n"
        "  = krakend: starts\n"
        "  = hint:    list them\n"
    )


def test_gutter_is_as_wide_as_the_line_number() -> None:
    shown = render_text([diagnostic(Span("k", 10, 1, 10, 2))], {"k": "x\n" * 10}, colour=False)
    assert "  --> k:10:1\n   |\n10 | x\n   | ^\n   |\n   = at:" in shown


def test_two_diagnostics_have_a_blank_line_between_them_and_none_gives_nothing() -> None:
    span = Span("k", 1, 1, 1, 2)
    assert render_text([diagnostic(span), diagnostic(span, "another")], {"k": "x"}, colour=False).count("\n\n") == 1
    assert render_text([], {}, colour=True) == ""


def test_without_its_text_a_diagnostic_names_the_file() -> None:
    shown = render_text([diagnostic(Span("environment", 1, 1, 1, 1))], {}, colour=False)
    assert " --> environment\n" in shown
    assert "|" not in shown


def test_colours_add_nothing_but_escapes() -> None:
    import re

    span = Span("k", 1, 2, 1, 3)
    found = [diagnostic(span, hint="h", krakend="k")]
    plain = render_text(found, {"k": "abc"}, colour=False)
    coloured = render_text(found, {"k": "abc"}, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_no_control_character_of_a_file_reaches_the_terminal() -> None:
    text = 'x\x1b]0;owned\x07\x9b31m"\u202e\x00'
    found = [diagnostic(Span(text, 1, 2, 1, 3), message=text, hint=text, krakend=text)]
    shown = render_text(found, {text: text}, colour=False)
    assert all(character.isprintable() or character == "\n" for character in shown)


@pytest.mark.parametrize(
    ("text", "shown"), [("a\tb", "a\\x09b"), ("\u2028", "\\u2028"), ("é\x7f", "é\\x7f"), ("ok", "ok")]
)
def test_control_characters_become_escapes(text: str, shown: str) -> None:
    assert clean_text(text) == shown


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "marks"),
    [
        ("abc", 2, 3, "abc", " ^"),
        ("\tabc", 2, 5, "    abc", "    ^^^"),
        ("日本x", 3, 4, "日本x", "    ^"),
        ("e\u0301x", 3, 4, "e\u0301x", " ^"),
        ("abc", 4, 4, "abc", "   ^"),
        ("abc\r", 4, 5, "abc", "   ^"),
        ("ab  ", 1, 5, "ab", "^^"),
        ("", 1, 1, "", "^"),
        ("abc", 9, 12, "abc", "   ^"),
    ],
)
def test_marks_stand_under_the_span(line: str, column: int, end: int, shown: str, marks: str) -> None:
    assert excerpt([line], Span("k", 1, column, 1, end)) == (shown, marks)


def test_span_over_several_lines_is_marked_on_its_first() -> None:
    assert excerpt(["a {", "}"], Span("k", 1, 3, 2, 2)) == ("a {", "  ^")


def test_line_that_is_not_there_shows_nothing() -> None:
    assert excerpt(["a"], Span("k", 2, 1, 2, 1)) is None


@pytest.mark.parametrize("column", [1, 60, 5_000, 99_990])
def test_long_line_is_cut_around_the_span(column: int) -> None:
    line = "x" * (column - 1) + "MARK" + "y" * (100_000 - column - 3)
    found = excerpt([line], Span("k", 1, column, 1, column + 4))
    assert found is not None
    shown, marks = found
    assert len(shown) <= 125
    start = marks.index("^")
    assert shown[start : start + len(marks.strip())] == "MARK"


def test_long_span_is_cut_too() -> None:
    found = excerpt(["x" * 100_000], Span("k", 1, 10, 1, 90_000))
    assert found is not None
    assert len(found[0]) <= 125
    assert len(found[1]) <= 125
