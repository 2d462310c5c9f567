"""The places of JSON's values as they are asked for: what nobody asks about is skipped, not looked at.

Knows only text that has been read as JSON already, with no key twice in an object; what is wrong with other text is
`json_scanner`'s business.
"""

import json
import re

from crossgate.config.source.encoding import without_lone_surrogates
from crossgate.config.source.json_scanner import scan_value
from crossgate.config.source.place import Place

_SKIPPED_LEVELS = 12
"""Each level that is skipped through reads what is below it again, quickly. Below so many, all is looked at once."""

_TO_VALUE = re.compile(r"[\s,:]*")
_SKIP = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode


def place_json(text: str) -> Place:
    """The place of the whole document. Costs next to nothing; each object or list that is looked into is read then."""
    match = _TO_VALUE.match(text)
    start = 0 if match is None else match.end()
    return _JsonPlace(text, start, len(text.rstrip()), 0)


class _JsonPlace(Place):
    """A place whose `children` are found when they are asked for first."""

    __slots__ = ("_children", "_is_known", "_level", "_text")

    def __init__(self, text: str, start: int, end: int, level: int) -> None:
        super().__init__(start, end)
        self._text = text
        self._level = level
        self._is_known = False

    @property
    def children(self) -> "dict[str | int, Place] | None":
        if not self._is_known:
            self._is_known = True
            self._children = self._found()
        return self._children

    @children.setter
    def children(self, children: "dict[str | int, Place] | None") -> None:
        self._children = children

    def _found(self) -> "dict[str | int, Place] | None":
        text, level = self._text, self._level + 1
        if text[self.start] not in "{[":
            return None
        if level > _SKIPPED_LEVELS:
            return scan_value(text, self.start).children
        is_object = text[self.start] == "{"
        found: dict[str | int, Place] = {}
        position = _behind_blanks(text, self.start + 1)
        while position < self.end - 1:
            key_start = key_end = -1
            key: str | int = len(found)
            if is_object:
                key_start = position
                key, key_end = _SKIP(text, position)
                key = without_lone_surrogates(str(key))
                position = _behind_blanks(text, key_end)
            end = _SKIP(text, position)[1]
            place = found[key] = _JsonPlace(text, position, end, level)
            place.key_start, place.key_end = key_start, key_end
            position = _behind_blanks(text, end)
        return found


def _behind_blanks(text: str, position: int) -> int:
    """Where the next key or value begins, or the bracket that closes: behind blanks, a comma, a colon."""
    match = _TO_VALUE.match(text, position)
    return position if match is None else match.end()
