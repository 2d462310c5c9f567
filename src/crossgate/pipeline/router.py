"""Which route a path takes: gin's choice, at the cost of a look-up for each segment.

A dictionary for paths without parameters; then a walk over whole segments, which takes what gin would where gin gets
there without coming back; for all else gin's own tree. Works on decoded paths. Knows nothing of requests, answers or
what a route leads to.

Source: gin 1.12 `tree.go` and `path.go` (cleanPath).
"""

import re
from collections.abc import Iterator
from typing import Generic, TypeVar

from crossgate.golang.route_folding import search_folded
from crossgate.golang.route_search import Match, search
from crossgate.golang.route_tree import RouteTree

__all__ = ["Match", "MethodRoutes", "Router", "clean_path"]

T = TypeVar("T")

_WILDCARD = re.compile(r"(?<!\\)[:*]")


class _Step(Generic[T]):
    """Where the routes whose first segments are the same part. `leaf` is the one that ends here.

    `is_mixed` where wildcards are behind text or take the rest of the path: the tree knows more.
    """

    __slots__ = ("is_mixed", "leaf", "param", "texts")

    def __init__(self) -> None:
        self.texts: dict[bytes, _Step[T]] = {}
        self.param: _Step[T] | None = None
        self.leaf: T | None = None
        self.is_mixed = False


class MethodRoutes(Generic[T]):
    """The routes of one method. What a route leads to must not be None."""

    __slots__ = ("_is_sealed", "_static", "_steps", "_tree", "targets")

    def __init__(self) -> None:
        self.targets: list[T] = []
        self._tree: RouteTree[T] = RouteTree()
        self._steps: _Step[T] = _Step()
        self._static: dict[bytes, T] = {}

    def add(self, pattern: str, target: T) -> None:
        """Register a route, before the first look-up. Raises RouteConflictError where gin panics."""
        self._tree.add(pattern, target)
        self.targets.append(target)
        self._note_segments(pattern, target)

    @property
    def static(self) -> dict[bytes, T]:
        """The routes without parameters by their decoded path. They win over all others."""
        return self._static

    def find(self, path: bytes) -> Match[T] | None:
        """The route of a decoded path."""
        target = self._static.get(path)
        if target is not None:
            return target, []
        found = self._find_at_once(path)
        return self._search(path)[0] if found is None else found

    def recommends_other_slash(self, path: bytes) -> bool:
        """Whether gin sends a path without a route to the one with its trailing slash added or taken away."""
        return self._search(path)[1]

    def find_fixed(self, path: bytes) -> bytes | None:
        """Where gin sends a path without a route: cleaned, in the case of the route, its trailing slash put right."""
        root = self._tree.root
        return None if root is None else search_folded(root, clean_path(path))

    def _search(self, path: bytes) -> tuple[Match[T] | None, bool]:
        root = self._tree.root
        return (None, False) if root is None else search(root, path)

    def _find_at_once(self, path: bytes) -> Match[T] | None:
        """What gin finds if the first choice in every segment is right, None if that cannot be said from here.

        Where text stands beside a parameter and does not match, gin comes back for the parameter: unless text matches
        as far as a slash that ends the path, or but for one.
        """
        parts = path.split(b"/")
        last = len(parts) - 1
        step = self._steps
        values: list[bytes] = []
        for index in range(1, last + 1):
            part = parts[index]
            following = step.texts.get(part)
            if following is None:
                following = step.param
                if following is None or step.is_mixed or (not parts[last] and (index == last or step.texts)):
                    return None
                values.append(part)
            step = following
        return None if step.leaf is None or parts[0] else (step.leaf, values)

    def _note_segments(self, pattern: str, target: T) -> None:
        step = self._steps
        is_static = True
        for segment in pattern[1:].split("/"):
            wildcard = _WILDCARD.search(segment)
            if wildcard is None:
                step = step.texts.setdefault(segment.replace("\\:", ":").encode(), _Step())
            elif wildcard[0] == "*" or wildcard.start() > 0:
                step.is_mixed = True
                return
            else:
                step.param = step.param or _Step()
                step = step.param
                is_static = False
        step.leaf = target
        if is_static:
            self._static[pattern.replace("\\:", ":").encode()] = target


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

    def add(self, method: str, pattern: str, target: T) -> None:
        """Register a route, before the first look-up. Raises RouteConflictError."""
        self.by_method.setdefault(method.encode(), MethodRoutes()).add(pattern, target)

    def targets(self) -> Iterator[T]:
        """What all routes lead to."""
        for routes in self.by_method.values():
            yield from routes.targets

    def find(self, method: bytes, path: bytes) -> Match[T] | None:
        """The route of a decoded path."""
        routes = self.by_method.get(method)
        return None if routes is None else routes.find(path)

    def find_others(self, method: bytes, path: bytes) -> dict[bytes, T]:
        """What the path leads to with other methods, in order of registration."""
        return {
            known: match[0]
            for known, routes in self.by_method.items()
            if known != method and (match := routes.find(path)) is not None
        }
