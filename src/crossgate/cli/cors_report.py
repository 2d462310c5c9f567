"""How a verdict is shown, to people and to programs. Knows judgements and fixes; not where they come from."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from crossgate.cors import Decision
from crossgate.cors.advice import Fix
from crossgate.cors.fetch import Exchange, NetworkFailure, Outcome, Trace
from crossgate.cors.judge import Judgement
from crossgate.diagnostics import Span

ALLOWED, BLOCKED = 0, 3
"""Exit codes."""


@dataclass(frozen=True, slots=True)
class LocatedFix:
    """A fix and where in the configuration it is made; the path is empty where it is made elsewhere.

    Fixes that are no `alternative` are needed together; an alternative stands for all of them.
    """

    fix: Fix
    path: str = ""
    span: Span | None = None
    alternative: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One request's outcome. `path` and `span` say what in the configuration decided it, `because` in which way.

    `decision` is the engine's, where a configuration is explained and CORS is on.
    """

    judgement: Judgement
    fixes: tuple[LocatedFix, ...]
    notes: tuple[str, ...] = ()
    because: str = ""
    path: str = ""
    span: Span | None = None
    decision: Decision | None = None


def show(verdicts: list[Verdict], form: str) -> int:
    """Print them; the exit code: 0 if the page may read every response, else 3."""
    text = _json_text(verdicts) if form == "json" else "\n\n".join(map(_text, verdicts))
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
    return ALLOWED if all(verdict.judgement.allowed for verdict in verdicts) else BLOCKED


# -- for programs


def _json_text(verdicts: list[Verdict]) -> str:
    documents = [_document(verdict) for verdict in verdicts]
    shown = next((document for document in documents if document["verdict"] == "blocked"), documents[0])
    if len(documents) > 1:
        shown = {**shown, "requests": documents}
    return json.dumps(shown, indent=2)


def _document(verdict: Verdict) -> dict[str, Any]:
    judgement = verdict.judgement
    trace = judgement.primary
    check = judgement.decided_by
    return {
        "verdict": "allowed" if judgement.allowed else "blocked",
        "preflight": trace.preflighted,
        "step": check.step.value,
        "reason": " ".join(filter(None, (check.reason, verdict.because))),
        "source": check.source,
        "subject": check.subject,
        "chromium_error": judgement.chromium_error,
        "firefox_error": judgement.firefox_error,
        "because": verdict.because,
        "decision": _decision(verdict.decision),
        **_place(verdict.path, verdict.span),
        "fixes": [
            {
                "change": one.fix.change,
                "cost": one.fix.cost,
                "alternative": one.alternative,
                **_place(one.path, one.span),
            }
            for one in verdict.fixes
        ],
        "notes": list(_notes(verdict)),
        "request": {
            "origin": trace.request.origin,
            "method": trace.request.method,
            "url": trace.request.url,
            "headers": [list(pair) for pair in trace.request.headers],
            "credentials": trace.request.credentials,
            "mode": trace.request.mode,
        },
        "response": {
            "status": trace.status,
            "type": trace.response_type,
            "readable_headers": list(trace.readable_headers),
        },
        "preflight_cache_seconds": trace.preflight_cache_seconds,
        "browsers": {one.browser.name: _browser(one) for one in (judgement.chromium, judgement.firefox)},
        "checks": [
            {"step": c.step.value, "outcome": c.outcome.value, "reason": c.reason, "source": c.source}
            for c in trace.checks
        ],
        "exchanges": [_exchange(exchange) for exchange in trace.exchanges],
    }


def _decision(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "kind": decision.kind.value,
        "allowed": decision.allowed,
        "step": decision.step.value,
        "reason": decision.reason.value,
    }


def _place(path: str, span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"path": path or None, "file": None, "line": None, "column": None}
    return {"path": path, "file": span.file, "line": span.line, "column": span.column}


