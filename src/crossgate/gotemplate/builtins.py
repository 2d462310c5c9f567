"""The functions that Go's text/template brings along, except `and`, `or` and `call`, which the evaluator knows itself.

Source: Go 1.25 `text/template/funcs.go`.
"""

from typing import Any

from crossgate.golang.literals import to_bytes
from crossgate.golang.url import query_escape
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.printing import sprint, sprintf, sprintln, verb_v
from crossgate.gotemplate.values import (
    INTEGERS,
    INVALID,
    SIGNED,
    UNSIGNED,
    Interface,
    Uint8,
    is_nil,
    item_box,
    kind_of,
    length_of,
    plain,
    truth,
    type_of,
    unboxed,
)

_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JAVASCRIPT = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _index_argument(index: Any, length: int) -> int:
    kind = kind_of(index)
    if kind == "invalid":
        raise GoError("cannot index slice/array with nil")
    if kind not in INTEGERS:
        raise GoError(f"cannot index slice/array with type {type_of(index)}")
    if index < 0 or index > length:
        raise GoError(f"index out of range: {int(index)}")
    return int(index)


def _index(item: Any, *indexes: Any) -> Any:
    item = unboxed(item)
    if item is INVALID:
        raise GoError("index of untyped nil")
    for index in indexes:
        index = unboxed(index)
        if isinstance(item, Interface):
            if item.value is None:
                raise GoError("index of nil pointer")
            item = item.value
        kind = kind_of(item)
        if kind in ("slice", "string"):
            position = _index_argument(index, length_of(item))
            if position == length_of(item):
                what = "string" if kind == "string" else "slice"
                raise GoError(f"reflect: {what} index out of range")
            item = Uint8(to_bytes(item)[position]) if kind == "string" else item_box(item)(item[position])
        elif kind == "map":
            if index is INVALID:
                raise GoError("value is nil; should be of type string")
            if not isinstance(index, str):
                raise GoError(f"value has type {type_of(index)}; should be string")
            empty = "" if type_of(item) == "map[string]string" else None
            item = item_box(item)(item.get(index, empty))
        else:
            raise GoError(f"can't index item of type {type_of(item)}")
    return item


def _slice(item: Any, *indexes: Any) -> Any:
    item = unboxed(item)
    if item is INVALID:
        raise GoError("slice of untyped nil")
    if len(indexes) > 3:
        raise GoError(f"too many slice indexes: {len(indexes)}")
    kind = kind_of(item)
    if kind == "string" and len(indexes) == 3:
        raise GoError("cannot 3-index slice a string")
    if kind not in ("string", "slice"):
        raise GoError(f"can't slice item of type {type_of(item)}")
    bounds = [0, length_of(item), length_of(item)]
    for position, index in enumerate(indexes):
        bounds[position] = _index_argument(unboxed(index), length_of(item))
    for low, high in ((bounds[0], bounds[1]), (bounds[1], bounds[2])):
        if low > high:
            raise GoError(f"invalid slice index: {low} > {high}")
    if kind == "string":
        return to_bytes(item)[bounds[0] : bounds[1]].decode("utf-8", "surrogateescape")
    return type(item)(item[bounds[0] : bounds[1]])


def _len(item: Any) -> int:
    if isinstance(item, Interface):
        if item.value is None:
            raise GoError("len of nil pointer")
        item = item.value
    kind = kind_of(item)
    if kind == "invalid":
        raise GoError("reflect: call of reflect.Value.Type on zero Value")
    if kind not in ("map", "slice", "string"):
        raise GoError(f"len of type {type_of(item)}")
    return length_of(item)


# -- comparison


def _comparable(value: Any) -> str:
    """The kind under which values are compared; empty for what has none."""
    kind = kind_of(value)
    if kind in SIGNED:
        return "int"
    if kind in UNSIGNED:
        return "uint"
    return kind if kind in ("bool", "float64", "complex128", "string") else ""


def _eq(first: Any, *others: Any) -> bool:
    first = unboxed(first)
    if not others:
        raise GoError("missing argument for comparison")
    return any(_equal(first, unboxed(other)) for other in others)


