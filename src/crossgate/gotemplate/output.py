"""What a template rendered to, and where each piece of it came from."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from crossgate.gotemplate.nodes import Node, Source, Text
from crossgate.gotemplate.values import PartialText, SettingNumber, SettingText


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a `range`, or one call of a template, around what was written. `key` is Go's index or key."""

    outer: "Turn | None"
    node: Node
    key: Any = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a position of the rendered text came from.

    `node` is the text or action that wrote it, `wrote` all that it wrote there, `offset` the position inside of that.
    `partial` is the included file that the text was copied from. `setting` is the value of a settings file that was
    printed, or that the action last looked at: the file's name and the path inside it.
    """

    node: Node
    wrote: str
    offset: int
    turn: Turn | None
    partial: str | None
    setting: tuple[str, str] | None

    @property
    def source(self) -> Source:
        """The template it stands in."""
        return self.node.source

    @property
    def position(self) -> int:
        """The position in the template: exact for its text, the action's beginning for what an action printed."""
        return self.node.position + (self.offset if isinstance(self.node, Text) else 0)


@dataclass(slots=True)
class Rendered:
    """The pieces in order; `text` joins them."""

    pieces: list[str] = field(default_factory=list)
    _marks: list[tuple[Node, Turn | None, Any]] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, node: Node, turn: Turn | None, looked_at: Any) -> None:
        """Append what a node wrote. `looked_at` is the located value behind it, if any."""
        self.pieces.append(text)
        self._marks.append((node, turn, text if isinstance(text, PartialText) else looked_at))
        self._starts.append(self.length)
        self.length += len(text)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)

    def origin(self, position: int) -> Origin | None:
        """Where the character at a position of the text came from; None where nothing was written."""
        index = bisect_right(self._starts, position) - 1
        while index >= 0 and not self.pieces[index]:
            index -= 1
        if index < 0:
            return None
        return self._origin_of(index, position)

    def piece_end(self, position: int) -> int:
        """Where the piece ends that the character at a position belongs to."""
        index = bisect_right(self._starts, position) - 1
        return self._starts[index] + len(self.pieces[index]) if index >= 0 else self.length

    def printed(self, text: str) -> list[Origin]:
        """The origins of all pieces that are exactly that text."""
        return [self._origin_of(i, self._starts[i]) for i, piece in enumerate(self.pieces) if piece == text]

    def _origin_of(self, index: int, position: int) -> Origin:
        node, turn, behind = self._marks[index]
        offset = min(position - self._starts[index], len(self.pieces[index]))
        partial = behind.file if isinstance(behind, PartialText) else None
        setting = behind.place if isinstance(behind, SettingText | SettingNumber) else None
        return Origin(node, self.pieces[index], offset, turn, partial, setting)
