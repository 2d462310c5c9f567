"""Policies of tiers: expressions in CEL over `value`, which is what the tier's field says.

Knows how one is read and whether a value fits; does not know limits or requests.

Source: KrakenD Enterprise's public documentation and schema, 2.12.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec

from crossgate.cel.cost import UNIT_BYTES, VALUE
from crossgate.cel.engine import Expression, ExpressionError, compile_expression
from crossgate.golang.regex import PatternError, compile_search

_VARIABLES = {"value": "string"}
_REMEMBERED = 1024
_REMEMBERED_BYTES = 256

Fits = Callable[[bytes], bool]
"""Whether a value is one of a tier's."""


class PolicyError(ValueError):
    """A policy that cannot be used. `str()` says why, `hint` what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def check_policy(text: str) -> None:
    """Raises PolicyError for what no tier can have."""
    if not text:
        raise PolicyError("the policy is empty", 'write an expression in CEL into "tier_value"')
    if find_spec("cel_expr_python") is None:
        raise PolicyError("this needs the CEL engine, which is not installed", 'pip install "crossgate[cel]"')
    expression = _compiled(text)
    if not expression.is_boolean:
        raise PolicyError("the policy is neither true nor false", "compare `value`: value == 'gold'")
    for pattern in expression.patterns:
        try:
            compile_search(pattern)
        except PatternError as error:
            hint = "patterns are RE2's: without look-around and back-references"
            raise PolicyError(f"`{pattern:.40}` is no regular expression: {error}", hint) from None


def build_policy(text: str) -> Fits:
    """The policy at work. A value that it cannot be evaluated for does not fit.

    A policy says the same of a value each time, so what it said of the last thousand is remembered.
    """
    expression = _compiled(text)
    most_bytes = (expression.max_size - VALUE) * UNIT_BYTES

    def fits(value: bytes) -> bool:
        return len(value) <= most_bytes and not expression.fault({"value": value.decode("utf-8", "replace")})

    known = lru_cache(_REMEMBERED)(fits)
    return lambda value: known(value) if len(value) <= _REMEMBERED_BYTES else fits(value)


def _compiled(text: str) -> Expression:
    try:
        return compile_expression(text, _VARIABLES)
    except ExpressionError as error:
        hint = ""
        if "undeclared reference" in str(error):
            hint = "there are `value`, the text of the tier's field, and CEL's standard functions"
        raise PolicyError(f"the policy cannot be used: {error}", hint) from None
