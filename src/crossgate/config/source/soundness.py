"""What a tree must not hold whatever its format: too much depth, numbers that are none, halves of characters.

Iterative, so that the depth it refuses cannot bring it down.
"""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from crossgate.config.source.encoding import without_lone_surrogates
from crossgate.config.source.json_scanner import MAX_DEPTH
from crossgate.diagnostics.path import join


class Unsound(NamedTuple):
    """One value that is refused."""

    code: str
    path: str
    message: str
    krakend: str


def find_unsound(tree: Any) -> list[Unsound]:
    """All values that are refused; of nested too deep, only the first. Cost is linear in the tree."""
    if not _suspicious(tree):
        return []
    found: list[Unsound] = []
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), tree)]
    while pending:
        steps, value = pending.pop()
        if isinstance(value, float) and not math.isfinite(value):
            krakend = (
                "refuses to start: cannot unmarshal number" if math.isinf(value) else "fails to use it as a number"
            )
            found.append(Unsound("CFG105", join(*steps), "this number is infinite or too large", krakend))
        elif isinstance(value, (dict, list)):
            if len(steps) >= MAX_DEPTH:
                message = f"objects and lists are nested more than {MAX_DEPTH} levels deep"
                return [Unsound("CFG106", join(*steps), message, "reads up to 10000 levels")]
            members: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
            pending.extend(((*steps, step), member) for step, member in members)
    return found


def _suspicious(tree: Any) -> bool:
    """Whether anything is to be found, without keeping paths: almost every file ends here."""
    level = [tree]
    for depth in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, (dict, list)):
                if depth == MAX_DEPTH:
                    return True
                below.extend(value.values() if isinstance(value, dict) else value)
            elif isinstance(value, float) and not math.isfinite(value):
                return True
        if not below:
            return False
        level = below
    return False


def without_halves(tree: Any) -> Any:
    """The tree with every half of a surrogate pair replaced. The depth has to be bounded already."""
    if isinstance(tree, str):
        return without_lone_surrogates(tree)
    if isinstance(tree, list):
        return [without_halves(item) for item in tree]
    if isinstance(tree, dict):
        return {without_lone_surrogates(key): without_halves(value) for key, value in tree.items()}
    return tree
