"""What of a text a fix replaces, and by what. Knows texts and places; does not know what a problem is about."""

import re
from dataclasses import dataclass

from crossgate.config.source.json_scanner import scan_json
from crossgate.config.source.parsed import Parsed
from crossgate.config.source.place import Place, Places
from crossgate.diagnostics import Diagnostic, Fix
from crossgate.diagnostics.path import parse_path

_BLANKS = " \t\r\n"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """`text[start:end]` becomes `text`. Offsets count code points."""

    start: int
    end: int
    text: str


def edit_of(diagnostic: Diagnostic, fix: Fix, parsed: Parsed) -> Edit | None:
    """The edit that a fix asks for; None where the text does not have what it is about in a form that can be edited."""
    if fix.target in ("span", "earlier"):
        if diagnostic.span is None:
            return None
        start, end = Places(parsed.name, parsed.text, None).offsets(diagnostic.span)
        return Edit(start, end, fix.text) if fix.target == "span" else _earlier(parsed.text, start)
    place = place_of(parsed.places.root, diagnostic.path)
    if place is None or place.start < place.key_start:  # what an alias names stands before its key, for others, too
        return None
    if fix.target == "key":
        return _renamed(parsed.text, place, fix.text)
    if fix.target == "member":
        return _without(parsed.text, place)
    if fix.target == "into_list":
        return Edit(place.start, place.end, f"[{parsed.text[place.start : place.end]}]")
    return Edit(place.start, place.end, fix.text)


def place_of(root: Place | None, path: str) -> Place | None:
    """Where exactly a path leads; None where it leads nowhere."""
    place = root
    for step in parse_path(path) if path.startswith("$") else ():
        place = place.children.get(step) if place is not None and place.children else None
    return place if path.startswith("$") else None


def _renamed(text: str, place: Place, name: str) -> Edit | None:
    """A key keeps its quotes, or goes on without."""
    if place.key_start < 0:
        return None
    written = text[place.key_start : place.key_end]
    bare = name[1:-1]
    if not written.startswith('"') and _WORD.fullmatch(bare):
        name = bare
    return Edit(place.key_start, place.key_end, name)


def _earlier(text: str, later: int) -> Edit | None:
    """The member whose key stands again at `later`. JSON only."""
    _, duplicates = scan_json(text)
    first = next((each.first_start for each in duplicates if each.start == later), None)
    key = None if first is None else _JSON_STRING.match(text, first)
    if first is None or key is None:
        return None
    return _cut_out(text, first, _value_end(text, key.end()))


def _value_end(text: str, position: int) -> int:
    """Where the value ends whose colon follows. The text is known to be JSON."""
    depth = 0
    position = _after_blanks(text, position) + 1
    position = _after_blanks(text, position)
    while True:
        character = text[position]
        if character == '"':
            string = _JSON_STRING.match(text, position)
            assert string is not None  # noqa: S101 - the scanner has read it
            position = string.end()
        elif character in "{[":
            depth, position = depth + 1, position + 1
        elif character in "}]" and depth:
            depth, position = depth - 1, position + 1
        elif character in ",}]" + _BLANKS and not depth:
            return position
        else:
            position += 1
            continue
        if not depth:
            return position


def _without(text: str, place: Place) -> Edit | None:
    """A member of an object or list with the comma that belongs to it, or an item with its line in YAML."""
    start = place.key_start if place.key_start >= 0 else place.start
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", place.end)
    line_end = len(text) if line_end < 0 else line_end + 1
    before, after = text[line_start:start].strip(), text[place.end : line_end].strip()
    if before == "-" and (not after or after.startswith("#")):
        return Edit(line_start, line_end, "")
    return _cut_out(text, start, place.end)


def _cut_out(text: str, start: int, end: int) -> Edit | None:
    """From the start of a member to that of the next, or from the end of the one before to the end of the last."""
    after = _after_blanks(text, end)
    before = len(text[:start].rstrip(_BLANKS))
    if text[after : after + 1] == ",":
        next_start = _after_blanks(text, after + 1)
        if text[next_start : next_start + 1] in ("]", "}"):  # TOML and YAML allow a comma there
            return Edit(before, after + 1, "")
        return Edit(start, next_start, "")
    if text[before - 1 : before] == ",":
        return Edit(before - 1, end, "")
    return Edit(start, end, "") if text[before - 1 : before] in ("[", "{") else None


def _after_blanks(text: str, position: int) -> int:
    while text[position : position + 1] and text[position] in _BLANKS:
        position += 1
    return position
