"""A number or character in a template to the values it has under each type.

Source: Go 1.25 `text/template/parse/node.go`, newNumber.
"""

from contextlib import suppress

from crossgate.golang.literals import LiteralError, quote, unquote_char
from crossgate.golang.numerals import MAX_INT64, MIN_INT64, NumeralError, parse_float, parse_int, parse_uint
from crossgate.gotemplate.nodes import Number, Source


class NumberError(ValueError):
    """The text is no number; `str()` is Go's reason."""


def parse_number(source: Source, position: int, text: str, kind: str) -> Number:
    """`kind` is the token's: number, complex or char. Raises NumberError."""
    node = Number(source, position, text)
    if kind == "char":
        return _character(node, text)
    if kind == "complex":
        split = max(text.rfind("+"), text.rfind("-"))
        return _complex(node, text, text[:split], text[split:-1])
    if text.endswith("i"):
        with suppress(NumeralError):
            return _simplified(node, complex(0, parse_float(text[:-1])))
    return _real(node, text)


def _character(node: Number, text: str) -> Number:
    try:
        code, _, tail = unquote_char(text[1:], "'")
    except LiteralError as error:
        raise NumberError(str(error)) from None
    if tail != "'":
        raise NumberError(f"malformed character constant: {text}")
    if 0xDC80 <= code <= 0xDCFF:
        code = 0xFFFD
    node.as_int = node.as_uint = code
    node.as_float = float(code)
    return node


def _complex(node: Number, text: str, real: str, imaginary: str) -> Number:
    try:
        return _simplified(node, complex(parse_float(real), parse_float(imaginary)))
    except NumeralError:
        raise NumberError(f"illegal number syntax: {quote(text)}") from None


def _simplified(node: Number, value: complex) -> Number:
    node.as_complex = value
    if value.imag == 0:
        _from_float(node, value.real)
    return node


def _from_float(node: Number, value: float) -> None:
    node.as_float = value
    if value == value and abs(value) != float("inf") and value == int(value):
        if node.as_int is None and MIN_INT64 <= value <= MAX_INT64:
            node.as_int = int(value)
        if node.as_uint is None and 0 <= value < 1 << 64:
            node.as_uint = int(value)


def _real(node: Number, text: str) -> Number:
    with suppress(NumeralError):
        node.as_uint = parse_uint(text, 0)
    with suppress(NumeralError):
        node.as_int = parse_int(text, 0)
        if node.as_int == 0:
            node.as_uint = 0
    if node.as_int is not None or node.as_uint is not None:
        node.as_float = float(node.as_int if node.as_int is not None else node.as_uint or 0)
        return node
    try:
        value = parse_float(text)
    except NumeralError:
        raise NumberError(f"illegal number syntax: {quote(text)}") from None
    if not any(mark in text for mark in ".eEpP"):
        raise NumberError(f"integer overflow: {quote(text)}")
    _from_float(node, value)
    return node
