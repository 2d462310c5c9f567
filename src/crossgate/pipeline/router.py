"""Which route a path takes: gin's rules over a tree of segments.

Text before parameter with backtracking; a look-up costs as much as the path has segments, however many routes there
are. Works on decoded paths. Knows nothing of requests, answers or what a route leads to.

Source: gin 1.10 `tree.go` (getValue, findCaseInsensitivePath) and `path.go` (cleanPath).
"""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from crossgate.plan.routes import Segment

T = TypeVar("T")

Match = tuple[T, list[bytes]]
"""What a route leads to, and the values of its parameters in order."""


class _Node(Generic[T]):
    """Where the routes with one beginning part. `prefixed` has parameters behind text, longest text first."""

    __slots__ = ("catch_all", "folded", "leaf", "param", "prefixed", "texts")

    def __init__(self) -> None:
        self.texts: dict[bytes, _Node[T]] = {}
        self.folded: dict[bytes, list[bytes]] = {}  # case-folded text -> texts
        self.prefixed: list[tuple[bytes, _Node[T]]] = []
        self.param: _Node[T] | None = None
        self.catch_all: T | None = None
        self.leaf: T | None = None


class MethodRoutes(Generic[T]):
    """The routes of one method. What a route leads to must not be None."""

    __slots__ = ("_root", "_static", "targets")

    def __init__(self) -> None:
        self.targets: list[T] = []
        self._root: _Node[T] = _Node()
        self._static: dict[bytes, T] = {}

    def add(self, segments: Sequence[Segment], target: T) -> None:
        """Register a route. Of two equal ones the first stays (KrakenD does not start with such a configuration)."""
        self.targets.append(target)
        node = self._root
        for segment in segments:
            if segment.catch_all:
                node.catch_all = node.catch_all or target
                return
            node = _child(node, segment)
        if node.leaf is None:
            node.leaf = target
            if not any(segment.param for segment in segments):
                self._static["/".join(["", *(segment.text for segment in segments)]).encode()] = target

    @property
    def static(self) -> dict[bytes, T]:
        """The routes without parameters by their decoded path. They win over all others."""
        return self._static

    def find(self, path: bytes) -> Match[T] | None:
        """The route of a decoded path."""
        target = self._static.get(path)
        if target is not None:
            return target, []
        if path[:1] != b"/":
            return None
        values: list[bytes] = []
        found = _find(self._root, path.split(b"/"), 1, values)
        return None if found is None else (found, values)

    def find_other_slash(self, path: bytes) -> bool:
        """Whether the path has a route once a trailing slash is added or taken away."""
        return self.find(_other_slash(path)) is not None

    def find_fixed(self, path: bytes) -> bytes | None:
        """The path of the route that a cleaned path takes when case does not matter, nor a trailing slash.

        DEVIATION(DEV-ROUTE-2): text and parameters side by side are both tried.
        """
        clean = clean_path(path)
        for candidate in (clean, _other_slash(clean)):
            fixed = next(_find_folded(self._root, candidate.split(b"/"), 1), None)
            if fixed is not None:
                return b"/" + b"/".join(fixed)
        return None


def _child(node: _Node[T], segment: Segment) -> _Node[T]:
    text = segment.text.encode()
    if segment.param and text:
        for known, child in node.prefixed:
            if known == text:
                return child
        child = _Node()
        node.prefixed.append((text, child))
        node.prefixed.sort(key=lambda entry: -len(entry[0]))
        return child
    if segment.param:
        if node.param is None:
            node.param = _Node()
        return node.param
    if text not in node.texts:
        node.texts[text] = _Node()
        node.folded.setdefault(_fold(text), []).append(text)
    return node.texts[text]


