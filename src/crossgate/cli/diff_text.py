"""The differences for people: worst first, each with its places and a request to see it by."""

from collections.abc import Sequence

from crossgate.cli.diff_places import Shown, spot
from crossgate.cli.terminal import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Page
from crossgate.compare.curl import backend_words, curl_line

_MOST_ENDPOINTS = 5
UNDECIDED = "no request was found that shows it; whether there is one was not decided"


def render_text(shown: Sequence[Shown], total: int | None, *, colour: bool, columns: int) -> str:
    """The whole report. `total` is how many requests a record has."""
    page = Page(colour=colour, columns=columns)
    for one in shown:
        _add(page, one)
    page.add(summary(shown, total), ink=BOLD if shown else GREEN)
    return page.text() + "\n"


def _add(page: Page, one: Shown) -> None:
    first, endpoints = one.group.first, one.group.endpoints
    ink = RED if first.opens else YELLOW
    mark = "opens" if first.opens else "differs"
    if first.is_undecided:
        ink, mark = DIM, "may open" if first.opens else "may differ"
    subject = f"{endpoints[0]}: " if endpoints else ""
    page.add(subject + first.sentence, first=page.paint(f"{mark}[{first.kind}]", ink) + ": ", rest="    ")
    for word, span in (("old", one.old), ("new", one.new)):
        if span is not None:
            page.add(spot(span), first=page.paint(f"    {word}: ", DIM))
    if first.is_undecided:
        page.add(UNDECIDED, first="    ")
    if one.more:
        names = ", ".join(endpoints[1 : 1 + _MOST_ENDPOINTS])
        rest = f" and {one.more - _MOST_ENDPOINTS} more" if one.more > _MOST_ENDPOINTS else ""
        page.add(f"at {one.group.count} in all; also {names}{rest}", first="    ")
    if first.example is not None:
        page.raw(f"    {page.paint('try: ', DIM)}{page.paint(curl_line(first.example), CYAN)}")
        said = "; ".join(text for text in (first.example.condition, backend_words(first.example)) if text)
        if said:
            page.add(said, first="         ")
    if one.requests is not None:
        page.add(requests_of(one.requests), first="    ")
    page.add()


def requests_of(count: int) -> str:
    """How many of the record's requests."""
    return f"{count} request{'' if count == 1 else 's'} of the record"


def summary(shown: Sequence[Shown], total: int | None) -> str:
    """The last line."""
    record = "" if total is None else f" (the record has {total} requests)"
    if not shown:
        return f"no request is answered otherwise{record}"
    decided = [one.group.first for one in shown if not one.group.first.is_undecided]
    undecided = len(shown) - len(decided)
    maybe = f"{undecided} more that may be {'one' if undecided == 1 else 'some'}" if undecided else ""
    if not decided:
        return f"no difference is certain, {maybe.replace(' more', '')}{record}"
    opening = sum(one.opens for one in decided)
    said = f"{len(decided)} difference{'' if len(decided) == 1 else 's'}"
    rest = f"; {maybe}" if maybe else ""
    if not opening:
        return f"{said}, nothing opens{rest}{record}"
    which = "which" if len(decided) == 1 else f"of which {opening}"
    return f"{said}, {which} open{'s' if opening == 1 else ''} something{rest}{record}"
