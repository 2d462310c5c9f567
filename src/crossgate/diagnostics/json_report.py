"""Diagnostics as JSON, for programs."""

import json
from collections.abc import Iterable
from typing import Any

from crossgate.diagnostics.diagnostic import Diagnostic


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """`{"diagnostics": [...]}` with a line break at the end. Lines and columns are 1 where there is no place."""
    return json.dumps({"diagnostics": [_as_object(each) for each in diagnostics]}, indent=2, ensure_ascii=False) + "\n"


def _as_object(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    notes = {"notes": dict(diagnostic.notes)} if diagnostic.notes else {}
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "group": diagnostic.group,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "file": span.file if span else "",
        "line": span.line if span else 1,
        "column": span.column if span else 1,
        "end_line": span.end_line if span else 1,
        "end_column": span.end_column if span else 1,
        "hint": diagnostic.hint,
        "krakend": diagnostic.krakend,
        **notes,
    }
