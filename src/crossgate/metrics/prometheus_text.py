"""Prometheus' text format, version 0.0.4. Source: prometheus.io, exposition formats."""

from typing import Any

from crossgate.metrics.registry import Sampled, Snapshot

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def prometheus_text(snapshot: Snapshot) -> str:
    """The text, families by name and samples by labels, so that it reads and compares well."""
    lines: list[str] = []
    for family in sorted(snapshot, key=lambda family: family.name):
        help_text = family.help.replace("\\", "\\\\").replace("\n", "\\n")
        lines += [f"# HELP {family.name} {help_text}", f"# TYPE {family.name} {family.kind}"]
        for labels, value in sorted(family.samples, key=lambda sample: sample[0]):
            shown = [f'{name}="{text.translate(_ESCAPES)}"' for name, text in zip(family.labels, labels, strict=True)]
            if family.kind == "histogram":
                lines += _histogram(family, shown, value)
            else:
                lines.append(f"{family.name}{_braces(shown)} {_number(value)}")
    return "\n".join(lines) + "\n"


def _histogram(family: Sampled, labels: list[str], numbers: list[Any]) -> list[str]:
    lines = []
    total = 0
    bounds = [f"{bound:.15g}" for bound in family.bounds]
    for bound, count in zip([*bounds, "+Inf"], numbers[:-1], strict=True):
        total += int(count)
        bucket = _braces([*labels, f'le="{bound}"'])
        lines.append(f"{family.name}_bucket{bucket} {total}")
    braces = _braces(labels)
    return [*lines, f"{family.name}_sum{braces} {_number(numbers[-1])}", f"{family.name}_count{braces} {total}"]


def _braces(labels: list[str]) -> str:
    return "{" + ",".join(labels) + "}" if labels else ""


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))
