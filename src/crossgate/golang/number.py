"""Numbers as Go keeps them in decoded data: the literal as it was received, or a float64 from a configuration file.

Decoded data holds a Python int where the literal is the int's own text, and a `Number` (a piece of ready JSON text)
where it is not: `1.0`, `1E+2`, `-0`. Both mean Go's `json.Number`. Knows nothing of documents.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

Number = msgspec.Raw
"""A number literal that is no plain int. `number_text` gives it back."""


def number_text(value: Any) -> str | None:
    """The literal of a number, None for anything else. A Python float gives the text Go's JSON has for it."""
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is Number:
        return bytes(value).decode()
    return float64_text(value) if kind is float else None


def float64_text(value: float) -> str:
    """The shortest text of a float64 as Go's encoding/json writes it: `42`, `0.1`, `1e+21`, `1e-7`.

    Not a number and the infinities, which Go refuses, give `null`. Source: Go 1.22 `encoding/json/encode.go`.
    """
    if value != value or value in (float("inf"), float("-inf")):  # the one value unequal to itself
        return "null"
    magnitude = abs(value)
    if magnitude != 0 and (magnitude < 1e-6 or magnitude >= 1e21):
        return _exponent_text(repr(value))
    return _positional_text(value)


def _exponent_text(text: str) -> str:
    """Python writes `1e-07`, Go writes `1e-7`; both write `1e+21`."""
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    return f"{mantissa.removesuffix('.0')}e{'+' if power >= 0 else '-'}{abs(power)}"


def _positional_text(value: float) -> str:
    text = repr(value)
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        digits = mantissa.replace(".", "").replace("-", "")
        power = int(exponent)
        sign = "-" if value < 0 else ""
        if power < 0:
            return f"{sign}0.{'0' * (-power - 1)}{digits}"
        return sign + digits.ljust(power + 1, "0")
    return text.removesuffix(".0")


def with_float64_numbers(value: Any) -> Any:
    """A copy of configuration data whose numbers went through float64, as those of `proxy.static` do: `1.0` → `1`."""
    if isinstance(value, Mapping):
        return {str(key): with_float64_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_float64_numbers(item) for item in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Number(float64_text(_as_float64(value)))
    if isinstance(value, Number):
        return Number(float64_text(float(bytes(value))))
    return value


def _as_float64(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")
