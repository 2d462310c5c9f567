"""Go duration strings (`time.ParseDuration`): `1h30m`, `1.5h`, `.5s`, `-1s`, `0`.

Knows the grammar and Go's arithmetic; does not know what a duration is for.
"""

import re

UNIT_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5 MICRO SIGN
    "μs": 1_000,  # U+03BC GREEK SMALL LETTER MU
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_MAX_INT64 = (1 << 63) - 1
_MIN_MAGNITUDE = 1 << 63  # only as the negative extreme
# At least one digit on either side of the point; the unit is all that is neither digit nor point.
_NUMBER_AND_UNIT = re.compile(r"(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?([^.0-9]*)")


class DurationError(ValueError):
    """The text is no Go duration. `str()` is the reason in Go's words, without the `time:` prefix and the text."""


def parse_duration(text: str) -> int:
    """Nanoseconds of a Go duration, negative ones included.

    Raises DurationError with Go's three reasons: `invalid duration`, `missing unit in duration`,
    `unknown unit in duration`. Cost is linear in the text. Source: Go 1.22 `time/format.go`, ParseDuration.
    """
    rest = text
    negative = False
    if rest[:1] in ("+", "-"):
        negative = rest[0] == "-"
        rest = rest[1:]
    if rest == "0":
        return 0
    if not rest:
        raise DurationError("invalid duration")
    total = position = 0
    while position < len(rest):
        match = _NUMBER_AND_UNIT.match(rest, position)
        if match is None:
            raise DurationError("invalid duration")
        whole, fraction, unit = match.groups(default="")
        position = match.end()
        total += _scaled(whole, fraction, unit)
        if total > _MIN_MAGNITUDE:
            raise DurationError("invalid duration")
    if negative:
        return -total
    if total > _MAX_INT64:
        raise DurationError("invalid duration")
    return total


def format_duration(nanoseconds: int) -> str:
    """The text Go's `Duration.String` gives: `1h30m0s`, `1.5s`, `150µs`, `0s`."""
    if nanoseconds == 0:
        return "0s"
    sign = "-" if nanoseconds < 0 else ""
    value = abs(nanoseconds)
    if value < 1_000:
        return f"{sign}{value}ns"
    if value < 1_000_000:
        return f"{sign}{_without_zeros(f'{value // 1_000}.{value % 1_000:03d}')}µs"
    if value < 1_000_000_000:
        return f"{sign}{_without_zeros(f'{value // 1_000_000}.{value % 1_000_000:06d}')}ms"
    minutes, rest = divmod(value, UNIT_NANOSECONDS["m"])
    hours, minutes = divmod(minutes, 60)
    text = f"{_without_zeros(f'{rest // 1_000_000_000}.{rest % 1_000_000_000:09d}')}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else f"{sign}{text}"


def _scaled(whole: str, fraction: str, unit: str) -> int:
    if not unit:
        raise DurationError("missing unit in duration")
    scale = UNIT_NANOSECONDS.get(unit)
    if scale is None:
        raise DurationError(f"unknown unit {_quote(unit)} in duration")
    significant = whole.lstrip("0")
    # Bounded before int(): 2**63 has 19 digits, and turning a huge text into a number is quadratic.
    if len(significant) > 19 or int(significant or "0") > _MIN_MAGNITUDE // scale:
        raise DurationError("invalid duration")
    return int(significant or "0") * scale + _fraction_nanoseconds(fraction, scale)


def _fraction_nanoseconds(digits: str, scale: int) -> int:
    """Go multiplies the fraction in float64 and drops digits that no longer fit an int64."""
    value, factor = 0, 1.0
    for digit in digits:
        if value > _MAX_INT64 // 10:
            break
        grown = value * 10 + int(digit)
        if grown > _MIN_MAGNITUDE:
            break
        value = grown
        factor *= 10
    return int(float(value) * (scale / factor)) if value else 0


def _without_zeros(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".")


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
