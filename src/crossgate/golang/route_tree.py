"""gin's tree of routes: what is added to it, and which routes do not get on with each other.

A pattern is text with `:name` for one segment and `*name` for the rest of the path; `\\:` is a colon. Nodes hold what
routes have in common, byte by byte, and where they are split decides which redirects gin recommends, so the shape is
gin's. Knows nothing of methods or of requests; `route_search` and `route_folding` look paths up.

Source: gin 1.12 `tree.go` (addRoute, insertChild, findWildcard), `gin.go` (updateRouteTree).
"""

import re
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")

SLASH = 0x2F
WILDCARD_TEXT = re.compile(r"(?<!\\)[:*][^/]*")
"""A wildcard in a pattern."""

# In nodes these bytes, which are in no UTF-8, stand where a wildcard begins: a colon is then always text.
_CATCH_ALL = b"\xfe"
_MARKS = {":": "\udcff", "*": "\udcfe"}
_WILDCARD = re.compile(rb"[\xfe\xff][^/]*")
_BAD_ESCAPE = re.compile(r"\\(?!:)")


class Fault(Enum):
    """Why a route is refused."""

    TAKEN = "another route has the same pattern"
    OTHER_WILDCARD = "another route has another wildcard at the same place"
    TWO_IN_SEGMENT = "two wildcards in one segment"
    NAMELESS = "a wildcard without a name"
    CATCH_ALL = "a catch-all that is not the whole last segment, or that stands beside other routes"
    ESCAPE = "a backslash that escapes no colon"


class RouteConflictError(Exception):
    """A pattern that the tree does not take. `str()` is what gin panics with.

    `owner` is the target of the route it conflicts with, None where the pattern alone is at fault. `segment` is what is
    at fault, empty where all is; for OTHER_WILDCARD it stands where that route has the wildcard `existing`.
    """

    def __init__(self, fault: Fault, text: str, owner: object = None, segment: str = "", existing: str = "") -> None:
        super().__init__(text)
        self.fault = fault
        self.owner = owner
        self.segment = segment
        self.existing = existing


class Kind(Enum):
    """What a node's path is: text, text at the root, a parameter, or a part of a catch-all."""

    TEXT = 0
    ROOT = 1
    PARAM = 2
    CATCH_ALL = 3


class Node(Generic[T]):
    """What some routes have in common behind their parent. `texts` are the children by the first byte of their path.

    `wildcard` is the child that takes what no text does: the parameter, or the inner node of a catch-all. A parameter
    has one child at most, what follows it: at SLASH, although that child's own path may be empty.
    `owner` is the target of the route that brought the node.
    """

    __slots__ = ("kind", "owner", "path", "target", "texts", "wildcard")

    def __init__(self, path: bytes, kind: Kind, owner: T) -> None:
        self.path = path
        self.kind = kind
        self.owner = owner
        self.target: T | None = None
        self.texts: dict[int, Node[T]] = {}
        self.wildcard: Node[T] | None = None

    def has_slash_below(self) -> bool:
        """Whether a slash behind the node's path, and nothing more, is a route."""
        below = self.texts.get(SLASH)
        if below is None:
            return False
        return below.kind is Kind.CATCH_ALL or (len(below.path) == 1 and below.target is not None)

    def is_followed_by_slash(self) -> bool:
        """The same for a parameter."""
        below = self.texts.get(SLASH)
        return below is not None and (not below.path or (below.path == b"/" and below.target is not None))


class RouteTree(Generic[T]):
    """The routes of one method. What a route leads to must not be None."""

    __slots__ = ("root",)

    def __init__(self) -> None:
        self.root: Node[T] | None = None

    def add(self, pattern: str, target: T) -> None:
        """Add a route, whose pattern begins with a slash.

        Raises RouteConflictError: the tree then holds the routes it had, though nodes may be split.
        """
        _check_wildcards(pattern)
        rest = _compiled(pattern)
        if self.root is None:
            self.root = Node(b"", Kind.ROOT, target)
            _grow(self.root, rest, pattern, target)
        else:
            _insert(self.root, rest, pattern, target)


def _compiled(pattern: str) -> bytes:
    """The pattern as nodes hold it."""
    marked = WILDCARD_TEXT.sub(lambda match: _MARKS[match[0][0]] + match[0][1:], pattern)
    return marked.replace("\\:", ":").encode("utf-8", "surrogateescape")


def _shown(path: bytes) -> str:
    """The other way round."""
    text = path.decode("utf-8", "surrogateescape").replace(":", "\\:")
    for sign, mark in _MARKS.items():
        text = text.replace(mark, sign)
    return text


