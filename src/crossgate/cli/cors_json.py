"""Verdicts for programs. The fields are an interface: they are added to and never taken away."""

import json
from typing import Any

from crossgate.cli.cors_verdict import Verdict, notes_of
from crossgate.cors import Decision
from crossgate.cors.fetch import Exchange, NetworkFailure, Trace
from crossgate.diagnostics import Span


def render_verdicts_json(verdicts: list[Verdict]) -> str:
    """One document: the first verdict that blocks, else the first; with several of them, all in `requests`."""
    documents = [document_of(verdict) for verdict in verdicts]
    shown = next((document for document in documents if document["verdict"] == "blocked"), documents[0])
    if len(documents) > 1:
        shown = {**shown, "requests": documents}
    return json.dumps(shown, indent=2)


def document_of(verdict: Verdict) -> dict[str, Any]:
    """One verdict's."""
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
        "refused": _refused(verdict),
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
        "notes": list(notes_of(verdict)),
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


def _refused(verdict: Verdict) -> dict[str, Any] | None:
    """What a live server's preflight was refused for, where asking again found it out."""
    found = verdict.refused
    return None if found is None else {"part": found.part, "names": list(found.names), "asked": len(found.exchanges)}


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
