"""A body as the values that are validated: strict JSON, nothing that two readers could read in two ways.

Knows bounds; does not know schemas.
"""

import json
import re
from typing import Any, NoReturn

from crossgate.components.json_schema.subschemas import MAX_DEPTH

MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_VALUES = 200_000
"""Members and items counted: some tens of MB and a fifth of a second."""

_EXACT_DIGITS = 15
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class BodyError(ValueError):
    """A body that is not validated. `str()` says why, without any of it."""


class BodyTooLargeError(BodyError):
    """It has too many bytes or values."""


class BodyTooDeepError(BodyError):
    """It is nested too deep."""

    def __init__(self) -> None:
        super().__init__(f"the body is nested deeper than {MAX_DEPTH}")


def parse_body(body: bytes) -> Any:
    """The value. Numbers are what float64 has of them, as for KrakenD. Raises BodyError.

    DEVIATION(DEV-SCHEMA-2): KrakenD takes the last of equal names, and hands the backend all of them; it reads bytes
    that are no UTF-8 as U+FFFD; it has no bounds but 10,000 levels.
    """
    if len(body) > MAX_BODY_BYTES or (len(body) > MAX_VALUES and values_in(body) > MAX_VALUES):
        raise BodyTooLargeError("the body is too large to be validated")
    opened = body.count(b"[") + body.count(b"{")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError:
        raise BodyError("the body is not in UTF-8") from None
    except RecursionError:
        raise BodyTooDeepError from None
    except json.JSONDecodeError as error:
        raise BodyError(f"the body is not JSON: {error.msg[:1].lower()}{error.msg[1:]}, at byte {error.pos}") from None
    if opened > MAX_DEPTH and depth_of(value) > MAX_DEPTH:
        raise BodyTooDeepError
    return _without_surrogates(value) if _ESCAPED_SURROGATE.search(body) else value


def values_in(body: bytes) -> int:
    """At least as many as there are values in a body of JSON."""
    return 1 + body.count(b",") + body.count(b"[") + body.count(b"{")


def depth_of(value: Any) -> int:
    """How many objects and lists stand in one another."""
    level, depth = [value], 0
    while True:
        level = [item for one in level if isinstance(one, dict | list) for item in _inner(one)]
        if not level:
            return depth + 1
        depth += 1


def _inner(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BodyError("an object of the body has one name twice")
    return found


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _EXACT_DIGITS else _float(text)


def _float(text: str) -> int | float:
    value = float(text)
    if value - value != 0:
        raise BodyError("a number of the body is too large")
    return whole(value)


def whole(value: float) -> int | float:
    """An int where a float has no fraction: `1.0` is an integer, to every draft."""
    return int(value) if value.is_integer() else value


def _no_constant(_text: str) -> NoReturn:
    raise BodyError("the body is not JSON: there is no such value")


def _without_surrogates(value: Any) -> Any:
    """The value with U+FFFD for what is no character, as Go reads it."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return _object([(_SURROGATE.sub("\ufffd", name), _without_surrogates(item)) for name, item in value.items()])
    return [_without_surrogates(item) for item in value] if isinstance(value, list) else value
