"""The differences for programs. The fields are described in docs/comparing.md."""

import json
from collections.abc import Sequence
from typing import Any

from crossgate.cli.diff_places import Shown
from crossgate.compare import Example
from crossgate.compare.curl import curl_line, sent_target
from crossgate.diagnostics import Span


def render_json(shown: Sequence[Shown], old: str, new: str, total: int | None) -> str:
    """One object, with a line break at the end."""
    report = {
        "old": old,
        "new": new,
        "same": not shown,
        "opens": any(one.group.first.opens for one in shown if not one.group.first.is_undecided),
        "requests": total,
        "differences": [_difference(one) for one in shown],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _difference(one: Shown) -> dict[str, Any]:
    first = one.group.first
    return {
        "kind": first.kind.value,
        "opens": first.opens,
        "sentence": first.sentence,
        "endpoints": list(one.group.endpoints),
        "count": one.group.count,
        "old": _place(one.old),
        "new": _place(one.new),
        "evidence": first.evidence,
        "shown_by": first.shown_by,
        "example": None if first.example is None else _example(first.example),
        "requests": one.requests,
    }


def _place(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}


def _example(example: Example) -> dict[str, Any]:
    return {
        "method": example.method,
        "target": sent_target(example),
        "headers": [list(field) for field in example.fields],
        "body": example.body,
        "client": example.client_host,
        "condition": example.condition,
        "backend": {
            "status": example.backend_status,
            "headers": [list(field) for field in example.backend_fields],
            "json": example.backend_data,
            "text": example.backend_text,
            "delay_ms": round(example.backend_delay_seconds * 1000),
            "only": example.only_backend,
            "others_status": example.others_status if example.only_backend else None,
            "others_json": example.others_data if example.only_backend else None,
            "is_down": example.backend_is_down,
            "answers": [
                {
                    "method": one.method,
                    "hosts": list(one.hosts),
                    "path": one.path,
                    "status": one.status,
                    "text": one.text,
                }
                for one in example.answers
            ],
        },
        "times": example.times,
        "curl": curl_line(example),
    }
