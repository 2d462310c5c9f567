"""The report of tests for programs: JSON, JUnit's XML, the Test Anything Protocol (version 14)."""

import json
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from crossgate.cli.testing_text import Reached, Reported
from crossgate.diagnostics import Span
from crossgate.testing.player import Result

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f]")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_json(reported: Sequence[Reported], reached: Sequence[Reached], seconds: float) -> str:
    """One object: `tests`, `coverage`, `passed`, `failed`, `left_out`, `seconds`."""
    left_out = sum(bool(each.result.left_out) for each in reported)
    failed = sum(not each.result.passed for each in reported)
    report = {
        "passed": len(reported) - failed - left_out,
        "failed": failed,
        "left_out": left_out,
        "seconds": round(seconds, 3),
        "tests": [_test(each) for each in reported],
        "coverage": [
            {
                "config": part.config,
                "endpoints": {"asked": part.endpoints[0], "total": part.endpoints[1]},
                "gates": {"seen_to_refuse": part.refusals[0], "total": part.refusals[1]},
                "untested": [
                    {"what": what, "at": span and _at(span)}
                    for what, span in ((what, place()) for what, place in part.untested)
                ],
            }
            for part in reached
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _test(each: Reported) -> dict[str, Any]:
    result = each.result
    answered = result.answered
    return {
        "name": result.case.name,
        "file": each.file,
        "line": result.case.span.line,
        "outcome": _outcome(result),
        "seconds": round(result.seconds, 6),
        "failure": result.failure or result.left_out,
        "differences": [
            {"what": found.what, "expected": found.expected, "got": found.got} for found in result.differences
        ],
        "decided_by": [{"what": what, "at": _at(span)} for what, span in each.places],
        "status": None if answered is None else answered.status,
        "route": None if answered is None else answered.route,
        "cors": None
        if result.judgement is None
        else {
            "verdict": "allowed" if result.judgement.allowed else "blocked",
            "step": str(result.judgement.decided_by.step),
            "reason": result.judgement.decided_by.reason,
            "chromium_error": result.judgement.chromium_error,
        },
    }


def _outcome(result: Result) -> str:
    if result.left_out:
        return "left out"
    return "passed" if result.passed else "failed"


def render_junit(reported: Sequence[Reported], seconds: float) -> str:
    """One `testsuite` for each file, in the form that Jenkins' xUnit plugin publishes (junit-10.xsd)."""
    failed = sum(not each.result.passed for each in reported)
    counts = {"tests": str(len(reported)), "failures": str(failed), "errors": "0"}
    root = ET.Element("testsuites", {"name": "crossgate", **counts, "time": f"{seconds:.3f}"})
    for file in dict.fromkeys(each.file for each in reported):
        mine = [each for each in reported if each.file == file]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=file,
            tests=str(len(mine)),
            failures=str(sum(not each.result.passed for each in mine)),
            errors="0",
            skipped=str(sum(bool(each.result.left_out) for each in mine)),
            time=f"{sum(each.result.seconds for each in mine):.3f}",
        )
        for each in mine:
            result = each.result
            case = ET.SubElement(
                suite,
                "testcase",
                name=_xml(result.case.name),
                classname=file,
                time=f"{result.seconds:.6f}",
            )
            if result.left_out:
                ET.SubElement(case, "skipped", message=_xml(result.left_out))
            elif not result.passed:
                lines = _lines(each)
                failure = ET.SubElement(case, "failure", type="difference", message=_xml(lines[0]))
                failure.text = _xml("\n".join([f"at {_at(result.case.span)}", *lines]))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def render_tap(reported: Sequence[Reported]) -> str:
    """TAP with the differences in YAML: version 13, and no quoted text, since Perl's own reader takes no other."""
    lines = ["TAP version 13", f"1..{len(reported)}"]
    for number, each in enumerate(reported, 1):
        result = each.result
        name = _NO_TEXT.sub("\ufffd", " ".join(f"{each.file}: {result.case.name}".split()))
        name = name.replace("\\", "\\\\").replace("#", "\\#")
        word = "ok" if result.passed else "not ok"
        skip = f" # SKIP {result.left_out}" if result.left_out else ""
        lines.append(f"{word} {number} - {name}{skip}")
        if not result.passed:
            lines += ["  ---", f"  at: {json.dumps(_at(result.case.span))}", "  differences: |"]
            lines += [f"    {_NO_TEXT.sub(' ', line)}" for line in "\n".join(_lines(each)).splitlines()]
            lines.append("  ...")
    return "\n".join(lines) + "\n"


def _lines(each: Reported) -> list[str]:
    result = each.result
    lines = [result.failure] if result.failure else []
    lines += [f"{found.what}: expected {found.expected}, got {found.got}" for found in result.differences]
    return lines + [f"decided by {what}: {_at(span)}" for what, span in each.places]


def _xml(text: str) -> str:
    """Without what XML 1.0 has no way to say."""
    return _NO_XML.sub("\ufffd", text)


def _at(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"
