"""Explanations for people and for programs. The fields of the JSON are an interface: added to and never taken away.

Knows explanations and what `cors explain` says of a page's call; not where they come from.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossgate.cli.cors_json import document_of
from crossgate.cli.cors_report import add_place, add_verdict
from crossgate.cli.cors_verdict import Verdict
from crossgate.cli.terminal import BLUE, BOLD, CYAN, DIM, GREEN, RED, YELLOW, Page, clean
from crossgate.config.setting import Setting
from crossgate.diagnostics import Span
from crossgate.explain.explanation import Change, Explanation, Step
from crossgate.testing.mocks import Received

_INKS = {"passes": GREEN, "refused": RED, "blocked": RED, "redirected": YELLOW, "answered": GREEN}
_MARKS = {"passed": ("ok", GREEN), "refused": ("NO", RED), "not-asked": ("-", DIM)}
_NAME_COLUMNS = 18
_MAX_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """An explanation, and what a browser makes of it where a page asks."""

    explanation: Explanation
    verdict: Verdict | None = None

    @property
    def is_blocked(self) -> bool:
        """Whether a page gets nothing of it."""
        return self.verdict is not None and not self.verdict.judgement.allowed

    @property
    def is_refused(self) -> bool:
        """Whether it fails, in one way or the other."""
        return self.explanation.answer == "refused" or self.is_blocked

    @property
    def is_sent(self) -> bool:
        """Whether the request itself leaves the client: a browser keeps it back where its preflight fails."""
        if self.verdict is None:
            return True
        return any(not one.request.is_preflight for one in self.verdict.judgement.primary.exchanges)

    @property
    def decided_by_cors(self) -> bool:
        """Whether the browser's verdict is what there is to explain: where it comes first, or alone."""
        if self.verdict is None or not self.is_blocked:
            return False
        if self.explanation.asked.logged is not None:
            return False
        refused = self.explanation.answer == "refused" and not self.explanation.reason.startswith("cors.")
        return not (self.is_sent and refused)

    @property
    def is_unasked(self) -> bool:
        """Whether a browser asks the gateway nothing, as of mixed content: what it would answer is another matter."""
        return self.verdict is not None and not self.verdict.judgement.primary.exchanges

    @property
    def answer(self) -> str:
        """In one word."""
        return "blocked" if self.decided_by_cors else self.explanation.answer

    @property
    def reason(self) -> str:
        """The code, empty where there is none."""
        if not self.decided_by_cors or self.verdict is None:
            return self.explanation.reason
        if self.is_unasked:
            return self.explanation.reason
        decision = self.verdict.decision
        return "" if decision is None or decision.allowed else f"cors.{decision.reason}"

    @property
    def place(self) -> tuple[str, Span | None]:
        """Path and span of what decides."""
        if self.decided_by_cors and self.verdict is not None and not self.is_unasked:
            return self.verdict.path, self.verdict.span
        return self.explanation.path, self.explanation.span

    @property
    def meaning(self) -> str:
        """What happened."""
        if self.decided_by_cors and self.verdict is not None:
            return " ".join(filter(None, (self.verdict.judgement.decided_by.reason, self.verdict.because)))
        return " ".join(filter(None, (self.explanation.meaning, self.explanation.detail)))

    @property
    def change(self) -> str:
        """The smallest change."""
        if self.decided_by_cors and self.verdict is not None:
            return " ".join(one.fix.change for one in self.verdict.fixes if not one.alternative)
        return "" if self.explanation.change is None else self.explanation.change.text

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The smallest change as values of the file; empty where it is none of that kind."""
        if self.decided_by_cors and self.verdict is not None:
            fixes = [one for one in self.verdict.fixes if not one.alternative]
            found = tuple(one.setting for one in fixes if one.setting is not None)
            return found if len(found) == len(fixes) else ()
        change = self.explanation.change
        return (change.setting,) if change is not None and change.setting is not None else ()


# -- for programs


def render_json(shown: list[Shown]) -> str:
    """One document: the first that is refused, else the first; with several of them, all in `requests`."""
    documents = [explained_document(one) for one in shown]
    first = next((document for document, one in zip(documents, shown, strict=True) if one.is_refused), documents[0])
    if len(documents) > 1:
        first = {**first, "requests": documents}
    return json.dumps(first, indent=2)


def explained_document(shown: Shown) -> dict[str, Any]:
    """All of one explanation."""
    explanation = shown.explanation
    path, span = shown.place
    return {
        "url": explanation.asked.url,
        "method": explanation.asked.method,
        "answer": shown.answer,
        "status": explanation.status or None,
        "route": explanation.route or None,
        "endpoint": explanation.endpoint or None,
        **_place(path, span),
        "reason": shown.reason or None,
        "meaning": shown.meaning,
        "fix": shown.change or None,
        "settings": [{"path": one.path, "value": one.value} for one in shown.settings],
        "then": [
            {
                "reason": one.reason,
                "meaning": one.meaning,
                "fix": one.change.text,
                **_place(one.change.path, one.change.span),
            }
            for one in ([] if shown.decided_by_cors else explanation.then)
        ],
        "passes_then": None if shown.decided_by_cors or not shown.change else explanation.passes_then,
        "steps": [
            {
                "component": step.component,
                "namespace": step.namespace or None,
                "outcome": step.outcome,
                "reason": step.reason or None,
                **_place(step.path, step.span),
                "note": step.note or None,
            }
            for step in _steps(shown)
        ],
        "backends": [_backend(one) for one in ([] if shown.decided_by_cors else explanation.received)],
        "cors": None if shown.verdict is None else document_of(shown.verdict),
        "unless": [
            {"reasons": list(end.reasons), "meaning": end.text, **_place(end.path, span)}
            for end, span in ([] if shown.decided_by_cors else explanation.unless)
        ],
        "not_judged": list(explanation.not_judged),
        "notes": list(_notes(shown)),
    }


def _place(path: str, span: Span | None) -> dict[str, Any]:
    return {
        "path": path or None,
        "file": None if span is None else span.file,
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
    }


def _backend(received: Received) -> dict[str, Any]:
    return {
        "method": received.method,
        "url": f"{received.scheme}://{received.authority}{received.target}",
        "headers": [list(field) for field in received.fields],
        "body": received.body.decode("utf-8", "replace"),
    }


def _notes(shown: Shown) -> tuple[str, ...]:
    explanation = shown.explanation
    notes = list(explanation.notes)
    by_cors = explanation.reason.startswith("cors.")
    if shown.decided_by_cors and shown.is_unasked and by_cors:
        notes.append(f"A browser does not even send this. Sent by anything else, it meets {explanation.reason}.")
    if shown.decided_by_cors and explanation.answer == "refused" and not by_cors:
        notes.append(f"The request itself would be refused, too: {explanation.reason}.")
    if not shown.is_sent and _has_preflight(shown):
        notes.append("The preflight fails, so the browser never sends the request and no backend is called.")
    elif shown.is_sent and explanation.received and (shown.decided_by_cors or by_cors):
        notes.append("The request is sent and backends are called: CORS only keeps the page from reading the response.")
    return tuple(notes)


def _has_preflight(shown: Shown) -> bool:
    return shown.verdict is not None and bool(shown.verdict.judgement.primary.exchanges)


def _steps(shown: Shown) -> list[Step]:
    """Until CORS, where that comes first and blocks."""
    steps = list(shown.explanation.steps)
    if not shown.decided_by_cors:
        return steps
    path, span = shown.place
    before = [step for step in steps if step.component == "router" and step.outcome == "passed"]
    return [*before, Step("cors", "", "refused", shown.reason, path, span)]


# -- for people


def render_text(shown: list[Shown], sources: Mapping[str, str], *, colour: bool, columns: int, verbose: bool) -> str:
    """All of them; of several, those that pass in a line each unless `verbose`. `sources` are what spans point into."""
    page = Page(colour=colour, columns=columns)
    is_brief = len(shown) > 1 and not verbose
    after_block = False
    for number, one in enumerate(shown):
        is_line = is_brief and not one.is_refused
        if number and not (is_line and not after_block):
            page.add()
            page.add()
        if is_line:
            _add_line(page, one)
        else:
            _add(page, one, sources, verbose=verbose)
        after_block = not is_line
    return page.text()


def _add_line(page: Page, shown: Shown) -> None:
    explanation = shown.explanation
    _add_title(page, shown)
    at = "" if explanation.span is None else f"  ({_at(explanation.span)})"
    page.add(f"{explanation.route or 'the gateway itself'}{at}", first="  ", ink=DIM)
    for note in explanation.notes:
        page.add(note, first=f"  {page.paint('note:', CYAN)} ", rest=" " * 8)


def _add_title(page: Page, shown: Shown) -> None:
    asked, word = shown.explanation.asked, shown.answer
    origin = f" from {asked.origin}" if asked.origin else ""
    page.raw(
        f"{page.paint(word.upper(), _INKS[word])}  {page.paint(clean(f'{asked.method} {asked.url}{origin}'), BOLD)}"
    )


def _add(page: Page, shown: Shown, sources: Mapping[str, str], *, verbose: bool) -> None:
    explanation = shown.explanation
    if shown.verdict is not None and shown.decided_by_cors:
        add_verdict(page, shown.verdict, verbose=verbose)
        page.add()
        _add_way(page, shown)
        _add_notes(page, _notes(shown))
        return
    _add_title(page, shown)
    page.add()
    if explanation.reason:
        page.add(f"{explanation.status or 'no answer'}, {explanation.reason}: {shown.meaning}", first="  ")
    elif explanation.answer == "passes":
        page.add(f"{explanation.method} {explanation.route} takes it.", first="  ")
    if explanation.not_judged:
        page.add(f"Not judged: {', '.join(explanation.not_judged)}.", first="  ", ink=YELLOW)
    if explanation.span is not None:
        add_place(page, explanation.span, explanation.path, sources.get(explanation.span.file, ""))
    page.add()
    _add_way(page, shown)
    _add_changes(page, explanation)
    _add_backends(page, explanation, verbose=verbose)
    _add_ends(page, explanation, verbose=verbose)
    _add_notes(page, _notes(shown))
    if shown.verdict is not None:
        page.add()
        page.add("What the page gets to see:", first="  ", ink=BOLD)
        page.add()
        add_verdict(page, shown.verdict, verbose=verbose)


def _add_way(page: Page, shown: Shown) -> None:
    for step in _steps(shown):
        mark, ink = _MARKS[step.outcome]
        parts = [step.namespace, step.reason, "" if step.span is None else f"({_at(step.span)})"]
        name = shown.explanation.route if step.component == "router" and step.outcome == "passed" else ""
        text = "  ".join(filter(None, (name, *parts)))
        page.add(text, first=f"  {page.paint(f'{mark:<2}', ink)} {step.component:<{_NAME_COLUMNS}} ")


def _add_changes(page: Page, explanation: Explanation) -> None:
    """All that has to change, as far as that is known: a promise only where the request passes after it."""
    change = explanation.change
    if change is None:
        return
    page.add()
    page.add("To let it pass:" if explanation.passes_then else "To get past this check:", first="  ", ink=BOLD)
    page.add(f"{change.text}{_where(change)}", first="  1. ", rest=" " * 5)
    for number, one in enumerate(explanation.then, 2):
        text = f"Then {one.reason}: {one.meaning} {one.change.text}{_where(one.change)}"
        page.add(text, first=f"  {number}. ", rest=" " * 5)


def _where(change: Change) -> str:
    return "" if change.span is None else f"  ({_at(change.span)})"


def _add_backends(page: Page, explanation: Explanation, *, verbose: bool) -> None:
    if not explanation.received:
        return
    page.add()
    page.add("Backends would get (none is called here):", first="  ", ink=BOLD)
    for one in explanation.received:
        page.raw(f"  {page.paint('>', BLUE)} {clean(f'{one.method} {one.scheme}://{one.authority}{one.target}')}")
        for name, value in one.fields:
            if name.lower() != "host":
                page.raw(f"      {clean(f'{name}: {_cut(value)}')}")
        if one.body and verbose:
            page.raw(f"      {clean(_cut(one.body.decode('utf-8', 'backslashreplace')))}")
        elif one.body:
            page.raw(f"      {len(one.body)} bytes of body")


def _add_ends(page: Page, explanation: Explanation, *, verbose: bool) -> None:
    """Of a request that passes, those of this file; with `verbose`, of all requests, and those of any."""
    is_told = verbose or explanation.answer != "refused"
    ends = [one for one in explanation.unless if is_told and (verbose or not one[0].is_general)]
    if ends:
        page.add()
        page.add("Unless at that time:", first="  ", ink=BOLD)
    for end, span in ends:
        place = "" if span is None else f"  ({_at(span)})"
        page.add(f"{end.text}: {', '.join(end.reasons)}{place}", first="  - ", rest=" " * 4)


def _add_notes(page: Page, notes: tuple[str, ...]) -> None:
    if notes:
        page.add()
    for note in notes:
        page.add(note, first=f"  {page.paint('note:', CYAN)} ", rest=" " * 8)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_CHARACTERS else text[:_MAX_CHARACTERS] + "..."


def _at(span: Span) -> str:
    return f"{span.file}:{span.line}"
