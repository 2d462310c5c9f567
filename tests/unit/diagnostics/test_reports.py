"""Diagnostics for programs: JSON and SARIF, and the paths and codes they carry."""

import json
import os
from dataclasses import replace

import jsonschema
import pytest

from crossgate.diagnostics import Diagnostic, Severity, Span, render_json, render_sarif
from crossgate.diagnostics.path import child, join, parse_path
from tests.support.sarif import sarif_validator

FOUND = [
    Diagnostic(
        "CFG203", Severity.WARNING, '$.a["b/c"][0]', "a message", "a hint", "converts", Span("k é:.json", 2, 3, 2, 9)
    ),
    Diagnostic("CFG101", Severity.ERROR, "$", "gone", "", "", Span("/etc/k.json", 1, 1, 1, 1)),
    Diagnostic("CFG221", Severity.NOTE, "KRAKEND_PORT", "note"),
]


def test_json_has_every_field_of_every_diagnostic() -> None:
    report = json.loads(render_json(FOUND))
    assert report["diagnostics"][0] == {
        "code": "CFG203",
        "severity": "warning",
        "group": "CFG203: a message",
        "message": "a message",
        "path": '$.a["b/c"][0]',
        "file": "k é:.json",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 9,
        "hint": "a hint",
        "krakend": "converts",
    }
    assert [each["severity"] for each in report["diagnostics"]] == ["warning", "error", "note"]
    assert report["diagnostics"][2]["line"] == 1
    assert json.loads(render_json([])) == {"diagnostics": []}


@pytest.mark.parametrize("found", [FOUND, FOUND[:1], []])
def test_sarif_is_valid_by_the_published_schema(found: list[Diagnostic]) -> None:
    report = json.loads(render_sarif(found, version="1.0"))
    sarif_validator().validate(report)
    [run] = report["runs"]
    assert [result["ruleId"] for result in run["results"]] == [each.code for each in found]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_schema_refuses_what_is_wrong() -> None:
    report = json.loads(render_sarif(FOUND))
    report["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        sarif_validator().validate(report)


def test_sarif_names_files_as_uris() -> None:
    results = json.loads(render_sarif(FOUND))["runs"][0]["results"]
    files = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results[:2]]
    assert files == ["./k%20%C3%A9:.json", "/etc/k.json"]
    assert "physicalLocation" not in results[2]["locations"][0]


def test_sarif_has_a_uri_for_names_that_are_no_text() -> None:
    found = replace(FOUND[0], span=replace(FOUND[0].span, file=os.fsdecode(b"k\xff.json")))
    [result] = json.loads(render_sarif([found]))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "k%FF.json"


def test_notes_on_the_place_are_in_both_reports() -> None:
    noted = replace(FOUND[1], notes=(("rendered", "line 7"), ("settings", "settings/prod")), hint="a hint")
    [result] = json.loads(render_sarif([noted]))["runs"][0]["results"]
    assert result["message"]["text"] == "gone\nRendered: line 7\nSettings: settings/prod\nHint: a hint"
    [diagnostic] = json.loads(render_json([noted]))["diagnostics"]
    assert diagnostic["notes"] == {"rendered": "line 7", "settings": "settings/prod"}


def test_paths_are_written_as_people_read_them() -> None:
    assert join("endpoints", 0, "extra_config", "security/cors") == '$.endpoints[0].extra_config["security/cors"]'
    assert child("$", 'a"b\\c') == '$["a\\"b\\\\c"]'
    assert child("$", "é") == '$["é"]'


def test_path_of_no_document_has_no_steps() -> None:
    assert parse_path("KRAKEND_PORT") == []
    assert parse_path("$") == []
    assert parse_path("$.a junk") == ["a"]


def test_diagnostic_is_seen_from_a_larger_document() -> None:
    inner = Diagnostic("COR101", Severity.ERROR, "$.allow_origins[0]", "m")
    assert inner.under('$.extra_config["security/cors"]').path == '$.extra_config["security/cors"].allow_origins[0]'
