"""A report in the making: paragraphs wrapped to the terminal, in colour where that is wanted.

Piped output is not wrapped, so that programs find whole sentences in it. Does not know what is reported.
"""

import re
import shutil
import textwrap
from typing import TextIO

RED, GREEN, YELLOW, CYAN, BLUE = "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;34m"
BOLD, DIM = "\x1b[1m", "\x1b[2m"
_RESET = "\x1b[0m"
_MIN_COLUMNS, _MAX_COLUMNS = 40, 120
_MIN_TEXT_COLUMNS = 20
_INK = re.compile(r"\x1b\[[0-9;]*m")
_TRAILING_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


def columns_of(stream: TextIO) -> int:
    """How wide lines may be; 0 where they are not to be wrapped."""
    if not stream.isatty():
        return 0
    return max(_MIN_COLUMNS, min(_MAX_COLUMNS, shutil.get_terminal_size().columns))


class Page:
    """Lines in the making: wrapped to `columns` (0: not at all), coloured or not."""

    def __init__(self, *, colour: bool = False, columns: int = 0) -> None:
        self._colour = colour
        self._columns = columns
        self._lines: list[str] = []

    def add(self, text: str = "", *, first: str = "", rest: str | None = None, ink: str = "") -> None:
        """A paragraph. `first` stands before its first line, `rest` before the others (as many blanks as `first`)."""
        width = len(_INK.sub("", first))
        rest = " " * width if rest is None else rest
        wrapped = [clean(text)]
        if self._columns and width + len(wrapped[0]) > self._columns:
            wrapped = _wrap(wrapped[0], max(_MIN_TEXT_COLUMNS, self._columns - max(width, len(rest))))
        for number, line in enumerate(wrapped):
            self._lines.append((rest if number else first) + self.paint(line, ink))

    def raw(self, line: str) -> None:
        """A line as it is: made by who has painted and cleaned it."""
        self._lines.append(line)

    def paint(self, text: str, ink: str) -> str:
        """The text in that colour, where there are colours."""
        return f"{ink}{text}{_RESET}" if self._colour and ink and text else text

    def text(self) -> str:
        """All of it, without a line break at the end."""
        return _TRAILING_BLANKS.sub("", "\n".join(self._lines))


def _wrap(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False)


def clean(text: str) -> str:
    """Without anything that a terminal would obey: no control character of a server reaches it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
