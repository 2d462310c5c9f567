"""float64 as text, in each of Go's forms (`strconv.FormatFloat`): e, E, f, g, G, b, x, X; precision -1 is the shortest.

Source: Go 1.25 `strconv/ftoa.go`.
"""

import math


def format_float(value: float, form: str, precision: int = -1) -> str:
    """The text of a number. `form` is one of e E f g G b x X; a precision below 0 asks for as few digits as tell it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "-Inf" if value < 0 else "+Inf"
    if form == "b":
        return _binary(value)
    if form in "xX":
        return _hexadecimal(value, form, precision)
    sign = "-" if math.copysign(1, value) < 0 else ""
    magnitude = abs(value)
    if form in "eE":
        return sign + _exponential(*_digits(magnitude, precision + 1 if precision >= 0 else -1), precision, form)
    if form == "f":
        return sign + (f"{magnitude:.{precision}f}" if precision >= 0 else _positional(*_digits(magnitude, -1)))
    return sign + _general(magnitude, form, precision)


def _general(magnitude: float, form: str, precision: int) -> str:
    shortest = precision < 0
    precision = 1 if precision == 0 else precision
    digits, point = _digits(magnitude, precision)
    digits = digits.rstrip("0")
    threshold = 6 if shortest else precision
    if not shortest and threshold > len(digits) >= point:
        threshold = len(digits)
    exponent = point - 1 if digits else 0
    if exponent < -4 or exponent >= threshold:
        return _exponential(digits or "0", point, max(len(digits) - 1, 0), "e" if form == "g" else "E")
    return _positional(digits, point)


def _digits(magnitude: float, count: int) -> tuple[str, int]:
    """Significant digits, and where the point stands among them: 0.d1d2d3 times ten to the power of it."""
    if magnitude == 0:
        return "0" * max(count, 1), 1
    text = f"{magnitude:.{count - 1}e}" if count > 0 else repr(magnitude)
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits, point = whole + fraction, len(whole) + int(exponent or "0")
    if count > 0:
        return digits, point
    stripped = digits.lstrip("0")
    return stripped.rstrip("0"), point - (len(digits) - len(stripped))


def _exponential(digits: str, point: int, precision: int, form: str) -> str:
    fraction = digits[1:] if precision < 0 else digits[1 : precision + 1].ljust(precision, "0")
    power = point - 1 if digits.strip("0") else 0
    return f"{digits[0]}{'.' if fraction else ''}{fraction}{form}{'-' if power < 0 else '+'}{abs(power):02d}"


def _positional(digits: str, point: int) -> str:
    digits = digits if digits.strip("0") else ""
    if point <= 0:
        return f"0.{'0' * -point}{digits}" if digits else "0"
    whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
    return (whole or "0") + (f".{fraction}" if fraction else "") if digits else "0"


def _binary(value: float) -> str:
    """The mantissa as a whole number, and the power of two: `4503599627370496p-52`."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return f"{sign}0p-1074"
    mantissa, exponent = math.frexp(abs(value))
    shift = max(exponent - 53, -1074)
    return f"{sign}{int(math.ldexp(mantissa, exponent - shift))}p{'+' if shift >= 0 else '-'}{abs(shift)}"


def _hexadecimal(value: float, form: str, precision: int) -> str:
    """`0x1.8p+01`: one digit, the fraction in hexadecimal, a power of two of at least two digits."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    power, bits = 0, 0
    if value != 0:
        mantissa, exponent = math.frexp(abs(value))
        power, bits = exponent - 1, int(math.ldexp(mantissa, 53))
    fraction_digits = 13
    if 0 <= precision < 13:
        dropped = 4 * (13 - precision)
        half, rest = 1 << (dropped - 1), bits & ((1 << dropped) - 1)
        bits >>= dropped
        if rest > half or (rest == half and bits & 1):
            bits += 1
        fraction_digits = precision
        if bits >> (4 * precision + 1):
            bits >>= 1
            power += 1
    fraction = f"{bits & ((1 << 4 * fraction_digits) - 1):0{fraction_digits}x}" if fraction_digits else ""
    fraction = fraction.rstrip("0") if precision < 0 else fraction.ljust(precision, "0")
    leading = bits >> (4 * fraction_digits)
    text = f"{sign}0x{leading}{'.' if fraction else ''}{fraction}p{'-' if power < 0 else '+'}{abs(power):02d}"
    return text.upper() if form == "X" else text
