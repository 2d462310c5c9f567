"""Diagnostics for people at a terminal: message, place, the line with a caret, and what to do."""

from collections.abc import Iterable, Mapping

from crossgate.diagnostics.diagnostic import Diagnostic, Severity
from crossgate.diagnostics.excerpt import clean_text, excerpt

_RESET, _BOLD, _BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;34m"
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}


def render_text(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, colour: bool) -> str:
    """All diagnostics, with a blank line between two. Empty where there are none.

    `sources` are the texts by the name that spans use; without its text a diagnostic has no line and no caret. Control
    characters of the text and of messages are written as escapes, so that no file can command a terminal.
    """
    lines = {name: text.split("\n") for name, text in sources.items()}
    blocks = ["\n".join(_block(diagnostic, lines, colour=colour)) for diagnostic in diagnostics]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(diagnostic: Diagnostic, sources: Mapping[str, list[str]], *, colour: bool) -> list[str]:
    def paint(ink: str, text: str) -> str:
        return f"{ink}{text}{_RESET}" if colour else text

    ink = _COLOURS[diagnostic.severity]
    head = paint(ink, f"{diagnostic.severity}[{diagnostic.code}]")
    lines = [head + paint(_BOLD, f": {clean_text(diagnostic.message)}")]
    span = diagnostic.span
    margin = " " * len(str(span.line)) if span else " "
    if span is not None:
        source = sources.get(span.file)
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
    if diagnostic.krakend:
        lines.append(f"{edge} krakend: {clean_text(diagnostic.krakend)}")
    if diagnostic.hint:
        lines.append(f"{edge} hint:    {clean_text(diagnostic.hint)}")
    return lines
