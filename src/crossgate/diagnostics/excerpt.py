"""The line of a text that a span begins in, cut and cleaned for a terminal, with marks under the span.

Knows widths of characters; does not know diagnostics or colours.
"""

import unicodedata

from crossgate.diagnostics.diagnostic import Span

_TAB_COLUMNS = 4
_MAX_COLUMNS = 120
_BEFORE = 50
"""Of a line too long to be shown, so many columns before the span stay."""


def excerpt(text: str, span: Span) -> tuple[str, str] | None:
    """The line and the marks below it; None where the text has no such line. Cost is linear in the line."""
    line = _line(text, span.line)
    if line is None:
        return None
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    end = max(min(end, len(line)), start)
    while end > start + 1 and line[end - 1].isspace():
        end -= 1
    left, marked, right = line[:start], line[start:end], line[end:]
    before, inside, after = _clean(left), _clean(marked), _clean(right)
    if _width(before) + _width(inside) + _width(after) > _MAX_COLUMNS:
        before, inside, after = _window(before, inside, after)
    marks = " " * _width(before) + "^" * max(1, _width(inside))
    return (before + inside + after).rstrip(), marks


def clean_text(text: str) -> str:
    """A text without anything that a terminal would obey: control characters are written as escapes."""
    if text.isprintable():
        return text
    return "".join([character if _harmless(character) else _escaped(character) for character in text])


def _line(text: str, number: int) -> str | None:
    start = 0
    for _ in range(number - 1):
        start = text.find("\n", start) + 1
        if start == 0:
            return None
    end = text.find("\n", start)
    return (text[start:] if end < 0 else text[start:end]).removesuffix("\r")


def _clean(text: str) -> str:
    return (
        clean_text(text.replace("\t", " " * _TAB_COLUMNS)[: 4 * _MAX_COLUMNS])
        if len(text) <= 400
        else _clean_long(text)
    )


def _clean_long(text: str) -> str:
    """Both ends of a long text are enough: the middle would be cut away in any case."""
    cut = text[:200] + text[-200:]
    return clean_text(cut.replace("\t", " " * _TAB_COLUMNS))


def _window(before: str, inside: str, after: str) -> tuple[str, str, str]:
    if _width(before) > _BEFORE:
        before = "…" + before[-_BEFORE + 1 :]
    room = _MAX_COLUMNS - _width(before)
    if _width(inside) > room:
        return before, inside[: room - 1] + "…", ""
    room -= _width(inside)
    return before, inside, after if _width(after) <= room else after[: max(0, room - 1)] + "…"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum([_columns(character) for character in text])


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _harmless(character: str) -> bool:
    # Direction marks could make a line read as something else than it is.
    return character.isprintable() or (character == "\u00ad")


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
