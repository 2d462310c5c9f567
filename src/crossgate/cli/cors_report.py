"""Verdicts for people: the outcome, why, where it was decided, what would allow it, and what travelled.

Knows verdicts; not where they come from.
"""

import os
import sys

from crossgate.cli.colour import wants_colour
from crossgate.cli.cors_json import render_verdicts_json
from crossgate.cli.cors_verdict import LocatedFix, Verdict, notes_of
from crossgate.cli.terminal import BLUE, BOLD, CYAN, DIM, GREEN, RED, Page, clean, columns_of
from crossgate.cors.fetch import Exchange, NetworkFailure, Outcome, Trace
from crossgate.diagnostics import Span
from crossgate.diagnostics.excerpt import excerpt

ALLOWED, BLOCKED = 0, 3
"""Exit codes."""

_MARKS = {
    Outcome.OK: ("ok", GREEN),
    Outcome.FAILED: ("FAIL", RED),
    Outcome.SKIPPED: ("skip", DIM),
    Outcome.NOTE: ("note", CYAN),
}
_STEP_COLUMNS = 27
_MAX_VALUE_CHARACTERS = 300


def show(verdicts: list[Verdict], form: str, *, verbose: bool = False) -> int:
    """Print them; the exit code: 0 if the page may read every response, else 3.

    `verbose` shows each check of the browser and all that travels, in the order in which it happens.
    """
    if form == "json":
        text = render_verdicts_json(verdicts)
    else:
        page = Page(colour=wants_colour(sys.stdout, os.environ), columns=columns_of(sys.stdout))
        for number, verdict in enumerate(verdicts):
            if number:
                page.add()
                page.add()
            add_verdict(page, verdict, verbose=verbose)
        text = page.text()
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
    return ALLOWED if all(verdict.judgement.allowed for verdict in verdicts) else BLOCKED


def add_verdict(page: Page, verdict: Verdict, *, verbose: bool) -> None:
    """One verdict."""
    judgement = verdict.judgement
    trace = judgement.primary
    request = trace.request
    credentials = " with credentials" if request.credentials == "include" else ""
    word, ink = ("ALLOWED", GREEN) if judgement.allowed else ("BLOCKED", RED)
    asked = f"{request.method} {request.url} from {request.origin}{credentials}"
    page.raw(f"{page.paint(word, ink)}  {page.paint(clean(asked), BOLD)}")
    page.add()
    page.add(judgement.decided_by.reason, first="  ")
    if verdict.because:
        page.add(verdict.because, first="  ")
    if verdict.span is not None:
        add_place(page, verdict.span, verdict.path, verdict.text)
    page.add()
    for label, value in _facts(verdict):
        page.add(value, first=f"  {page.paint(f'{label}:', BOLD)}{' ' * (10 - len(label))}", rest=" " * 13)
    _add_fixes(page, verdict.fixes)
    page.add()
    if verbose:
        _add_trace(page, trace)
        _add_asked_again(page, verdict)
    else:
        for exchange in trace.exchanges:
            _add_exchange(page, exchange, with_fields=False)
        if not trace.exchanges:
            page.add("Nothing is sent.", first="  ")
    notes = [note for note in notes_of(verdict) if not verbose or all(note != c.reason for c in trace.checks)]
    if notes:
        page.add()
    for note in notes:
        page.add(note, first=f"  {page.paint('note:', CYAN)} ", rest=" " * 8)


def add_place(page: Page, span: Span, path: str, text: str) -> None:
    """The line that decided, with a caret, as `crossgate check` shows it."""
    number = str(span.line)
    margin = " " * (2 + len(number))
    page.add(f"{span.file}:{span.line}:{span.column} {path}", first=f"{margin}{page.paint('-->', BLUE)} ")
    shown = excerpt(text.split("\n"), span) if text else None
    if shown is None:
        return
    bar = page.paint("|", BLUE)
    page.raw(f"{margin} {bar}")
    page.raw(f"  {page.paint(number, BLUE)} {bar} {shown[0]}")
    page.raw(f"{margin} {bar} {page.paint(shown[1], CYAN)}")


def _facts(verdict: Verdict) -> list[tuple[str, str]]:
    judgement = verdict.judgement
    trace = judgement.primary
    check = judgement.decided_by
    facts = [("step", f"{check.step.value} ({check.source})")]
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


def _add_fixes(page: Page, fixes: tuple[LocatedFix, ...]) -> None:
    if not fixes:
        return
    page.add()
    needed = sum(not one.alternative for one in fixes)
    page.add("To allow it, all of these:" if needed > 1 else "To allow it:", first="  ", ink=BOLD)
    for number, one in enumerate(fixes, 1):
        mark = "or" if one.alternative else f"{number}."
        page.add(f"{one.fix.change}{_in_file(one.span)}", first=f"  {page.paint(mark, BOLD)} ", rest=" " * 5)
        page.add(one.fix.cost, first=f"     {page.paint('cost:', DIM)} ", rest=" " * 11)


def _in_file(span: Span | None) -> str:
    return "" if span is None else f"  ({span.file}:{span.line})"


def _add_trace(page: Page, trace: Trace) -> None:
    """Checks and exchanges in the order in which they happened."""
    exchanges = list(trace.exchanges)
    for number, check in enumerate(trace.checks):
        while exchanges and exchanges[0].checks_before <= number:
            _add_exchange(page, exchanges.pop(0))
        mark, ink = _MARKS[check.outcome]
        first = f"  {page.paint(f'{mark:<4}', ink)} {check.step.value:<{_STEP_COLUMNS}} "
        page.add(check.reason, first=first, rest=" " * (_STEP_COLUMNS + 8))
    for exchange in exchanges:
        _add_exchange(page, exchange)


def _add_asked_again(page: Page, verdict: Verdict) -> None:
    if verdict.refused is None:
        return
    page.add()
    page.add("Asked again, to find out what is refused:", first="  ", ink=BOLD)
    for exchange in verdict.refused.exchanges:
        _add_exchange(page, exchange)


def _add_exchange(page: Page, exchange: Exchange, *, with_fields: bool = True) -> None:
    request, response = exchange.request, exchange.response
    first = " " * 7 if with_fields else "  "

    def add(mark: str, text: str) -> None:
        page.raw(f"{first}{page.paint(mark, BLUE)} {clean(text)}")

    add(">", f"{request.method} {request.url}{' (preflight)' if request.is_preflight else ''}")
    if with_fields:
        for name, value in request.fields:
            add(">", f"{_plain(name)}: {_plain(value)}")
    if isinstance(response, NetworkFailure):
        add("<", f"no answer: {response.reason}")
        return
    add("<", str(response.status))
    for name, value in response.fields if with_fields else ():
        if name.startswith(b"access-control-") or name in (b"vary", b"location"):
            shown = _plain(value)
            cut = shown if len(shown) <= _MAX_VALUE_CHARACTERS else shown[:_MAX_VALUE_CHARACTERS] + "..."
            add("<", f"{_plain(name)}: {cut}")


def _plain(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
