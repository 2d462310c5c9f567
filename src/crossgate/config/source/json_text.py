"""JSON text to a plain tree, quickly. What is wrong, and where, is `json_scanner`'s business, asked only on failure.

Numbers become int, or float beyond 19 digits, as precision beyond float64 is lost on KrakenD too.
"""

import json
from typing import Any


class NotJsonError(Exception):
    """The text is not JSON, or not JSON that the standard parser can take. The scanner knows why."""


def parse_json(text: str) -> tuple[Any, bool]:
    """The tree, and whether any object has a key twice (the last one wins). Raises NotJsonError."""
    has_duplicates = False

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_duplicates
        tree = dict(members)
        if len(tree) != len(members):
            has_duplicates = True
        return tree

    try:
        tree = json.loads(text, object_pairs_hook=pairs, parse_int=_integer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJsonError from error
    return tree, has_duplicates


def _integer(literal: str) -> int | float:
    # Turning thousands of digits into an int is quadratic, and Python refuses it.
    return int(literal) if len(literal) < 20 else float(literal)


def _refuse(literal: str) -> Any:
    raise ValueError(literal)
