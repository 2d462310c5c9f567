"""KrakenD's weak conversions: what its decoder makes of a value of another type, or why it refuses.

Source: go-viper/mapstructure v2 with WeaklyTypedInput and the duration and comma hooks, as koanf uses it. Each function
returns the value and whether it had to be converted. null is nobody's business here: it leaves the field as it is.
"""

import math
import re
from functools import lru_cache
from typing import Any

from crossgate.golang.duration import DurationError, parse_duration

_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False", ""))
_GO_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|0[0-7_]*|[1-9][0-9_]*)")
_LIMIT = 1 << 63
_nanoseconds = lru_cache(maxsize=1024)(parse_duration)  # a file writes the same few again and again


class ConversionError(Exception):
    """KrakenD does not convert this value. `str()` is the reason in its words, without the path."""


def to_text(value: Any) -> tuple[str, bool]:
    """Text; numbers and booleans become text."""
    if isinstance(value, str):
        return value, False
    if isinstance(value, bool):
        return ("1" if value else "0"), True
    if isinstance(value, (int, float)):
        return go_number_text(value), True
    raise ConversionError(f"expected type 'string', got unconvertible type '{go_type(value)}'")


def to_integer(value: Any) -> tuple[int, bool]:
    """An int64; a fraction is cut off, text is read as Go writes integers, booleans are 1 and 0."""
    if isinstance(value, bool):
        return int(value), True
    if isinstance(value, int):
        return _in_range(value), False
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ConversionError("expected type 'int', got a number that is not finite")
        return _in_range(int(value)), not value.is_integer()
    if isinstance(value, str):
        number = _parse_integer(value or "0")
        if number is None or not -_LIMIT <= number < _LIMIT:
            reason = "invalid syntax" if number is None else "value out of range"
            raise ConversionError(f"cannot parse value as 'int': strconv.ParseInt: {reason}")
        return number, True
    raise ConversionError(f"expected type 'int', got unconvertible type '{go_type(value)}'")


def to_boolean(value: Any) -> tuple[bool, bool]:
    """A boolean; numbers are true unless zero, text is what strconv.ParseBool makes of it."""
    if isinstance(value, bool):
        return value, False
    if isinstance(value, (int, float)):
        return value != 0, True
    if isinstance(value, str):
        if value in _TRUE:
            return True, True
        if value in _FALSE:
            return False, True
        raise ConversionError("cannot parse value as 'bool': strconv.ParseBool: invalid syntax")
    raise ConversionError(f"expected type 'bool', got unconvertible type '{go_type(value)}'")


def to_duration(value: Any) -> tuple[int, bool]:
    """Nanoseconds; a plain number counts as nanoseconds."""
    if isinstance(value, str):
        try:
            return _nanoseconds(value), False
        except DurationError as error:
            raise ConversionError(f"time: {error}") from None
    nanoseconds, _ = to_integer(value)
    return nanoseconds, True


def to_texts(value: Any) -> tuple[tuple[str, ...], bool]:
    """A list of texts; text is split at commas, any other single value becomes the only item."""
    if isinstance(value, list):
        return _items(value)
    if isinstance(value, str):
        return (tuple(value.split(",")) if value else ()), True
    if isinstance(value, dict):
        if not value:
            return (), True
        raise ConversionError("expected type 'string', got unconvertible type 'map[string]interface {}'")
    return (to_text(value)[0],), True


def to_text_map(value: Any) -> tuple[dict[str, str], bool]:
    """Texts by name; other scalars become text, a list of objects is merged."""
    if isinstance(value, list):
        merged: dict[str, Any] = {}
        for position, item in enumerate(value):
            if not isinstance(item, dict):
                raise ItemConversionError(position, f"expected a map, got '{go_type(item)}'")
            merged.update(item)
        return to_text_map(merged)[0], True
    if not isinstance(value, dict):
        raise ConversionError(f"expected a map, got '{go_type(value)}'")
    texts: dict[str, str] = {}
    converted = False
    for name, item in value.items():
        try:
            texts[name], changed = to_text("" if item is None else item)
        except ConversionError as refused:
            raise ItemConversionError(name, str(refused)) from None
        converted = converted or changed or item is None
    return texts, converted


def converted_items(value: Any) -> list[tuple[str | int, str]]:
    """The members of a list or an object of texts that are none, each with what it is read as."""
    members = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [(step, to_text("" if item is None else item)[0]) for step, item in members if not isinstance(item, str)]


def go_type(value: Any) -> str:
    """The Go type of a decoded JSON value, as error messages name it."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "float64"
    if isinstance(value, str):
        return "string"
    return "[]interface {}" if isinstance(value, list) else "map[string]interface {}"


def go_number_text(value: float) -> str:
    """A number as `strconv.FormatFloat(v, 'f', -1, 64)` writes it: no exponent, no needless fraction."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    text = repr(value)
    if "e" in text:
        text = f"{value:.0f}" if abs(value) >= 1 else f"{value:.330f}".rstrip("0")
    return text.removesuffix(".0")


def _items(items: list[Any]) -> tuple[tuple[str, ...], bool]:
    for item in items:
        if type(item) is not str:
            break
    else:
        return tuple(items), False
    texts: list[str] = []
    converted = False
    for position, item in enumerate(items):
        try:
            text, changed = to_text("" if item is None else item)
        except ConversionError as refused:
            raise ItemConversionError(position, str(refused)) from None
        texts.append(text)
        converted = converted or changed or item is None
    return tuple(texts), converted


class ItemConversionError(ConversionError):
    """A member of a list or an object is refused; `position` says which."""

    def __init__(self, position: int | str, reason: str) -> None:
        super().__init__(reason)
        self.position = position


def _in_range(value: int) -> int:
    return max(-_LIMIT, min(value, _LIMIT - 1))


def _parse_integer(text: str) -> int | None:
    """strconv.ParseInt with base 0; None for what it refuses. Underscores only as base prefixes allow them."""
    if len(text) > 80 or _GO_INTEGER.fullmatch(text) is None or "__" in text or text.endswith("_"):
        return None
    plain = text.replace("_", "").lower()
    digits = plain.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        plain = plain.replace("0", "0o", 1)
    try:
        return int(plain, 0)
    except ValueError:
        return None
