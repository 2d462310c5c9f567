"""The report of tests for people: what failed, what was expected and what came, what decided, what no test reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crossgate.cli.terminal import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Page
from crossgate.diagnostics import Span
from crossgate.testing.compare import Difference
from crossgate.testing.player import Result

MAX_UNTESTED = 20


@dataclass(frozen=True, slots=True)
class Reported:
    """A result with the places of what decided about it."""

    file: str
    result: Result
    places: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """What the tests of one configuration reached. `untested` are sentences with their places, looked up when they are
    asked for: of many endpoints, few are shown."""

    config: str
    endpoints: tuple[int, int]
    refusals: tuple[int, int]
    untested: tuple[tuple[str, Callable[[], Span | None]], ...]


def render_text(
    reported: Sequence[Reported],
    reached: Sequence[Reached],
    seconds: float,
    *,
    colour: bool,
    columns: int,
    verbose: bool,
) -> str:
    """The whole report."""
    page = Page(colour=colour, columns=columns)
    file = ""
    for each in reported:
        shown = verbose or not each.result.passed
        if shown and each.file != file:
            file = each.file
            page.add(file, ink=BOLD)
        if shown:
            _add_result(page, each)
    for part in reached:
        _add_reached(page, part, verbose=verbose)
    page.add(_summary(reported, seconds), ink=BOLD)
    return page.text()


def _add_result(page: Page, each: Reported) -> None:
    result = each.result
    if result.left_out:
        page.add(f"{result.case.name}: left out, {result.left_out}", first="  - ", ink=DIM)
        return
    if result.passed:
        page.add(result.case.name, first=f"  {page.paint('ok', GREEN)} ")
        return
    page.add(result.case.name, first=f"  {page.paint('FAILED', RED)} ", ink=BOLD)
    page.add(_at(result.case.span), first="      at ", ink=CYAN)
    if result.failure:
        page.add(result.failure, first="      ")
    for difference in result.differences:
        _add_difference(page, difference)
    for what, span in each.places:
        page.add(f"{what}: {_at(span)}", first="      decided by ", ink=CYAN)
    if result.answered is not None:
        for line in result.answered.log[-3:]:
            page.add(line, first="      log ", ink=DIM)
    page.add()


def _add_difference(page: Page, difference: Difference) -> None:
    page.add(difference.what, first="      ", ink=BOLD)
    for word, ink, text in (("expected", GREEN, difference.expected), ("got", RED, difference.got)):
        lines = text.split("\n")
        for number, line in enumerate(lines):
            label = f"{word:>8}" if number == 0 else " " * 8
            page.add(line, first=f"        {page.paint(label, ink)} ", rest=" " * 17)


def _add_reached(page: Page, part: Reached, *, verbose: bool) -> None:
    if not part.untested:
        return
    page.add(f"not tested in {part.config}", ink=YELLOW)
    shown = part.untested if verbose else part.untested[:MAX_UNTESTED]
    for sentence, place in shown:
        span = place()
        page.add(f"{sentence} ({_at(span)})" if span is not None else sentence, first="  - ")
    if len(shown) < len(part.untested):
        page.add(f"and {len(part.untested) - len(shown)} more (-v shows all)", first="  ")
    tested, total = part.endpoints
    refused, gates = part.refusals
    page.add(f"{tested} of {total} endpoints asked, {refused} of {gates} gates seen to refuse")
    page.add()


def _summary(reported: Sequence[Reported], seconds: float) -> str:
    left_out = sum(bool(each.result.left_out) for each in reported)
    failed = sum(not each.result.passed for each in reported)
    parts = [f"{len(reported) - failed - left_out} passed"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{left_out} left out"] if left_out else []
    return f"{', '.join(parts)} in {seconds:.2f} s"


def _at(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"
