"""One value under one verb of Go's fmt, with flags, width and precision: numbers, texts, truth.

Knows scalars; what is made of them is in `printing`. Source: Go 1.25 `fmt/format.go`.
"""

from dataclasses import dataclass, replace

from crossgate.golang.floats import format_float
from crossgate.golang.literals import can_backquote, quote, quote_rune, to_bytes

_BASES = {"v": 10, "d": 10, "b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


@dataclass(slots=True)
class Spec:
    """What stands between `%` and the verb; width and precision are None where they are absent."""

    minus: bool = False
    plus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int | None = None
    precision: int | None = None
    plus_v: bool = False
    sharp_v: bool = False

    def pad(self, text: str, *, zero: bool | None = None) -> str:
        """The text filled up to the width: to the left, with `-` to the right, with zeros where asked for."""
        if not self.width:
            return text
        if self.minus:
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if (self.zero if zero is None else zero) else " ")


def truncated(spec: Spec, text: str) -> str:
    """The text cut to the precision, in characters."""
    return text if spec.precision is None else text[: spec.precision]


def format_bool(spec: Spec, value: bool) -> str:
    """`%t`."""
    return spec.pad("true" if value else "false")


def format_text(spec: Spec, value: str, verb: str) -> str | None:
    """A string; None where the verb is not for strings."""
    match verb:
        case "v" if not spec.sharp_v:
            return spec.pad(truncated(spec, value))
        case "s":
            return spec.pad(truncated(spec, value))
        case "x" | "X":
            return format_hexadecimal(spec, to_bytes(value), verb)
        case "q" | "v":
            text = truncated(spec, value)
            if spec.sharp and can_backquote(text):
                return spec.pad(f"`{text}`")
            return spec.pad(quote(text, ascii_only=spec.plus))
    return None


def format_hexadecimal(spec: Spec, raw: bytes, verb: str) -> str:
    """Bytes as `%x` and `%X` print them."""
    raw = raw if spec.precision is None else raw[: spec.precision]
    if not raw:
        return spec.pad("")
    prefix = ("0x" if verb == "x" else "0X") if spec.sharp else ""
    pairs = [f"{byte:02x}" if verb == "x" else f"{byte:02X}" for byte in raw]
    text = f" {prefix}".join(pairs) if spec.space else "".join(pairs)
    return spec.pad(prefix + text)


def format_integer(spec: Spec, value: int, verb: str) -> str | None:
    """An integer; None where the verb is not for integers."""
    match verb:
        case "c":
            return spec.pad(_character(value))
        case "q":
            return spec.pad(quote_rune(value, ascii_only=spec.plus))
        case "U":
            return _unicode(spec, value)
    base = _BASES.get(verb)
    return None if base is None else _digits(spec, value, base, verb)


def format_pointer_like(spec: Spec, value: int) -> str:
    """An unsigned number as `%#v` prints it: in hexadecimal."""
    return _digits(replace(spec, sharp=True), value, 16, "x")


def _digits(spec: Spec, value: int, base: int, verb: str) -> str:
    sign = "-" if value < 0 else "+" if spec.plus else " " if spec.space else ""
    minimum = 0
    if spec.precision is not None:
        minimum = spec.precision
        if minimum == 0 and value == 0:
            return spec.pad("", zero=False)
    elif spec.zero and not spec.minus and spec.width:
        minimum = spec.width - bool(sign)
    magnitude = abs(value)
    text = {10: f"{magnitude}", 16: f"{magnitude:x}", 8: f"{magnitude:o}", 2: f"{magnitude:b}"}[base]
    text = (text.upper() if verb == "X" else text).rjust(minimum, "0")
    if spec.sharp and base != 10 and not (base == 8 and text.startswith("0")):
        text = _PREFIXES.get(verb, "") + text
    if verb == "O":
        text = "0o" + text
    return spec.pad(sign + text, zero=False)


def _character(value: int) -> str:
    return chr(value) if 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF else "\ufffd"


def _unicode(spec: Spec, value: int) -> str:
    number = value if value >= 0 else value + (1 << 64)
    minimum = max(spec.precision or 0, 4)
    text = f"U+{f'{number:X}'.rjust(minimum, '0')}"
    if spec.sharp and 0 <= value <= 0x10FFFF and chr(value).isprintable():
        text += f" '{chr(value)}'"
    return spec.pad(text, zero=False)


def format_number(spec: Spec, value: float, verb: str) -> str | None:
    """A float64; None where the verb is not for floats."""
    if verb == "v":
        form, precision = "g", -1
    elif verb in "bgGxX":
        form, precision = verb, -1
    elif verb in "feEF":
        form, precision = verb.replace("F", "f"), 6
    else:
        return None
    if spec.precision is not None:
        precision = spec.precision
    text = format_float(value, form, precision)
    if text[0] not in "+-":
        text = "+" + text
    if spec.space and text[0] == "+" and not spec.plus:
        text = " " + text[1:]
    if text[1] in "IN":
        if text[1] == "N" and not spec.space and not spec.plus:
            text = text[1:]
        elif text[0] == "+" and not spec.plus and text[1] == "I":
            text = "+Inf"
        return spec.pad(text, zero=False)
    if spec.sharp and verb != "b":
        text = _with_point(text, form if verb != "v" else "g", precision)
    if spec.plus or text[0] != "+":
        if spec.zero and not spec.minus and spec.width and spec.width > len(text):
            return text[0] + text[1:].rjust(spec.width - 1, "0")
        return spec.pad(text)
    return spec.pad(text[1:])


def _with_point(text: str, form: str, precision: int) -> str:
    """What `#` asks for: a decimal point always, and for %g the zeros behind it."""
    digits = 0
    if form in "gGx":
        digits = 6 if precision == -1 else precision
    marks = "pP" if form in "xX" else "eEpP"
    cut = next((index for index, character in enumerate(text) if index and character in marks), len(text))
    number, tail = text[:cut], text[cut:]
    significant = False
    for character in number[1:]:
        if character == ".":
            continue
        significant = significant or character != "0"
        digits -= significant
    if "." not in number:
        if number[1:] == "0":
            digits -= 1
        number += "."
    return number + "0" * max(digits, 0) + tail


def format_complex(spec: Spec, value: complex, verb: str) -> str | None:
    """A complex number: `(1+2i)`; None where the verb is not for numbers."""
    if verb not in "vbgGxXfFeE":
        return None
    real = format_number(spec, value.real, verb)
    imaginary = format_number(replace(spec, plus=True), value.imag, verb)
    return f"({real}{imaginary}i)"
