"""JSON of tokens: one reading for each text, or none.

Source: go-jose v3 `json/` (duplicate members are refused, names are compared exactly).
"""

import json
import math
import re
from typing import Any, NoReturn

# Any escape, pairs of surrogates as one.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)


def decode_token_json(text: bytes) -> Any:
    """The value. Raises ValueError for duplicate members at any depth, numbers that are not finite, or anything else.

    Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD, as in Go.
    """
    document = text.decode("utf-8", "replace")
    if "\\u" in document:
        document = _ESCAPE.sub(_without_half, document)
    try:
        return json.loads(
            document,
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_integer,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def _without_half(escape: re.Match[str]) -> str:
    found = escape[0]
    return r"\ufffd" if len(found) == 6 and found[2] in "dD" and found[3] in "89abcdefABCDEF" else found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _integer(literal: str) -> int:
    """Within float64: Go reads every number as one."""
    if len(literal) > 308:
        _finite(literal)
    return int(literal)


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number
