"""JSON text as Go's encoding/json reads and writes it: `json.Decoder` with UseNumber, and `json.Marshal`.

msgspec does the work where it agrees with Go; where it does not, the exact parser and writer beside it do. A `str`
here stands for a Go string: lone surrogates U+DC80 to U+DCFF stand for its bytes that are no UTF-8 (Python's
surrogateescape), and are written as `\\ufffd`, as Go does.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from crossgate.golang.json_parser import JsonError, parse_first_value
from crossgate.golang.number import Number, number_text

__all__ = ["JsonError", "decode_json", "encode_json"]

_DECODER: "msgspec.json.Decoder[Any]" = msgspec.json.Decoder(Any, float_hook=Number)
_ENCODER = msgspec.json.Encoder(order="sorted")
_NEGATIVE_ZERO = re.compile(rb"-0(?![0-9.eE])")
# Looking for one byte by its number takes a fifth of the time that looking for a bytes object takes.
_MINUS, _LESS, _GREATER, _AMPERSAND, _BEGINS_U2028 = b"-<>&\xe2"
_TO_ESCAPE = re.compile('["\\\\\x00-\x1f<>&\u2028\u2029\ud800-\udfff]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def decode_json(body: bytes) -> Any:
    """The first value of the body: dict, list, str, bool, None, int or Number. Raises JsonError with Go's message.

    What follows the first value is ignored, of duplicate keys the last one counts. Strings hold no surrogates.
    """
    if _MINUS in body and b"-0" in body and _NEGATIVE_ZERO.search(body) is not None:
        return parse_first_value(body)
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return parse_first_value(body)


def encode_json(value: Any) -> bytes:
    """Compact JSON, keys sorted bytewise, number literals as received, `<`, `>`, `&`, U+2028 and U+2029 escaped.

    Takes what `decode_json` gives, and floats only as Numbers (`with_float64_numbers`): a bare float is written as
    Python does.
    """
    try:
        text = _ENCODER.encode(value)
    except (UnicodeEncodeError, RecursionError, OverflowError, msgspec.MsgspecError, TypeError, ValueError):
        return _write(value)
    # All five can only stand in strings, so they can be replaced without looking where.
    if _LESS in text:
        text = text.replace(b"<", b"\\u003c")
    if _GREATER in text:
        text = text.replace(b">", b"\\u003e")
    if _AMPERSAND in text:
        text = text.replace(b"&", b"\\u0026")
    if _BEGINS_U2028 in text:
        text = text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return text


class _Text(str):
    """Finished JSON text on the stack of `_write`."""

    __slots__ = ()


def _write(value: Any) -> bytes:
    """The same without recursion, for what msgspec does not take: deep nesting, surrogates, other mappings."""
    out: list[str] = []
    todo: list[Any] = [value]
    while todo:
        item = todo.pop()
        if type(item) is _Text:
            out.append(item)
        elif isinstance(item, str):
            out.append(_quoted(item))
        elif isinstance(item, Mapping):
            todo.append(_Text("}"))
            keys = sorted(item)
            for position in range(len(keys) - 1, -1, -1):
                todo.append(item[keys[position]])
                todo.append(_Text(f"{',' if position else ''}{_quoted(keys[position])}:"))
            todo.append(_Text("{"))
        elif isinstance(item, list | tuple):
            todo.append(_Text("]"))
            for position in range(len(item) - 1, -1, -1):
                todo.append(item[position])
                todo.append(_Text("," if position else "["))
            if not item:
                todo.append(_Text("["))
        else:
            out.append(_scalar(item))
    return "".join(out).encode()


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = number_text(value)
    if text is None:
        raise TypeError(f"{type(value).__name__} is no JSON value")
    return text


def _quoted(text: str) -> str:
    return f'"{_TO_ESCAPE.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    short = _SHORT_ESCAPES.get(character)
    if short is not None:
        return short
    code = ord(character)
    return "\\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"
