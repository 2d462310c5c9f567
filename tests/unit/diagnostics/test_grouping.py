"""What is wrong at many places for one reason is said once."""

import json

from crossgate.diagnostics import Diagnostic, Severity, Span, render_json, render_sarif, render_text
from crossgate.diagnostics.grouping import group_by_cause


def at(line: int, path: str = "$.a", message: str = "m", severity: Severity = Severity.WARNING, **more: str):
    return Diagnostic("CFG205", severity, path, message, span=Span("k", line, 1, line, 2), **more)


def test_equal_messages_are_one_group_in_the_order_of_their_first() -> None:
    groups = group_by_cause([at(1), at(2, message="other"), at(3)])
    assert [(group.first.span.line, group.size) for group in groups if group.first.span] == [(1, 2), (2, 1)]


def test_a_named_cause_joins_messages_that_differ() -> None:
    [group] = group_by_cause([at(1, message="GET is out", cause="out"), at(2, message="PUT is out", cause="out")])
    assert group.first.message == "GET is out"


def test_severities_are_never_mixed() -> None:
    assert len(group_by_cause([at(1), at(2, severity=Severity.ERROR)])) == 2


def test_text_shows_the_first_place_and_counts_the_others() -> None:
    found = [at(line, f"$.endpoints[{line}].timeout") for line in (1, 2, 4)]
    shown = render_text(found, {"k": "x\n" * 9}, colour=False)
    assert shown.count("CFG205") == 1
    assert " --> k:1:1\n" in shown
    assert "  = also:    at 2 more endpoints: lines 2 and 4\n" in shown


def test_places_are_named_for_what_they_are() -> None:
    def named(*paths: str) -> str:
        [group] = group_by_cause([at(1, path) for path in paths])
        return group.places

    assert named("$.endpoints[0].backend[0].x", "$.endpoints[0].backend[1].x") == "backends"
    assert named("$.endpoints[0].backend[0].x", "$.endpoints[1].y") == "endpoints"
    assert named("$.endpoints[0].x", "$.endpoints[0].y") == "places"
    assert named("$.x", "$.endpoints[0].y") == "places"


def test_a_hundred_places_do_not_fill_the_screen() -> None:
    shown = render_text([at(line) for line in range(1, 101)], {}, colour=False)
    assert "also:    at 99 more places: lines 2, 3, 4, 5, 6, 7, 8, 9 …\n" in shown
    assert len(shown.splitlines()) < 8


def test_places_in_one_line_are_not_named_one_by_one() -> None:
    assert "also:    at 2 more places in this line\n" in render_text([at(1), at(1), at(1)], {}, colour=False)
    assert "also:    at 1 more place: line 7\n" in render_text([at(1), at(7)], {}, colour=False)


def test_programs_get_an_entry_for_each_place_with_a_shared_key() -> None:
    found = [at(1), at(2), at(3, message="other")]
    entries = json.loads(render_json(found))["diagnostics"]
    assert [entry["line"] for entry in entries] == [1, 2, 3]
    assert entries[0]["group"] == entries[1]["group"] != entries[2]["group"]
    results = json.loads(render_sarif(found))["runs"][0]["results"]
    assert [result["properties"]["group"] for result in results] == [entry["group"] for entry in entries]


def test_texts_in_one_line_are_named() -> None:
    def item(column: int, end: int) -> Diagnostic:
        return Diagnostic("COR310", Severity.WARNING, "$.a", "m", span=Span("k", 1, column, 1, end))

    text = '["a", "b", "c"]'
    shown = render_text([item(2, 5), item(7, 10), item(12, 15)], {"k": text}, colour=False)
    assert 'also:    at 2 more places in this line: "b" and "c"\n' in shown
    many = render_text([item(2, 5)] * 20, {"k": text}, colour=False)
    assert many.count('"a"') < 12
    assert "…\n" in many
