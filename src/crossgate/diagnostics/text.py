"""Diagnostics for people at a terminal: message, place, the line with a caret, and what to do."""

from collections.abc import Iterable, Mapping

from crossgate.diagnostics.diagnostic import Diagnostic, Severity, Span
from crossgate.diagnostics.excerpt import clean_text, excerpt
from crossgate.diagnostics.grouping import Group, group_by_cause

_RESET, _BOLD, _BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;34m"
_MAX_NAMED = 8
_MAX_TEXT = 40
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}


def render_text(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, colour: bool) -> str:
    """One block for each cause, with a blank line between two: its first place, and how many more there are.

    Empty where there are no diagnostics.

    `sources` are the texts by the name that spans use; without its text a diagnostic has no line and no caret. Control
    characters of the text and of messages are written as escapes, so that no file can command a terminal.
    """
    lines = {name: text.split("\n") for name, text in sources.items()}
    blocks = ["\n".join(_block(group, lines, colour=colour)) for group in group_by_cause(diagnostics)]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(group: Group, sources: Mapping[str, list[str]], *, colour: bool) -> list[str]:
    def paint(ink: str, text: str) -> str:
        return f"{ink}{text}{_RESET}" if colour else text

    diagnostic = group.first
    ink = _COLOURS[diagnostic.severity]
    head = paint(ink, f"{diagnostic.severity}[{diagnostic.code}]")
    lines = [head + paint(_BOLD, f": {clean_text(diagnostic.message)}")]
    span = diagnostic.span
    source = sources.get(span.file) if span else None
    margin = " " * len(str(span.line)) if span else " "
    if span is not None:
        place = clean_text(span.file) if source is None else f"{clean_text(span.file)}:{span.line}:{span.column}"
        lines.append(f"{margin}{paint(_BLUE, '-->')} {place}")
        shown = excerpt(source, span) if source and source != [""] else None
        if shown is not None:
            bar = paint(_BLUE, "|")
            lines.append(f"{margin} {bar}")
            lines.append(f"{paint(_BLUE, str(span.line))} {bar} {shown[0]}".rstrip())
            lines.append(f"{margin} {bar} {paint(ink, shown[1])}")
            lines.append(f"{margin} {bar}")
    edge = f"{margin} {paint(_BLUE, '=')}"
    if diagnostic.path != "$":
        lines.append(f"{edge} at:      {clean_text(diagnostic.path)}")
    for label, note in diagnostic.notes:
        lines.append(f"{edge} {f'{label}:':<8} {clean_text(note)}")
    if group.others:
        lines.append(f"{edge} also:    {_elsewhere(group, source)}")
    if diagnostic.krakend:
        lines.append(f"{edge} krakend: {clean_text(diagnostic.krakend)}")
    if diagnostic.hint:
        lines.append(f"{edge} hint:    {clean_text(diagnostic.hint)}")
    return lines


def _elsewhere(group: Group, source: list[str] | None) -> str:
    """Where the rest of a group stands: `at 2 more endpoints: lines 6 and 7`; in one line, what stands there."""
    count = len(group.others)
    spans = [diagnostic.span for diagnostic in group.others if diagnostic.span is not None]
    lines = list(dict.fromkeys([str(span.line) for span in spans]))
    words = f"at {count} more {group.places if count > 1 else group.places.removesuffix('s')}"
    here = group.first.span
    if here is not None and lines == [str(here.line)]:
        texts = [text for span in spans[:_MAX_NAMED] if (text := _marked(span, source))]
        return f"{words} in this line" + (f": {_listed(texts, len(spans))}" if texts else "")
    return f"{words}: line{'s' * (len(lines) > 1)} {_listed(lines[:_MAX_NAMED], len(lines))}" if lines else words


def _marked(span: Span, source: list[str] | None) -> str:
    """The text of a span, if that is short enough to be named."""
    if source is None or span.line > len(source) or span.end_line != span.line:
        return ""
    text = source[span.line - 1][span.column - 1 : span.end_column - 1]
    return clean_text(text) if len(text) <= _MAX_TEXT else ""


def _listed(items: list[str], total: int) -> str:
    if len(items) < total:
        return f"{', '.join(items)} …"
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
