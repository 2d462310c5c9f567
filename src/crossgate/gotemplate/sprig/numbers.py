"""sprig's arithmetic: int64 that wraps, float64, and decimals.

Source: sprig 3.2.3 `numeric.go`, shopspring/decimal 1.3.1.
"""

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from crossgate.golang.numerals import NumeralError, parse_int, wrap_int64
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.printing import sprint
from crossgate.gotemplate.sprig.conversions import to_float, to_int
from crossgate.gotemplate.sprig.lists import MAX_ITEMS
from crossgate.gotemplate.values import Int64, IntList

_EXACT = Context(prec=10_000, Emax=999_999, Emin=-999_999)
_SIXTEENTH_PLACE = Decimal(1).scaleb(-16)


def _int64(value: int) -> Int64:
    return Int64(wrap_int64(value))


def _product(first: Any, *others: Any) -> Int64:
    value = to_int(first)
    for other in others:
        value = wrap_int64(value * to_int(other))
    return Int64(value)


def _quotient(one: Any, other: Any) -> Int64:
    divisor = to_int(other)
    if divisor == 0:
        raise GoError("runtime error: integer divide by zero")
    dividend = to_int(one)
    size = abs(dividend) // abs(divisor)
    return _int64(size if (dividend < 0) is (divisor < 0) else -size)


def _remainder(one: Any, other: Any) -> Int64:
    divisor = to_int(other)
    if divisor == 0:
        raise GoError("runtime error: integer divide by zero")
    dividend = to_int(one)
    size = abs(dividend) % abs(divisor)
    return _int64(-size if dividend < 0 else size)


# -- decimals


def _decimal(value: Any) -> Decimal:
    number = to_float(value)
    if not math.isfinite(number):
        name = "NaN" if math.isnan(number) else "+Inf" if number > 0 else "-Inf"
        raise GoError(f"Cannot create a Decimal from {name}")
    return Decimal(repr(number))


def _folded(operation: Callable[[Decimal, Decimal], Decimal], first: Any, others: tuple[Any, ...]) -> float:
    result = _decimal(first)
    for other in others:
        result = operation(result, _decimal(other))
    value = float(result)
    return 0.0 if value == 0 else value


def _divided(one: Decimal, other: Decimal) -> Decimal:
    if other == 0:
        raise GoError("decimal division by 0")
    return _EXACT.divide(one, other).quantize(_SIXTEENTH_PLACE, rounding=ROUND_HALF_UP, context=_EXACT)


# -- float64


def _max_float(first: Any, *others: Any) -> float:
    values = [to_float(first), *[to_float(other) for other in others]]
    return math.nan if any(math.isnan(value) for value in values) else max(values)


def _min_float(first: Any, *others: Any) -> float:
    values = [to_float(first), *[to_float(other) for other in others]]
    return math.nan if any(math.isnan(value) for value in values) else min(values)


def _floor(value: Any) -> float:
    number = to_float(value)
    return float(math.floor(number)) if math.isfinite(number) and number else number


def _ceil(value: Any) -> float:
    number = to_float(value)
    return math.copysign(float(math.ceil(number)), number) if math.isfinite(number) else number


def _round(value: Any, places: int, *from_: float) -> float:
    threshold = from_[0] if from_ else 0.5
    try:
        power = math.pow(10, places)
    except OverflowError:
        power = math.inf
    digit = power * to_float(value)
    if not math.isfinite(digit):
        return digit / power if power else math.nan
    rounded = float(math.ceil(digit) if math.modf(digit)[0] >= threshold else math.floor(digit))
    if rounded == 0:
        rounded = math.copysign(0.0, digit)
    return rounded / power if power else math.nan


# -- counting


def _until_step(start: int, stop: int, step: int) -> IntList:
    if step == 0 or (stop < start) is (step > 0):
        return IntList()
    if (stop - start) // step > MAX_ITEMS:
        raise GoError(f"the list has more than {MAX_ITEMS} items")
    return IntList(range(start, stop, step))


def _seq(*bounds: int) -> str:
    match bounds:
        case (end,):
            start, step = 1, -1 if end < 1 else 1
        case (start, end):
            step = -1 if end < start else 1
        case (start, step, end):
            if end < start and step > 0:
                return ""
        case _:
            return ""
    return " ".join([str(number) for number in _until_step(start, end + (-1 if end < start else 1), step)])


def _octal(value: Any) -> Int64:
    try:
        return Int64(parse_int(sprint([value]), 8))
    except NumeralError:
        return Int64(0)


def _atoi(text: str) -> int:
    try:
        return parse_int(text)
    except NumeralError as error:
        return int(error.value)


NUMBERS: dict[str, Function] = {
    "add": go_function("...any", lambda *values: _int64(sum(to_int(value) for value in values))),
    "add1": go_function("any", lambda value: _int64(to_int(value) + 1)),
    "add1f": go_function("any", lambda value: _folded(_EXACT.add, value, (1,))),
    "addf": go_function("...any", lambda *values: _folded(_EXACT.add, 0.0, values)),
    "atoi": go_function("string", _atoi),
    "biggest": go_function("any, ...any", lambda *values: Int64(max(to_int(value) for value in values))),
    "ceil": go_function("any", _ceil),
    "div": go_function("any, any", _quotient),
    "divf": go_function("any, ...any", lambda first, *others: _folded(_divided, first, others)),
    "float64": go_function("any", to_float),
    "floor": go_function("any", _floor),
    "int": go_function("any", to_int),
    "int64": go_function("any", lambda value: Int64(to_int(value))),
    "max": go_function("any, ...any", lambda *values: Int64(max(to_int(value) for value in values))),
    "maxf": go_function("any, ...any", _max_float),
    "min": go_function("any, ...any", lambda *values: Int64(min(to_int(value) for value in values))),
    "minf": go_function("any, ...any", _min_float),
    "mod": go_function("any, any", _remainder),
    "mul": go_function("any, ...any", _product),
    "mulf": go_function("any, ...any", lambda first, *others: _folded(_EXACT.multiply, first, others)),
    "round": go_function("any, int, ...float64", _round),
    "seq": go_function("...int", _seq),
    "sub": go_function("any, any", lambda one, other: _int64(to_int(one) - to_int(other))),
    "subf": go_function("any, ...any", lambda first, *others: _folded(_EXACT.subtract, first, others)),
    "toDecimal": go_function("any", _octal),
    "until": go_function("int", lambda count: _until_step(0, count, -1 if count < 0 else 1)),
    "untilStep": go_function("int, int, int", _until_step),
}
