"""The line of a text that a span begins in, cut and cleaned for a terminal, with marks under the span.

Knows widths of characters; does not know diagnostics or colours.
"""

import unicodedata
from collections.abc import Sequence

from crossgate.diagnostics.diagnostic import Span

_TAB_COLUMNS = 4
_MAX_COLUMNS = 120
_BEFORE = 50
"""Of a line too long to be shown, so many columns before the span stay."""


def excerpt(lines: Sequence[str], span: Span) -> tuple[str, str] | None:
    """The span's first line and the marks below it; None where there is no such line. Cost is linear in the line."""
    if span.line > len(lines):
        return None
    line = lines[span.line - 1].removesuffix("\r")
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
    """A text without anything that a terminal would obey or turn round: what is not printable is written as escapes."""
    if text.isprintable():
        return text
    return "".join([character if character.isprintable() else _escaped(character) for character in text])


def _clean(text: str) -> str:
    """What the terminal shows of a stretch. Of a long one both ends are enough: the middle is cut away in any case."""
    if len(text) > 4 * _MAX_COLUMNS:
        text = text[: 2 * _MAX_COLUMNS] + text[-2 * _MAX_COLUMNS :]
    return clean_text(text.replace("\t", " " * _TAB_COLUMNS))


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


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
