"""The path of a route when letter case does not matter, nor a trailing slash: where gin's RedirectFixedPath leads.

Text is tried before parameters, the lower-case way before the upper-case one; values stay as they are. Letters are
compared by Unicode's simple folding, also where nodes part within one. Knows a tree and decoded, cleaned paths.

Source: gin 1.12 `tree.go`, findCaseInsensitivePathRec; Go `strings.EqualFold`, `unicode.ToLower`, `unicode.ToUpper`.
"""

import re
from typing import TypeVar

from crossgate.golang.route_tree import SLASH, Kind, Node

T = TypeVar("T")

_SURROGATE = re.compile("[\udc80-\udcff]")
_DOTTED_I = "\u0130"  # İ, whose simple lower case str.lower() does not give


def search_folded(root: Node[T], path: bytes) -> bytes | None:
    """The path of the first route that matches, its text as the route has it."""
    return _search(root, path, b"", b"")


def _search(node: Node[T], path: bytes, found: bytes, letter: bytes) -> bytes | None:
    """Go on at a node. `letter` is what is left of the letter that led here, in the case that did, or empty.

    The first byte is taken as compared: it chose the node. Recursion is as deep as nodes lie.
    """
    while len(path) >= len(node.path) and _fold(path[1 : len(node.path)]) == _fold(node.path[1:]):
        before, path = path, path[len(node.path) :]
        found += node.path
        if not path:
            if node.target is not None:
                return found
            return found + b"/" if node.has_slash_below() else None
        letter = letter[len(node.path) :]
        for way in [letter] if letter else _cases_at(before, len(node.path)):
            below = node.texts.get(way[0])
            result = None if below is None else _search(below, path, found, way)
            if result is not None:
                return result
        wildcard = node.wildcard
        if wildcard is None:
            return found if path == b"/" and node.target is not None else None
        end = path.find(b"/")
        if wildcard.kind is Kind.CATCH_ALL:
            return found + path
        follower = wildcard.texts.get(SLASH)
        if end < 0:
            if wildcard.target is not None:
                return found + path
            is_leaf = follower is not None and follower.path == b"/" and follower.target is not None
            return found + path + b"/" if is_leaf else None
        found += path[:end]
        if follower is None:
            return found if len(path) == end + 1 else None
        node, path, letter = follower, path[end:], b""
    if path == b"/":
        return found
    if node.target is not None and len(path) + 1 == len(node.path) and _fold(path[1:] + b"/") == _fold(node.path[1:]):
        return found + node.path
    return None


def _cases_at(path: bytes, index: int) -> list[bytes]:
    """The letter at `index`, in lower and in upper case, without what of it stands before `index`."""
    for offset in range(min(index, 3)):
        if path[index - offset] & 0xC0 != 0x80:  # a letter begins here
            letter = _letters(path[index - offset : index - offset + 4])[0]
            ways = dict.fromkeys((_lower(letter), _upper(letter)))
            return [rest for way in ways if (rest := way.encode()[offset:])]
    return []


def _letters(text: bytes) -> str:
    """Each byte that is no UTF-8 becomes a replacement character of its own, as in Go."""
    return _SURROGATE.sub("\ufffd", text.decode("utf-8", "surrogateescape"))


def _fold(text: bytes) -> str:
    if text.isascii():
        return text.decode().lower()
    return "".join(map(_fold_letter, _letters(text)))


def _fold_letter(letter: str) -> str:
    folded = letter.casefold()
    if len(folded) == 1:
        return folded
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


def _lower(letter: str) -> str:
    lower = letter.lower()
    if len(lower) == 1:
        return lower
    return "i" if letter == _DOTTED_I else letter


def _upper(letter: str) -> str:
    for upper in (letter.upper(), letter.title()):
        if len(upper) == 1:
            return upper
    return letter
