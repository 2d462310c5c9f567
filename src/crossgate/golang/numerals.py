"""Numbers as Go's strconv reads them: `ParseInt`, `ParseUint`, `ParseFloat`, `Atoi`, with their error texts.

Source: Go 1.25 `strconv/atoi.go`, `strconv/atof.go`.
"""

import re
from typing import Literal

from crossgate.golang.literals import quote

MAX_INT64 = (1 << 63) - 1
MIN_INT64 = -(1 << 63)
_MAX_UINT64 = (1 << 64) - 1
_MAX_DIGITS = 640  # of any base: longer ones are out of range, and turning them into numbers is quadratic
_DECIMAL = re.compile(r"[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]*[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?")
_HEXADECIMAL = re.compile(
    r"[+-]?0[xX](?=_?[0-9a-fA-F]|\.[0-9a-fA-F])([0-9a-fA-F_]*)\.?([0-9a-fA-F_]*)[pP][+-]?[0-9][0-9_]*"
)
_INFINITE = {"inf", "infinity"}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class NumeralError(ValueError):
    """The text is no number, or out of range: then `value` is the nearest one. `str()` is Go's whole message."""

    def __init__(self, function: str, text: str, reason: Literal["invalid syntax", "value out of range"], value: float):
        super().__init__(f"strconv.{function}: parsing {quote(text)}: {reason}")
        self.value = value


def parse_int(text: str, base: int = 10, *, function: str = "ParseInt") -> int:
    """A signed number of 64 bits. Base 0 reads the prefixes 0x, 0o, 0b, 0 and underscores. Raises NumeralError."""
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    try:
        value = parse_uint(digits, base)
    except NumeralError as error:
        if error.args[0].endswith("range"):
            bound = MIN_INT64 if sign == "-" else MAX_INT64
            raise NumeralError(function, text, "value out of range", bound) from None
        raise NumeralError(function, text, "invalid syntax", 0) from None
    if sign == "-":
        value = -value
    if value > MAX_INT64 or value < MIN_INT64:
        raise NumeralError(function, text, "value out of range", MAX_INT64 if value > 0 else MIN_INT64)
    return value


def parse_uint(text: str, base: int = 10) -> int:
    """An unsigned number of 64 bits. Raises NumeralError."""
    syntax = NumeralError("ParseUint", text, "invalid syntax", 0)
    digits = text
    if base == 0:
        base = 10
        if text[:1] == "0":
            prefix = text[1:2].lower()
            base, cut = {"x": (16, 2), "o": (8, 2), "b": (2, 2)}.get(prefix, (8, 1))
            if cut == 2 and len(text) < 3:
                base, cut = 8, 1
            digits = text[cut:] if len(text) > cut else "0"
        if "_" in text:
            if not underscores_fit(text):
                raise syntax
            digits = digits.replace("_", "")
    allowed = _DIGITS[:base]
    if not digits or any(digit not in allowed for digit in digits.lower()) or not digits.isascii():
        raise syntax
    significant = digits.lstrip("0")
    value = int(significant or "0", base) if len(significant) <= _MAX_DIGITS else _MAX_UINT64 + 1
    if value > _MAX_UINT64:
        raise NumeralError("ParseUint", text, "value out of range", _MAX_UINT64)
    return value


def parse_float(text: str) -> float:
    """A float64. Reads hexadecimal floats, infinities, NaN and underscores between digits. Raises NumeralError."""
    lowered = text.lower()
    unsigned = lowered[1:] if lowered[:1] in ("+", "-") else lowered
    if unsigned in _INFINITE or lowered == "nan":
        return float(text)
    if "_" in text and not underscores_fit(text):
        raise NumeralError("ParseFloat", text, "invalid syntax", 0)
    plain = text.replace("_", "")
    try:
        if unsigned.startswith("0x"):
            if _HEXADECIMAL.fullmatch(text) is None:
                raise NumeralError("ParseFloat", text, "invalid syntax", 0)
            return float.fromhex(plain)
        if not text.isascii() or _DECIMAL.fullmatch(text) is None:
            raise NumeralError("ParseFloat", text, "invalid syntax", 0)
        value = float(plain)
    except OverflowError:
        value = float("-inf") if text.startswith("-") else float("inf")
    if value in (float("inf"), float("-inf")):
        raise NumeralError("ParseFloat", text, "value out of range", value)
    return value


def underscores_fit(text: str) -> bool:
    """Whether each underscore stands between digits, or between a base's prefix and a digit."""
    rest = text[1:] if text[:1] in ("+", "-") else text
    before = "^"  # ^ beginning, 0 digit, _ underscore, ! anything else
    hexadecimal = False
    if len(rest) >= 2 and rest[0] == "0" and rest[1].lower() in "box":
        before = "0"
        hexadecimal = rest[1].lower() == "x"
        rest = rest[2:]
    for character in rest:
        if character.isdigit() or (hexadecimal and character.lower() in "abcdef"):
            before = "0"
        elif character == "_":
            if before != "0":
                return False
            before = "_"
        else:
            if before == "_":
                return False
            before = "!"
    return before != "_"


def wrap_int64(value: int) -> int:
    """The number that is left when a result does not fit 64 bits."""
    return (value - MIN_INT64) % (1 << 64) + MIN_INT64


def int64_of_float(value: float) -> int:
    """`int64(value)` as amd64 does it: cut towards zero; what does not fit, and NaN, is the lowest number."""
    if value != value or not -9.223372036854776e18 <= value < 9.223372036854775e18:
        return MIN_INT64
    return int(value)
