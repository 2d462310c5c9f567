"""What a YAML scalar means, by the rules of Go's yaml.v3 where the target has no type: YAML 1.2 with a few leftovers.

`yes` and `on` are text, `0777` is octal, a date is text.
"""

import re
from typing import Any

import yaml

_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_INTEGER = re.compile(r"([-+]?)(?:0x([0-9a-fA-F]{1,16})|0b([01]{1,64})|0o?([0-7]{1,21})|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NO_NUMBER = frozenset((".nan", ".NaN", ".NAN"))
_TAG = "tag:yaml.org,2002:"


def resolve_scalar(event: yaml.ScalarEvent) -> Any:
    """The value of a scalar: text, int, float, bool or None. Quoted and tagged text stays text."""
    text: str = event.value
    tag = event.tag
    if tag in (_TAG + "str", _TAG + "binary", _TAG + "timestamp"):
        return text
    if tag == _TAG + "null":
        return None
    if event.style and tag not in (_TAG + "int", _TAG + "float", _TAG + "bool"):
        return text
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return _number(text)


def _number(text: str) -> Any:
    if text[0] not in "+-.0123456789":
        return text
    plain = text.replace("_", "")
    match = _INTEGER.fullmatch(plain)
    if match is not None:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        if hexadecimal:
            value = int(hexadecimal, 16)
        elif binary:
            value = int(binary, 2)
        elif octal:
            value = int(octal, 8)
        elif len(decimal) > 19:
            return float(plain)
        else:
            value = int(decimal)
        return -value if sign == "-" else value
    if _FLOAT.fullmatch(plain):
        return float(plain)
    if _ENDLESS.fullmatch(text):
        return float("-inf") if text[0] == "-" else float("inf")
    return float("nan") if text in _NO_NUMBER else text
