"""One value of a configuration, and the text that has it. Knows places in texts; does not know what a value means."""

import json
from dataclasses import dataclass
from typing import Any

from crossgate.config.source.edits import Edit, place_of
from crossgate.config.source.parsed import Format, Parsed
from crossgate.config.source.place import Place
from crossgate.diagnostics.path import join, parse_path


@dataclass(frozen=True, slots=True)
class Setting:
    """What the value at a path is to be. The object around it is there; the key itself need not be."""

    path: str
    value: Any


def written(parsed: Parsed, setting: Setting) -> str | None:
    """The text with that value, all else as it was; None where the text is of a form that cannot be edited so."""
    edit = _edit(parsed, setting)
    return None if edit is None else parsed.text[: edit.start] + edit.text + parsed.text[edit.end :]


def _edit(parsed: Parsed, setting: Setting) -> Edit | None:
    value = json.dumps(setting.value, ensure_ascii=False)  # which YAML and TOML read alike
    root = parsed.places.root
    place = place_of(root, setting.path)
    if place is not None:
        return None if place.start < place.key_start else _replaced(parsed.text, place, value)
    *steps, name = parse_path(setting.path)
    around = place_of(root, join(*steps))
    if around is None or not isinstance(name, str):
        return None
    return _added(parsed, around, name, value)


def _replaced(text: str, place: Place, value: str) -> Edit:
    """A list in lines of its own (YAML's) goes on in the line of its key; comments behind it stay."""
    if not place.children or text[place.start] != "-":
        return Edit(place.start, place.end, value)
    colon = text.find(":", place.key_end)
    is_bare = place.key_start >= 0 and 0 <= colon < place.start and not text[colon + 1 : place.start].strip()
    start = colon + 1 if is_bare else place.start
    return Edit(start, _end_of(place), f" {value}" if is_bare else value)


def _end_of(place: Place) -> int:
    """Where the last value within ends: a block of YAML goes on to what comes next."""
    while place.children:
        place = max(place.children.values(), key=lambda one: one.start)
    return place.end


def _added(parsed: Parsed, around: Place, name: str, value: str) -> Edit | None:
    """A member before the first that is there, in its line or in one of its own as that one has."""
    text = parsed.text
    kind = Format.of(parsed.name)
    in_braces = text[around.start : around.start + 1] == "{"
    key = f"{json.dumps(name)}: {value}" if kind is not Format.TOML else f"{json.dumps(name)} = {value}"
    first = min((one.key_start for one in (around.children or {}).values()), default=-1)
    if first < 0:
        return Edit(around.start, around.end, f"{{{key}}}") if in_braces else None
    line_start = text.rfind("\n", 0, first) + 1
    before = text[line_start:first]
    if in_braces:
        return Edit(first, first, f"{key},\n{before}" if not before.strip() else f"{key}, ")
    return Edit(first, first, f"{key}\n{before}") if not before.strip() else None