def _browser(trace: Trace) -> dict[str, Any]:
    check = trace.decided_by
    error = check.chromium_error if trace.browser.name == "chromium" else check.firefox_error
    return {
        "verdict": "allowed" if trace.allowed else "blocked",
        "preflight": trace.preflighted,
        "step": check.step.value,
        "reason": check.reason,
        "error": error,
        "preflight_cache_seconds": trace.preflight_cache_seconds,
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    failed = isinstance(response, NetworkFailure)
    return {
        "preflight": request.is_preflight,
        "method": request.method,
        "url": request.url,
        "credentials": request.credentials,
        "request_headers": [[_plain(name), _plain(value)] for name, value in request.fields],
        "status": None if isinstance(response, NetworkFailure) else response.status,
        "response_headers": []
        if isinstance(response, NetworkFailure)
        else [[_plain(name), _plain(value)] for name, value in response.fields],
        "failure": response.reason if isinstance(response, NetworkFailure) and failed else None,
    }


def _plain(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


# -- for people

_MARKS = {Outcome.OK: "ok  ", Outcome.FAILED: "FAIL", Outcome.SKIPPED: "skip", Outcome.NOTE: "note"}
_WIDTH = 27


def _text(verdict: Verdict) -> str:
    judgement = verdict.judgement
    trace = judgement.primary
    request = trace.request
    credentials = " with credentials" if request.credentials == "include" else ""
    word = "ALLOWED" if judgement.allowed else "BLOCKED"
    lines = [
        f"{word}  {request.method} {request.url} from {request.origin}{credentials}",
        "",
        f"  {judgement.decided_by.reason}",
    ]
    if verdict.because:
        lines.append(f"  {verdict.because}")
    lines.append("")
    for label, value in _facts(verdict):
        lines.append(f"  {label + ':':<10} {value}")
    lines += _fix_lines(verdict.fixes)
    lines += ["", *_steps(trace)]
    notes = [note for note in _notes(verdict) if all(note != check.reason for check in trace.checks)]
    if notes:
        lines += ["", *(f"  note: {note}" for note in notes)]
    return "\n".join(_printable(line) for line in lines)


def _facts(verdict: Verdict) -> list[tuple[str, str]]:
    judgement = verdict.judgement
    trace = judgement.primary
    check = judgement.decided_by
    facts = [("step", f"{check.step.value} ({check.source})")]
    if verdict.span is not None:
        facts.append(("decided at", f"{verdict.span.file}:{verdict.span.line}:{verdict.span.column} {verdict.path}"))
    for label, error, one in (
        ("chromium", judgement.chromium_error, judgement.chromium),
        ("firefox", judgement.firefox_error, judgement.firefox),
    ):
        if not judgement.allowed:
            facts.append((label, "allows it" if one.allowed else error or "blocks it, without a CORS error of its own"))
    facts.append(("preflight", "yes" if trace.preflighted else "no"))
    if judgement.allowed:
        readable = ", ".join(trace.readable_headers) or "none"
        facts.append(("readable", f"status {trace.status}, headers: {readable}"))
    return facts


def _fix_lines(fixes: tuple[LocatedFix, ...]) -> list[str]:
    if not fixes:
        return []
    needed = sum(not one.alternative for one in fixes)
    lines = ["", "  To allow it, all of these:" if needed > 1 else "  To allow it:"]
    for number, one in enumerate(fixes, 1):
        mark = "or" if one.alternative else f"{number}."
        lines.append(f"  {mark} {one.fix.change}{_in_file(one.span)}")
        lines.append(f"     cost: {one.fix.cost}")
    return lines


def _in_file(span: Span | None) -> str:
    return "" if span is None else f"  ({span.file}:{span.line})"


def _steps(trace: Trace) -> list[str]:
    """Checks and exchanges in the order in which they happened."""
    lines: list[str] = []
    exchanges = list(trace.exchanges)
    for number, check in enumerate(trace.checks):
        while exchanges and exchanges[0].checks_before <= number:
            lines += _exchange_lines(exchanges.pop(0))
        lines.append(f"  {_MARKS[check.outcome]} {check.step.value:<{_WIDTH}} {check.reason}")
    for exchange in exchanges:
        lines += _exchange_lines(exchange)
    return lines


def _exchange_lines(exchange: Exchange) -> list[str]:
    request, response = exchange.request, exchange.response
    lines = [f"       > {request.method} {request.url}{' (preflight)' if request.is_preflight else ''}"]
    lines += [f"       > {_plain(name)}: {_plain(value)}" for name, value in request.fields]
    if isinstance(response, NetworkFailure):
        return [*lines, f"       < no answer: {response.reason}"]
    lines.append(f"       < {response.status}")
    for name, value in response.fields:
        if name.startswith(b"access-control-") or name in (b"vary", b"location"):
            shown = _plain(value)
            lines.append(f"       < {_plain(name)}: {shown if len(shown) <= 300 else shown[:300] + '...'}")
    return lines


def _notes(verdict: Verdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*verdict.notes, *verdict.judgement.notes)))


def _printable(line: str) -> str:
    """No control character of a server reaches the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
