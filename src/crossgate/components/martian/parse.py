"""Martian's JSON to modifiers: an object with one key, the modifier's name, and its own keys below.

Knows how objects are read (key names in any letter case, as Go's encoding/json has it) and scopes; what modifiers do is
`heads.py`'s, `urls.py`'s and so on, whose tables are gathered here.

Source: google/martian v2.1 `parse/parse.go`.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from random import Random
from typing import Any

from crossgate.components.martian.bodies import BODIES
from crossgate.components.martian.cookies import COOKIES
from crossgate.components.martian.errors import MartianError
from crossgate.components.martian.groups import GROUPS
from crossgate.components.martian.heads import HEADS
from crossgate.components.martian.kinds import Kind, Reading, Shape
from crossgate.components.martian.modifier import Modifier
from crossgate.components.martian.urls import URLS

MAX_DEPTH = 50
MAX_MODIFIERS = 2_000
SHAPES: Mapping[str, Shape] = {**HEADS, **URLS, **COOKIES, **BODIES, **GROUPS}
_PANICS = ("url.Verifier", "querystring.Verifier")
_SCOPES = ("request", "response")


class _Parser:
    def __init__(self, random: Random, unknown: list[tuple[str | int, ...]]) -> None:
        self._random = random
        self._unknown = unknown
        self._count = 0

    def parse(self, value: Any, at: tuple[str | int, ...], depth: int = 0) -> Modifier:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_MODIFIERS:
            raise MartianError(f"there are more than {MAX_MODIFIERS} modifiers, or {MAX_DEPTH} in one another", at[:10])
        if not isinstance(value, Mapping):
            raise MartianError("a modifier must be an object with its name as the key", at)
        names = [name for name in value if not str(name).startswith("@")]
        if len(names) != 1:
            raise MartianError(
                f"a modifier is an object with one key, its name; this has {len(names)}",
                at,
                'put several into {"fifo.Group": {"modifiers": […]}}',
            )
        [name] = names
        shape = SHAPES.get(name)
        at = (*at, name)
        if name in _PANICS:
            raise MartianError(f'"{name}" makes every request fail', at, "remove it")
        if shape is None:
            raise MartianError(f'there is no modifier "{name}"', at, _nearest(name))
        members = value[name]
        if not isinstance(members, Mapping):
            raise MartianError(f'"{name}" must be an object', at)
        reading = Reading(self._read(members, shape, at), at, partial(self.parse, depth=depth + 1), self._random)
        modifier = shape.make(reading)
        request, response = self._scope(reading, modifier, name)
        return modifier.within(request, response)

    def _read(self, members: Mapping[str, Any], shape: Shape, at: tuple[str | int, ...]) -> dict[str, tuple[str, Any]]:
        """Values by the names of keys, with those that are written."""
        known = {key.lower(): (key, kind) for key, kind in {**shape.keys, "scope": Kind.TEXTS}.items()}
        found: dict[str, tuple[str, Any]] = {}
        for written, value in members.items():
            key = known.get(str(written).lower())
            if key is None:
                if not str(written).startswith(("@", "_", "$", "#")):
                    self._unknown.append((*at, written))
                continue
            name, kind = key
            if value is None and kind is not Kind.MODIFIER:
                continue
            if not kind.fits(value):
                raise MartianError(f'"{written}" must be {kind.value}', (*at, written))
            found[name] = (written, value)
        return found

    def _scope(self, reading: Reading, modifier: Modifier, name: str) -> tuple[bool, bool]:
        scopes = reading.get("scope", None)
        if scopes is None:
            return True, True
        at = (*reading.at, reading.written("scope"))
        for scope in scopes:
            if scope not in _SCOPES:
                raise MartianError(f'there is no scope "{scope}"', at, 'write "request", "response" or both')
        sides = {"request": modifier.on_request, "response": modifier.on_response}
        for scope in scopes:
            if sides[scope] is None and not SHAPES[name].is_group:
                raise MartianError(f'"{name}" does nothing to a {scope}', at, f'remove "{scope}"')
        return "request" in scopes, "response" in scopes


def parse_modifier(value: Any, random: Random, unknown: list[tuple[str | int, ...]] | None = None) -> Modifier:
    """The modifier. Raises MartianError. Keys that nobody reads are added to `unknown`."""
    return _Parser(random, [] if unknown is None else unknown).parse(value, ())


def _nearest(name: str) -> str:
    by_letters = {known.lower(): known for known in SHAPES}
    close = get_close_matches(name.lower(), by_letters, n=1, cutoff=0.8)
    if close:
        return f'did you mean "{by_letters[close[0]]}"?'
    return f"there are {', '.join(SHAPES)}"
