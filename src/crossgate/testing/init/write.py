"""A suite as text: YAML that people can read and change, or JSON. Knows the written form as a tree.

`notes` are sentences for who reads it, one a line.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_HEAD = (
    "# Written by `crossgate test --init`: what the configuration does today. Change it to what it is to do.",
    "# Run it with `crossgate test`.",
)


def render_yaml(head: Mapping[str, Any], tests: Iterable[Mapping[str, Any]], notes: Sequence[str] = ()) -> str:
    """Each test a few lines; values are JSON, which is YAML too."""
    lines = [*_HEAD, *[f"# {note}" for note in notes]]
    lines += [f"{name}: {_flow(value)}" for name, value in head.items() if value not in ("", {}, None)]
    lines.append("tests:")
    for test in tests:
        lines.append("")
        for number, (name, value) in enumerate(test.items()):
            lines.append(f"  {'- ' if number == 0 else '  '}{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def render_json(head: Mapping[str, Any], tests: Iterable[Mapping[str, Any]], notes: Sequence[str] = ()) -> str:
    """One test a line."""
    parts = [f'"_notes": {_flow(list(notes))}'] if notes else []
    parts += [f"{json.dumps(name)}: {_flow(value)}" for name, value in head.items() if value not in ("", {}, None)]
    rows = ",\n    ".join(_flow(test) for test in tests)
    parts.append(f'"tests": [\n    {rows}\n  ]')
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def _flow(value: Any) -> str:
    # Beyond ASCII, YAML does not take every character that JSON does.
    return json.dumps(value, ensure_ascii=True)