def _check_wildcards(pattern: str) -> None:
    """Refuse what gin refuses whatever other routes there are."""
    if _BAD_ESCAPE.search(pattern):
        raise RouteConflictError(Fault.ESCAPE, f"invalid escape string in path '{pattern}'")
    for match in WILDCARD_TEXT.finditer(pattern):
        wildcard = match[0]
        if ":" in wildcard[1:] or "*" in wildcard[1:]:
            text = f"only one wildcard per path segment is allowed, has: '{wildcard}' in path '{pattern}'"
            raise RouteConflictError(Fault.TWO_IN_SEGMENT, text, segment=wildcard)
        if len(wildcard) == 1:
            text = f"wildcards must be named with a non-empty name in path '{pattern}'"
            raise RouteConflictError(Fault.NAMELESS, text, segment=wildcard)
        if wildcard[0] == "*" and match.end() != len(pattern):
            text = f"catch-all routes are only allowed at the end of the path in path '{pattern}'"
            raise RouteConflictError(Fault.CATCH_ALL, text)
        if wildcard[0] == "*" and pattern[match.start() - 1] != "/":
            raise RouteConflictError(Fault.CATCH_ALL, f"no / before catch-all in path '{pattern}'")


def _insert(node: Node[T], rest: bytes, pattern: str, target: T) -> None:
    """Walk down as far as the pattern is known, split where it parts, grow the rest."""
    while True:
        common = _common_length(rest, node.path)
        if common < len(node.path):
            _split(node, common)
        if common == len(rest):
            if node.target is not None:
                text = f"handlers are already registered for path '{pattern}'"
                raise RouteConflictError(Fault.TAKEN, text, node.target)
            node.target = target
            return
        rest = rest[common:]
        text_below = node.texts.get(rest[0])
        if text_below is not None:
            node = text_below
        elif _WILDCARD.match(rest) is None and node.kind is not Kind.CATCH_ALL:
            node.texts[rest[0]] = Node(b"", Kind.TEXT, target)
            _grow(node.texts[rest[0]], rest, pattern, target)
            return
        elif node.wildcard is None:
            _grow(node, rest, pattern, target)
            return
        else:
            node = node.wildcard
            is_same = rest.startswith(node.path) and rest[len(node.path) :][:1] in {b"", b"/"}
            if node.kind is Kind.CATCH_ALL or not is_same:
                raise _other_wildcard(node, rest, pattern)


def _common_length(one: bytes, other: bytes) -> int:
    if one.startswith(other):
        return len(other)
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _split(node: Node[T], at: int) -> None:
    """The node keeps the first `at` bytes of its path; all else goes to a new child."""
    child: Node[T] = Node(node.path[at:], Kind.TEXT, node.owner)
    child.target, child.texts, child.wildcard = node.target, node.texts, node.wildcard
    node.target, node.texts, node.wildcard = None, {node.path[at]: child}, None
    node.path = node.path[:at]


def _grow(node: Node[T], rest: bytes, pattern: str, target: T) -> None:
    """Nodes for what is left of a pattern. `node` is new and has no path yet, or `rest` begins with a wildcard."""
    while (match := _WILDCARD.search(rest)) is not None:
        if match[0].startswith(_CATCH_ALL):
            _grow_catch_all(node, rest, match.start(), pattern, target)
            return
        if match.start() > 0:
            node.path = rest[: match.start()]
        node.wildcard = Node(match[0], Kind.PARAM, target)
        node = node.wildcard
        rest = rest[match.end() :]
        if not rest:
            node.target = target
            return
        node.texts[SLASH] = Node(b"", Kind.TEXT, target)
        node = node.texts[SLASH]
    node.path = rest
    node.target = target


def _grow_catch_all(node: Node[T], rest: bytes, start: int, pattern: str, target: T) -> None:
    """Two nodes below: one without a path, and the one that takes the rest, the slash before it included."""
    if start == 0:
        beside = next(iter(node.texts.values()), node.wildcard)
        segment = "" if beside is None else _shown(beside.path).partition("/")[0]
        text = (
            f"catch-all wildcard '{_shown(rest)}' in new path '{pattern}' conflicts with existing path segment"
            f" '{segment}' in existing prefix '{_shown(node.path)}{segment}'"
        )
        raise RouteConflictError(Fault.CATCH_ALL, text, node.owner)
    node.path = rest[: start - 1]
    outer = node.texts[SLASH] = Node(b"", Kind.CATCH_ALL, target)
    outer.wildcard = Node(rest[start - 1 :], Kind.CATCH_ALL, target)
    outer.wildcard.target = target


def _other_wildcard(node: Node[T], rest: bytes, pattern: str) -> RouteConflictError:
    segment, existing = _shown(rest), _shown(node.path)
    if node.kind is not Kind.CATCH_ALL:
        segment = segment.partition("/")[0]
    prefix = pattern.partition(segment)[0]
    text = (
        f"'{segment}' in new path '{pattern}' conflicts with existing wildcard '{existing}'"
        f" in existing prefix '{prefix}{existing}'"
    )
    return RouteConflictError(Fault.OTHER_WILDCARD, text, node.owner, segment, existing)
