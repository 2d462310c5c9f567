"""Claims as text, for fields and paths of backends.

Source: krakend-jose `jose.go` CalculateHeadersToPropagate and lura's parameters: numbers have gone through float64, and
those inside lists are printed by `%v`.
"""

import math
from decimal import Decimal
from typing import Any

from crossgate.golang.json_text import encode_json
from crossgate.golang.number import with_float64_numbers
from crossgate.golang.print_form import print_form

_INT64_MIN = -(1 << 63)


def claim_text(value: Any) -> str:
    """The text of a claim. A list's items are joined by commas."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(claim_texts(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_text(float(value))
    return encode_json(with_float64_numbers(value)).decode("utf-8", "surrogateescape")


def claim_texts(value: Any) -> list[str]:
    """The same, but each item of a list on its own."""
    return [print_form(_printed(item)) for item in value] if isinstance(value, list) else [claim_text(value)]


def _number_text(number: float) -> str:
    if math.fabs(number) >= 1 << 63:
        return str(_INT64_MIN)  # what amd64 makes of it
    whole = round(number)
    return str(whole) if math.fabs(number - whole) < 1e-6 else f"{number:f}"


def _printed(value: Any) -> Any:
    """The value with texts in the place of its numbers."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _shortest(float(value))
    if isinstance(value, list):
        return [_printed(item) for item in value]
    return {name: _printed(item) for name, item in value.items()} if isinstance(value, dict) else value


def _shortest(number: float) -> str:
    """The fewest digits, with an exponent below 1e-4 and from 1e6 on (Go's `fmt/format.go`, `%v` of a float64)."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text = "".join(map(str, digits))
    power = len(digits) - 1 + int(exponent)
    minus = "-" if sign else ""
    if number and not -4 <= power < 6:
        tail = f".{text[1:]}" if len(text) > 1 else ""
        return f"{minus}{text[0]}{tail}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return f"{minus}{Decimal(repr(abs(number))).normalize():f}"