def _find(node: _Node[T], parts: list[bytes], index: int, values: list[bytes]) -> T | None:
    """Depth first. Each node is entered at most once, since its depth fixes the segment it is for."""
    last = len(parts) - 1
    while index <= last:
        part = parts[index]
        child = node.texts.get(part)
        param = node.param if part or index < last else None  # an empty value is one, but as in gin not at the end
        if param is None and not node.prefixed and node.catch_all is None:
            if child is None:
                return None
            node = child  # there is one way only: no need to come back
        elif child is None and not node.prefixed and node.catch_all is None and param is not None:
            values.append(part)
            node = param
        else:
            return _try_all(node, parts, index, values)
        index += 1
    return node.leaf


def _try_all(node: _Node[T], parts: list[bytes], index: int, values: list[bytes]) -> T | None:
    part = parts[index]
    is_last = index + 1 == len(parts)
    child = node.texts.get(part)
    count = len(values)  # what a way that led nowhere has added goes
    if child is not None:
        found = _find(child, parts, index + 1, values)
        if found is not None:
            return found
    for value, child in _params(node, part, is_last):
        del values[count:]
        values.append(value)
        found = _find(child, parts, index + 1, values)
        if found is not None:
            return found
    del values[count:]
    if node.catch_all is not None:
        values.append(b"/" + b"/".join(parts[index:]))
    return node.catch_all


def _params(node: _Node[T], part: bytes, is_last: bool) -> Iterator[tuple[bytes, _Node[T]]]:
    """The children whose parameter can take the segment."""
    for text, child in node.prefixed:
        if part.startswith(text) and (len(part) > len(text) or not is_last):
            yield part[len(text) :], child
    if node.param is not None and (part or not is_last):
        yield part, node.param


def _find_folded(node: _Node[T], parts: list[bytes], index: int) -> Iterator[list[bytes]]:
    """The paths of matching routes, segments in the case of the route, values as they are."""
    if index == len(parts):
        if node.leaf is not None:
            yield []
        return
    part = parts[index]
    is_last = index + 1 == len(parts)
    for text in node.folded.get(_fold(part), ()):
        for rest in _find_folded(node.texts[text], parts, index + 1):
            yield [text, *rest]
    for text, child in node.prefixed:
        if _fold(part[: len(text)]) == _fold(text) and (len(part) > len(text) or not is_last):
            for rest in _find_folded(child, parts, index + 1):
                yield [text + part[len(text) :], *rest]
    if node.param is not None and (part or not is_last):
        for rest in _find_folded(node.param, parts, index + 1):
            yield [part, *rest]
    if node.catch_all is not None:
        yield parts[index:]


def _fold(text: bytes) -> bytes:
    return text.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")


def _other_slash(path: bytes) -> bytes:
    return path[:-1] if len(path) > 1 and path.endswith(b"/") else path + b"/"


def clean_path(path: bytes) -> bytes:
    """The path without empty, `.` and `..` segments; it begins with a slash and keeps a trailing one."""
    kept: list[bytes] = []
    segments = path.split(b"/")
    for segment in segments:
        if segment == b"..":
            if kept:
                kept.pop()
        elif segment not in (b"", b"."):
            kept.append(segment)
    slash = b"/" if kept and segments[-1] in (b"", b".") else b""
    return b"/" + b"/".join(kept) + slash


class Router(Generic[T]):
    """All routes. Methods keep the order of their first registration."""

    __slots__ = ("by_method",)

    def __init__(self) -> None:
        self.by_method: dict[bytes, MethodRoutes[T]] = {}

    def add(self, method: str, segments: Sequence[Segment], target: T) -> None:
        """Register a route."""
        self.by_method.setdefault(method.encode(), MethodRoutes()).add(segments, target)

    def targets(self) -> Iterator[T]:
        """What all routes lead to."""
        for routes in self.by_method.values():
            yield from routes.targets

    def find(self, method: bytes, path: bytes) -> Match[T] | None:
        """The route of a decoded path."""
        routes = self.by_method.get(method)
        return None if routes is None else routes.find(path)

    def other_methods(self, method: bytes, path: bytes) -> list[bytes]:
        """The methods, but for this one, for which the path has a route."""
        return [known for known, routes in self.by_method.items() if known != method and routes.find(path) is not None]