def _equal(one: Any, other: Any) -> bool:
    kinds = _comparable(one), _comparable(other)
    if kinds[0] != kinds[1]:
        if set(kinds) == {"int", "uint"}:
            return bool(one == other)
        if one is not INVALID and other is not INVALID:
            raise GoError(f"incompatible types for comparison: {type_of(one)} and {type_of(other)}")
        return False
    if kinds[0]:
        return bool(one == other)
    if kind_of(one) != kind_of(other) and one is not INVALID and other is not INVALID:
        shown = f"{_reflected(one)}: {type_of(one)}, {type_of(other)}: {verb_v(other)}"
        raise GoError(f"non-comparable types {shown}")
    if is_nil(one) or is_nil(other):
        return is_nil(one) == is_nil(other)
    if kind_of(other) in ("map", "slice"):
        raise GoError(f"non-comparable type {_reflected(other)}: {type_of(other)}")
    return type_of(one) == type_of(other) and bool(one == other)


def _reflected(value: Any) -> str:
    """`%s` of a reflect.Value."""
    return sprintf("%s", [value])


def _lt(one: Any, other: Any) -> bool:
    one, other = unboxed(one), unboxed(other)
    kinds = _comparable(one), _comparable(other)
    if not kinds[0] or not kinds[1]:
        raise GoError("invalid type for comparison")
    if kinds[0] != kinds[1] and set(kinds) != {"int", "uint"}:
        raise GoError(f"incompatible types for comparison: {type_of(one)} and {type_of(other)}")
    if kinds[0] in ("bool", "complex128"):
        raise GoError("invalid type for comparison")
    if isinstance(one, str):
        return to_bytes(one) < to_bytes(other)
    return bool(one < other)


def _le(one: Any, other: Any) -> bool:
    return _lt(one, other) or _eq(one, other)


# -- escaping


def printable(value: Any) -> str:
    """A value as an action prints it."""
    value = unboxed(value)
    if isinstance(value, str):
        return value
    return "<no value>" if value is INVALID else verb_v(value)


def _joined(values: tuple[Any, ...]) -> str:
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    return sprint(["<no value>" if value is None else value for value in values])


def _js(*values: Any) -> str:
    out = []
    for character in _joined(values):
        if character in _JAVASCRIPT:
            out.append(_JAVASCRIPT[character])
        elif character < " ":
            out.append(f"\\u{ord(character):04X}")
        elif "\ud800" <= character <= "\udfff" or character.isprintable() or character == "\x7f":
            out.append(character)
        else:
            out.append(f"\\u{ord(character):04X}")
    return "".join(out)


def _print_arguments(values: tuple[Any, ...]) -> list[Any]:
    return [plain(value) for value in values]


BUILTINS: dict[str, Function] = {
    "and": go_function("value, ...value", lambda *values: values),
    "or": go_function("value, ...value", lambda *values: values),
    "call": go_function("value, ...value", lambda *values: values),
    "not": go_function("value", lambda value: not truth(value)),
    "index": go_function("value, ...value", _index),
    "slice": go_function("value, ...value", _slice),
    "len": go_function("value", _len),
    "html": go_function("...any", lambda *values: _joined(values).translate(_HTML)),
    "js": go_function("...any", _js),
    "urlquery": go_function("...any", lambda *values: query_escape(to_bytes(_joined(values))).decode("ascii")),
    "print": go_function("...any", lambda *values: sprint(_print_arguments(values))),
    "printf": go_function("string, ...any", lambda form, *values: sprintf(form, _print_arguments(values))),
    "println": go_function("...any", lambda *values: sprintln(_print_arguments(values))),
    "eq": go_function("value, ...value", _eq),
    "ne": go_function("value, value", lambda one, other: not _eq(one, other)),
    "lt": go_function("value, value", _lt),
    "le": go_function("value, value", _le),
    "gt": go_function("value, value", lambda one, other: not _le(one, other)),
    "ge": go_function("value, value", lambda one, other: not _lt(one, other)),
}
