"""sprig's functions on lists. Source: sprig 3.2.3 `list.go`."""

import math
from collections.abc import Callable
from typing import Any

from crossgate.golang.literals import to_bytes
from crossgate.golang.numerals import int64_of_float
from crossgate.gotemplate.errors import NIL_POINTER, GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.sprig.conversions import to_int
from crossgate.gotemplate.sprig.emptiness import is_empty
from crossgate.gotemplate.sprig.texts import strslice, strval
from crossgate.gotemplate.values import ListOfLists, NilList, StringList, deep_equal, kind_of

MAX_ITEMS = 10_000_000


def bounded_list(items: list[Any]) -> list[Any]:
    """The list, unless it has more items than any configuration: GoError."""
    if len(items) > MAX_ITEMS:
        raise GoError(f"the list has more than {MAX_ITEMS} items")
    return items


def _items(value: Any, complaint: str) -> list[Any]:
    """The items of a list. `complaint` ends where the kind of what is none follows."""
    if value is None:
        raise GoError(NIL_POINTER)
    if kind_of(value) != "slice":
        raise GoError(f"{complaint}{kind_of(value)}")
    return list(value)


def _push(value: Any, item: Any) -> list[Any]:
    return bounded_list([*_items(value, "Cannot push on type "), item])


def _prepend(value: Any, item: Any) -> list[Any]:
    return bounded_list([item, *_items(value, "Cannot prepend on type ")])


def _end(name: str, index: int) -> Callable[[Any], Any]:
    def end(value: Any) -> Any:
        items = _items(value, f"Cannot find {name} on type ")
        return items[index] if items else None

    return end


def _rest(value: Any) -> list[Any]:
    items = _items(value, "Cannot find rest on type ")
    return items[1:] if items else NilList()


def _initial(value: Any) -> list[Any]:
    items = _items(value, "Cannot find initial on type ")
    return items[:-1] if items else NilList()


def _is_list(value: Any) -> bool:
    return kind_of(value) == "slice"


def _sort_alpha(value: Any) -> StringList:
    if value is not None and _is_list(value):
        return StringList(sorted(strslice(value), key=to_bytes))
    return StringList([strval(value)])


def _contains(items: list[Any], wanted: Any) -> bool:
    return any(deep_equal(wanted, item) for item in items)


def _uniq(value: Any) -> list[Any]:
    kept: list[Any] = []
    texts: set[Any] = set()
    for item in _items(value, "Cannot find uniq on type "):
        if isinstance(item, str):
            if item not in texts:
                texts.add(item)
                kept.append(item)
        elif not _contains(kept, item):
            kept.append(item)
    return kept


def _without(value: Any, *unwanted: Any) -> list[Any]:
    return [item for item in _items(value, "Cannot find without on type ") if not _contains(list(unwanted), item)]


def _has(wanted: Any, value: Any) -> bool:
    return value is not None and _contains(_items(value, "Cannot find has on type "), wanted)


def _compact(value: Any) -> list[Any]:
    return [item for item in _items(value, "Cannot compact on type ") if not is_empty(item)]


def _slice(value: Any, *bounds: Any) -> Any:
    items = _items(value, "list should be type of slice or array but ")
    if not items:
        return None
    start = to_int(bounds[0]) if bounds else 0
    end = to_int(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise GoError("reflect.Value.Slice: slice index out of bounds")
    return type(value)(value[start:end])


def _concat(*lists: Any) -> list[Any]:
    if not any(lists) and all(value is not None and _is_list(value) for value in lists):
        return NilList()
    out: list[Any] = []
    for value in lists:
        if value is None:
            raise GoError(NIL_POINTER)
        if not _is_list(value):
            raise GoError(f"Cannot concat type {kind_of(value)} as list")
        out += value
        bounded_list(out)
    return out


def _chunk(size: int, value: Any) -> ListOfLists:
    items = _items(value, "Cannot chunk type ")
    ratio = (
        (len(items) - 1) / size if size else math.nan if len(items) == 1 else math.copysign(math.inf, len(items) - 1)
    )
    count = int64_of_float(math.floor(ratio) + 1.0 if math.isfinite(ratio) else ratio)
    if count < 0:
        raise GoError("runtime error: makeslice: len out of range")
    return ListOfLists([items[start : start + size] for start in range(0, count * size, size)] if count else [])


def _both(name: str, must: str, function: Function) -> dict[str, Function]:
    return {name: function, must: function}


LISTS: dict[str, Function] = {
    "list": go_function("...any", lambda *items: list(items)),
    "tuple": go_function("...any", lambda *items: list(items)),
    **_both("append", "mustAppend", go_function("any, any", _push)),
    **_both("push", "mustPush", go_function("any, any", _push)),
    **_both("prepend", "mustPrepend", go_function("any, any", _prepend)),
    **_both("first", "mustFirst", go_function("any", _end("first", 0))),
    **_both("last", "mustLast", go_function("any", _end("last", -1))),
    **_both("rest", "mustRest", go_function("any", _rest)),
    **_both("initial", "mustInitial", go_function("any", _initial)),
    **_both("reverse", "mustReverse", go_function("any", lambda v: _items(v, "Cannot find reverse on type ")[::-1])),
    **_both("uniq", "mustUniq", go_function("any", _uniq)),
    **_both("without", "mustWithout", go_function("any, ...any", _without)),
    **_both("has", "mustHas", go_function("any, any", _has)),
    **_both("compact", "mustCompact", go_function("any", _compact)),
    **_both("slice", "mustSlice", go_function("any, ...any", _slice)),
    **_both("chunk", "mustChunk", go_function("int, any", _chunk)),
    "concat": go_function("...any", _concat),
    "sortAlpha": go_function("any", _sort_alpha),
}
