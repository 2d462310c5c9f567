"""`allow` and `deny`: keep or drop branches named by dotted paths. Neither reaches into lists."""

from collections.abc import Callable, Sequence
from typing import Any

Tree = dict[str, "Tree | None"]
"""Path steps; None ends a path: the whole branch is meant."""


def compile_allow(paths: Sequence[str]) -> Callable[[dict[str, Any] | None], dict[str, Any] | None]:
    """Keep what the paths name. Objects that end up empty go too, but for those a path names itself.

    Of a path and a longer one that begins with it, the later in the list counts, as in KrakenD.
    """
    tree: Tree = {}
    for path in paths:
        *parents, last = path.split(".")
        here = tree
        for step in parents:
            below = here.get(step)
            if below is None:
                below = here[step] = {}
            here = below
        here[last] = None
    return lambda data: _kept(data, tree) if data else data


def _kept(data: dict[str, Any], tree: Tree) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, below in tree.items():
        if key not in data:
            continue
        value = data[key]
        if below is None:
            kept[key] = value
        elif type(value) is dict:
            inner = _kept(value, below)
            if inner:
                kept[key] = inner
    return kept


def compile_deny(paths: Sequence[str]) -> Callable[[dict[str, Any] | None], dict[str, Any] | None]:
    """Drop what the paths name; objects may end up empty. A path makes longer ones that begin with it pointless."""
    tree: Tree = {}
    for path in paths:
        *parents, last = path.split(".")
        here = tree
        for step in parents:
            below = here.setdefault(step, {})
            if below is None:
                break
            here = below
        else:
            here[last] = None
    return lambda data: _without(data, tree) if data else data


def _without(data: dict[str, Any], tree: Tree) -> dict[str, Any]:
    left = data.copy()
    for key, below in tree.items():
        if key not in left:
            continue
        if below is None:
            del left[key]
        elif type(left[key]) is dict:
            left[key] = _without(left[key], below)
    return left
