"""Paths that one route's parameters would take, and another route's text takes first.

Knows the segments of patterns as gin has them (`/users/:id`), of one method. What becomes of such a path is for gin's
tree to say. The search is bounded: what it looks for is rare, and near where there is any.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from crossgate.config.document import EndpointNode
from crossgate.golang.route_tree import WILDCARD_TEXT

MAX_STEPS = 10_000
"""How many values are tried for parameters, for all routes of a method together."""

_FILLER = "1"  # for a parameter that is to meet no text
_NOT_IN_A_PATH = re.compile("[?#%]")


class Overlap(NamedTuple):
    """A path that a route matches. `taker` is the endpoint that took it away, and `pattern` a route that would win it
    back: the taker's as far as that goes, then the route's own. Without a parameter of a taker it is None and empty.
    """

    path: str
    taker: EndpointNode | None
    pattern: str


class _Step:
    """Where patterns whose first segments are the same part. `params` are by the text before them in their segment.

    `owner` is the first endpoint that came by, `pattern` the way to here.
    """

    __slots__ = ("leads_to_param", "owner", "params", "pattern", "texts")

    def __init__(self, owner: EndpointNode, pattern: str) -> None:
        self.texts: dict[str, _Step] = {}
        self.params: dict[str, _Step] = {}
        self.owner = owner
        self.pattern = pattern
        self.leads_to_param = False

    def values(self, before: str, *, with_splits: bool) -> Iterator[str]:
        """What a parameter behind that text has to be to meet other routes' text, up to where gin splits it."""
        texts = list(self.texts)
        if with_splits:
            texts += [_in_common(*pair) for pair in pairwise(sorted((*self.texts, *self.params)))]
        texts += [other + _FILLER for other in self.params if other != before]
        for text in texts:
            if len(text) > len(before) and text.startswith(before) and not _NOT_IN_A_PATH.search(text):
                yield text


class _Way(NamedTuple):
    """A way through the steps. `parted`: another route's by now, whose text came first; `took`: by a parameter."""

    step: _Step
    parted: bool = False
    took: bool = False


class _Part(NamedTuple):
    """A segment of a pattern: its text, without escapes, as far as a parameter; `raw` is all of it."""

    text: str
    is_param: bool
    raw: str


class _Found(NamedTuple):
    """A path's beginning, and what happened on it."""

    path: str
    ways: tuple[_Way, ...]
    size: int = 0  # how many segments
    parted: bool = False
    taker: _Step | None = None
    taken: int = 0  # how many segments the taker went along


class RouteOverlaps:
    """The overlaps of one method's routes."""

    def __init__(self, routes: Iterable[tuple[EndpointNode, str]]) -> None:
        self._root: _Step | None = None
        self._steps_left = MAX_STEPS
        for endpoint, pattern in routes:
            self._add(endpoint, pattern)

    def _add(self, endpoint: EndpointNode, pattern: str) -> None:
        step = self._root = self._root or _Step(endpoint, "")
        way = [step]
        for part in _parts(pattern):
            below = step.params if part.is_param else step.texts
            if part.text not in below:
                below[part.text] = _Step(endpoint, f"{step.pattern}/{part.raw}")
            if part.is_param:
                for above in way:
                    above.leads_to_param = True
                way = []
            step = below[part.text]
            way.append(step)

    def of(self, pattern: str) -> Iterator[Overlap]:
        """The route's, each path once, as far as the steps suffice."""
        if self._root is None or ":" not in pattern or not self._stands_beside_others(parts := _parts(pattern)):
            return
        ends_in_slash = not parts[-1].text and not parts[-1].is_param
        depths = [iter((_Found("", (_Way(self._root),)),))]
        while depths and self._steps_left > 0:
            found = next(depths[-1], None)
            if found is None:
                depths.pop()
            elif found.size < len(parts):
                depths.append(self._longer(found, parts, ends_in_slash=ends_in_slash))
            elif found.taker is not None:
                rest = "".join(f"/{part.raw}" for part in parts[found.taken :])
                yield Overlap(found.path, found.taker.owner, found.taker.pattern + rest)
            elif ends_in_slash and found.parted:
                yield Overlap(found.path, None, "")

    def _stands_beside_others(self, parts: list[_Part]) -> bool:
        """Whether text or another parameter stands where the route has a parameter."""
        step = self._root
        for part in parts:
            if step is None or (part.is_param and (step.texts or len(step.params) > 1)):
                return step is not None
            step = (step.params if part.is_param else step.texts).get(part.text)
        return False

    def _longer(self, found: _Found, parts: list[_Part], *, ends_in_slash: bool) -> Iterator[_Found]:
        """The beginning with each value of its next segment that can matter."""
        part = parts[found.size]
        plain = part.text + _FILLER if part.is_param else part.text
        values: dict[str, None] = {}
        if part.is_param:
            for way in found.ways:
                values.update(dict.fromkeys(way.step.values(part.text, with_splits=ends_in_slash)))
        values[plain] = None
        for value in values:
            ways = tuple(_next_ways(found.ways, part, value))
            self._steps_left -= 1 + len(ways)
            if self._steps_left < 0:
                return
            others = [way for way in ways if way.parted]
            if value != plain and not ends_in_slash and not any(way.took or way.step.leads_to_param for way in others):
                continue
            longer = found._replace(path=f"{found.path}/{value}", ways=ways, size=found.size + 1)
            if value != plain or others:
                longer = longer._replace(parted=True)
            taker = next((way.step for way in others if way.took), None)
            yield longer if taker is None else longer._replace(taker=taker, taken=longer.size)


def _next_ways(ways: tuple[_Way, ...], part: _Part, value: str) -> Iterator[_Way]:
    """Where a segment leads. A route's own way is left for text only, since gin tries that first."""
    for step, parted, took in ways:
        text = step.texts.get(value)
        if text is not None:
            yield _Way(text, parted or part.is_param, took)
        for before, param in step.params.items():
            if len(value) > len(before) and value.startswith(before):
                if parted or (part.is_param and len(before) > len(part.text)):
                    yield _Way(param, parted=True, took=True)
                elif part.is_param and before == part.text:
                    yield _Way(param)


def _in_common(one: str, other: str) -> str:
    length = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return one[:length]


def _parts(pattern: str) -> list[_Part]:
    return [_part(segment) for segment in pattern[1:].split("/")]


def _part(segment: str) -> _Part:
    if ":" not in segment and "*" not in segment:
        return _Part(segment, is_param=False, raw=segment)
    wildcard = WILDCARD_TEXT.search(segment)
    text = segment if wildcard is None else segment[: wildcard.start()]
    return _Part(text.replace("\\:", ":"), wildcard is not None, segment)
