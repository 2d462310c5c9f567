"""Diagnostics as SARIF 2.1.0, which code hosts show beside the changed lines.

Source: OASIS SARIF 2.1.0. Columns count code points, as `columnKind` says.
"""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from crossgate.diagnostics.codes import CODES
from crossgate.diagnostics.diagnostic import Diagnostic, Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render_sarif(diagnostics: Iterable[Diagnostic], *, version: str = "") -> str:
    """One run with one result per diagnostic, with a line break at the end. `version` is crossgate's own."""
    found = list(diagnostics)
    codes = sorted({each.code for each in found})
    positions = {code: position for position, code in enumerate(codes)}
    driver: dict[str, Any] = {"name": "crossgate", "rules": [_rule(code) for code in codes]}
    if version:
        driver["version"] = version
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, positions[each.code]) for each in found],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    return {"id": code, "shortDescription": {"text": CODES.get(code, code)}}


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, Any]:
    words = [diagnostic.message, *(f"{label.capitalize()}: {note}" for label, note in diagnostic.notes)]
    if diagnostic.hint:
        words.append(f"Hint: {diagnostic.hint}")
    if diagnostic.krakend:
        words.append(f"KrakenD: {diagnostic.krakend}")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": "\n".join(words)},
        "properties": {"group": diagnostic.group},
    }
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": diagnostic.path, "kind": "member"}]}
    span = diagnostic.span
    if span is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(span.file)},
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    result["locations"] = [location]
    return result


def _uri(file: str) -> str:
    """A file name as a URI reference. A colon in the first segment would make it a scheme."""
    uri = quote(file.replace("\\", "/"), safe="/:@!$&'()*+,;=~", errors="surrogateescape")
    return f"./{uri}" if ":" in uri.partition("/")[0] else uri
