"""Template values as JSON text, as encoding/json writes them, and JSON text as template values.

Source: Go 1.25 `encoding/json/encode.go`, `indent.go`.
"""

import base64
import math
import re
from typing import Any

from crossgate.golang.floats import format_float
from crossgate.golang.json_parser import JsonError, parse_document
from crossgate.golang.literals import to_bytes
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.printing import MAX_PARTS, MAX_TEXT
from crossgate.gotemplate.values import Bytes, NamedInt, NilList, NilMap, NilStringList, Object, sorted_keys, type_of

_ALWAYS = '"\\\\\x00-\x1f\u2028\u2029\ud800-\udfff'
_TO_ESCAPE = re.compile(f"[{_ALWAYS}<>&]")
_TO_ESCAPE_RAW = re.compile(f"[{_ALWAYS}]")
_NAMED = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MAX_DEPTH = 1000


def to_json(value: Any, *, html: bool = True, indent: str = "") -> str:
    """json.Marshal, or MarshalIndent; without html `<`, `>` and `&` stay. Raises GoError with Go's reason."""
    writer = _Writer(_TO_ESCAPE if html else _TO_ESCAPE_RAW, indent)
    writer.write(value, "\n", 0)
    return "".join(writer.out)


def from_json(text: str) -> Any:
    """json.Unmarshal into an interface {}: numbers are float64. Raises JsonError."""
    return floats(parse_document(to_bytes(text)))


def floats(value: Any) -> Any:
    """A parsed document with its numbers as float64. Raises JsonError for one that is too large."""
    if isinstance(value, dict):
        return {key: floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    literal = str(value) if isinstance(value, int) else bytes(value).decode()
    try:
        number = float(value if isinstance(value, int) else literal)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise JsonError(f"json: cannot unmarshal number {literal} into Go value of type float64")
    return number


class _Writer:
    def __init__(self, to_escape: re.Pattern[str], indent: str) -> None:
        self.out: list[str] = []
        self._length = 0
        self._to_escape = to_escape
        self._indent = indent

    def _put(self, text: str) -> None:
        self.out.append(text)
        self._length += len(text) + 1
        if self._length > MAX_TEXT or len(self.out) > MAX_PARTS:
            raise GoError("the text is larger than 64 MiB")

    def write(self, value: Any, line: str, depth: int) -> None:
        """Write a value; `line` is the line break with the indentation around it."""
        if depth > _MAX_DEPTH:
            raise GoError(f"json: unsupported value: encountered a cycle via {type_of(value)}")
        if value is None or isinstance(value, NilMap | NilList | NilStringList):
            self._put("null")
        elif isinstance(value, str):
            self._put(self._string(value))
        elif isinstance(value, bool):
            self._put("true" if value else "false")
        elif isinstance(value, NamedInt | int):
            self._put(str(int(value)))
        elif isinstance(value, float):
            self._put(_number(value))
        elif isinstance(value, complex):
            raise GoError("json: unsupported type: complex128")
        elif isinstance(value, Object):
            self.write(value.json(), line, depth + 1)
        elif isinstance(value, Bytes):
            self._put(f'"{base64.b64encode(bytes(value)).decode()}"')
        elif isinstance(value, dict):
            keys = sorted_keys(value)
            self._container(
                "{}", [(self._string(key) + (": " if self._indent else ":"), value[key]) for key in keys], line, depth
            )
        else:
            self._container("[]", [("", item) for item in value], line, depth)

    def _container(self, brackets: str, items: list[tuple[str, Any]], line: str, depth: int) -> None:
        if not items:
            self._put(brackets)
            return
        inner = line + self._indent
        self._put(brackets[0])
        for index, (key, item) in enumerate(items):
            self._put(("," if index else "") + (inner if self._indent else "") + key)
            self.write(item, inner, depth + 1)
        self._put((line if self._indent else "") + brackets[1])

    def _string(self, text: str) -> str:
        return f'"{self._to_escape.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character in _NAMED:
        return _NAMED[character]
    return "\\ufffd" if "\ud800" <= character <= "\udfff" else f"\\u{ord(character):04x}"


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise GoError(f"json: unsupported value: {format_float(value, 'g')}")
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return format_float(value, "f")
    return re.sub(r"e-0(\d)$", r"e-\1", format_float(value, "e"))
