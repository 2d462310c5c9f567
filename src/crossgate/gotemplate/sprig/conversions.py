"""Values of any kind to numbers, as spf13/cast 1.6.0 does it for sprig: what cannot be converted is 0."""

from typing import Any

from crossgate.golang.numerals import NumeralError, int64_of_float, parse_float, parse_int, wrap_int64


def to_int(value: Any) -> int:
    """cast.ToInt."""
    if isinstance(value, str):
        try:
            return parse_int(_without_zero_decimals(value), 0)
        except NumeralError:
            return 0
    if isinstance(value, float):
        return int64_of_float(value)
    return wrap_int64(int(value)) if isinstance(value, int) else 0


def to_float(value: Any) -> float:
    """cast.ToFloat64."""
    if isinstance(value, str):
        try:
            return parse_float(value)
        except NumeralError:
            return 0.0
    return float(value) if isinstance(value, int | float) else 0.0


def _without_zero_decimals(text: str) -> str:
    """`5.00` → `5`; `5.` and `5.9` stay."""
    whole, point, zeros = text.rpartition(".")
    return whole if point and zeros and not zeros.strip("0") else text
