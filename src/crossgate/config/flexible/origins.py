"""Where a stretch of the rendered text was written: in a template, a partial, or a settings file.

Knows positions; does not know what is wrong there.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from crossgate.config.source.place import Places
from crossgate.diagnostics import Span
from crossgate.gotemplate import Origin, Rendered
from crossgate.gotemplate.nodes import Action, Branch, Source, Text
from crossgate.gotemplate.output import Turn
from crossgate.gotemplate.printing import verb_v

NO_VALUE = "<no value>"
_MAX_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Written:
    """Where it was written, and labelled lines that say more. `lacks` is the pipeline that had no value, if any."""

    span: Span
    notes: tuple[tuple[str, str], ...]
    lacks: str = ""


def gap_texts(pipeline: str) -> tuple[str, str]:
    """What to say of a pipeline that has no value, and what to do about it."""
    message = f"there is no value for {pipeline}: the configuration gets the text {NO_VALUE}"
    return message, 'give the settings that value, or the action a default: {{ … | default "x" }}'


class Origins:
    """The way back from a rendered text. `locate_setting` finds a value of a settings file."""

    def __init__(
        self, rendered: Rendered, partials: dict[str, str], locate_setting: Callable[[tuple[str, str]], Span]
    ) -> None:
        self._rendered = rendered
        self._text = rendered.text
        self._shift = 1 if self._text.startswith("\ufeff") else 0
        self._lines = [0, *[index + 1 for index, character in enumerate(self._text) if character == "\n"]]
        self._partials = partials
        self._locate_setting = locate_setting

    def written(self, span: Span) -> Written | None:
        """The origin of a span of the rendered text; None where nothing was rendered."""
        start, end = self._offset(span.line, span.column), self._offset(span.end_line, span.end_column)
        origin = self._origin(start, end)
        if origin is None:
            return None
        length = max(end - start, 1)
        notes = [("rendered", self._rendered_line(start, span.line))]
        if origin.partial is not None:
            found = self._in_text(origin.partial, self._partials[origin.partial], origin.offset, length)
            notes.append(("included", f"at {_go_to(_action_span(origin.source, origin.position))}"))
        elif origin.setting is not None:
            found = self._locate_setting(origin.setting)
            notes.append(("printed", f"at {_go_to(_action_span(origin.source, origin.position))}"))
        elif isinstance(origin.node, Text):
            left = len(origin.node.text) - origin.offset
            found = self._in_text(origin.source.file, origin.source.text, origin.position, min(length, max(left, 1)))
        else:
            found = _action_span(origin.source, origin.position)
        turns = _turns(origin.turn)
        if turns:
            notes.append(("within", turns))
        lacks = str(origin.node.pipe) if isinstance(origin.node, Action) and origin.wrote == NO_VALUE else ""
        return Written(found, tuple(notes), lacks)

    def of_action(self, origin: Origin) -> tuple[Span, tuple[tuple[str, str], ...]]:
        """Where an action stands, and in which turns it printed."""
        turns = _turns(origin.turn)
        return _action_span(origin.source, origin.position), (("within", turns),) if turns else ()

    def _offset(self, line: int, column: int) -> int:
        line = min(line, len(self._lines))
        shift = self._shift if line == 1 else 0
        return min(self._lines[line - 1] + column - 1 + shift, len(self._text))

    def _origin(self, start: int, end: int) -> Origin | None:
        """The origin of the stretch: that of the one action that gave its value, if nothing but quotes is around it."""
        first = self._rendered.origin(start)
        if first is None or not isinstance(first.node, Text):
            return first
        position = start
        actions = []
        while position < end:
            origin = self._rendered.origin(position)
            if origin is None:
                break
            piece_end = min(self._rendered.piece_end(position), end)
            if not isinstance(origin.node, Text):
                actions.append(origin)
            elif self._text[position:piece_end].strip("\"' \t\r\n"):
                return first
            position = max(piece_end, position + 1)
        return actions[0] if len(actions) == 1 else first

    def _rendered_line(self, start: int, line: int) -> str:
        index = bisect_right(self._lines, start)
        begin = self._lines[index - 1]
        finish = self._text.find("\n", begin)
        text = self._text[begin : len(self._text) if finish < 0 else finish].rstrip("\r")
        cut = max(0, start - begin - _MAX_SHOWN // 2)
        shown = text[cut : cut + _MAX_SHOWN]
        return f"{line} | {'…' if cut else ''}{shown}{'…' if cut + _MAX_SHOWN < len(text) else ''}"

    def _in_text(self, file: str, text: str, start: int, length: int) -> Span:
        return Places(file, text, None).span(start, start + length)


def _action_span(source: Source, position: int) -> Span:
    """The whole action around a position: from `{{` to `}}`."""
    start = max(source.text.rfind("{{", 0, position), 0)
    end = source.text.find("}}", position)
    return Places(source.file, source.text, None).span(start, len(source.text) if end < 0 else end + 2)


def _go_to(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"


def _turns(turn: Turn | None) -> str:
    """`range .list at krakend.tmpl:4, turn 2 → template "x" at krakend.tmpl:9`, outermost first."""
    parts: list[str] = []
    while turn is not None:
        line, _ = turn.node.source.line_and_column(turn.node.position)
        where = f"{turn.node.source.file}:{line}"
        if isinstance(turn.node, Branch):
            key = turn.key
            which = (
                f"turn {key + 1}"
                if isinstance(key, int)
                else f"key {verb_v(key)}"
                if isinstance(key, str)
                else "a turn"
            )
            parts.append(f"range {turn.node.pipe} at {where}, {which}")
        else:
            parts.append(f"{str(turn.node)[2:-2]} at {where}")
        turn = turn.outer
    if len(parts) > 6:
        parts = [*parts[:3], "…", *parts[-2:]]
    return " → ".join(reversed(parts))
