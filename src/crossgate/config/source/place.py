"""Where the values of a document stand in its text: a tree of offsets, and paths looked up in it.

Knows offsets and lines; does not know any format.
"""

from bisect import bisect_right
from itertools import accumulate

from crossgate.diagnostics import Span
from crossgate.diagnostics.path import parse_path


class Place:
    """Where one value stands: offsets of the value, and of its key where it has one (else -1)."""

    __slots__ = ("children", "end", "key_end", "key_start", "start")

    def __init__(self, start: int, end: int, key_start: int = -1, key_end: int = -1) -> None:
        self.start = start
        self.end = end
        self.key_start = key_start
        self.key_end = key_end
        self.children: dict[str | int, Place] | None = None


class Duplicate:
    """A key that stands a second time in one object: the path that both share, and where the later name stands."""

    __slots__ = ("end", "first_start", "path", "start")

    def __init__(self, path: str, start: int, end: int, first_start: int) -> None:
        self.path = path
        self.start = start
        self.end = end
        self.first_start = first_start


class Places:
    """The places of a whole document and its line starts. Building is linear, a look-up costs the path's length."""

    def __init__(self, file: str, text: str, root: Place | None) -> None:
        self.file = file
        self.text = text
        self.root = root
        lengths = map(len, text.split("\n"))
        self._line_starts = [0, *accumulate(length + 1 for length in lengths)][:-1]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1. Offsets beyond the text count as its end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span of a stretch of the text."""
        line, column = self.line_and_column(start)
        end_line, end_column = self.line_and_column(max(start, end))
        return Span(self.file, line, column, end_line, end_column)

    def offsets(self, span: Span) -> tuple[int, int]:
        """The stretch that a span of this text is of."""
        start = self._line_starts[span.line - 1] + span.column - 1
        return start, self._line_starts[span.end_line - 1] + span.end_column - 1

    def locate(self, path: str, *, on_key: bool = False) -> Span:
        """Where the value of a path stands, or the nearest object or list around it that is there.

        A value that begins on another line than its key is shown at its key, so that the line is the one people look
        for. `on_key` asks for the key in any case.
        """
        place = self.root
        if place is None:
            return self.span(0, 0)
        whole = True
        for step in parse_path(path):
            below = place.children.get(step) if place.children else None
            if below is None:
                whole = False
                break
            place = below
        if place.key_start >= 0 and ((on_key and whole) or self._on_another_line(place)):
            return self.span(place.key_start, place.key_end)
        return self.span(place.start, place.end)

    def _on_another_line(self, place: Place) -> bool:
        return self.text.find("\n", place.key_end, place.start) >= 0 or place.start < place.key_start
