"""sprig's functions on maps. Source: sprig 3.2.3 `dict.go`, mergo 0.3.16."""

from typing import Any

from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.sprig.texts import strval
from crossgate.gotemplate.values import NilMap, StringList, kind_of, sorted_keys, type_of


def _dict(*words: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for index in range(0, len(words), 2):
        out[strval(words[index])] = words[index + 1] if index + 1 < len(words) else ""
    return out


def _set(mapping: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    if isinstance(mapping, NilMap):
        raise GoError("assignment to entry in nil map")
    mapping[key] = value
    return mapping


def _unset(mapping: dict[str, Any], key: str) -> dict[str, Any]:
    mapping.pop(key, None)
    return mapping


# DEVIATION(DEV-TMPL-3): Go gives keys and values in random order; here they are sorted, so that a render is repeatable.
def _keys(*mappings: dict[str, Any]) -> StringList:
    return StringList([key for mapping in mappings for key in sorted_keys(mapping)])


def _values(mapping: dict[str, Any]) -> list[Any]:
    return [mapping[key] for key in sorted_keys(mapping)]


def _pluck(key: str, *mappings: dict[str, Any]) -> list[Any]:
    return [mapping[key] for mapping in mappings if key in mapping]


def _pick(mapping: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: mapping[key] for key in keys if key in mapping}


def _omit(mapping: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}


def _dig(*words: Any) -> Any:
    if len(words) < 3:
        raise GoError("dig needs at least three arguments")
    *keys, default, here = words
    here = _as_map(here)
    for key in keys:
        if not isinstance(key, str):
            raise GoError(f"interface conversion: interface {{}} is {_named(key)}, not string")
    for depth, key in enumerate(keys):
        if key not in here:
            return default
        if depth == len(keys) - 1:
            return here[key]
        here = _as_map(here[key])
    return default


def _as_map(value: Any) -> dict[str, Any]:
    if type_of(value) != "map[string]interface {}":
        raise GoError(f"interface conversion: interface {{}} is {_named(value)}, not map[string]interface {{}}")
    found: dict[str, Any] = value
    return found


def _named(value: Any) -> str:
    return "nil" if value is None else type_of(value)


# -- merging


def _merge(target: dict[str, Any], *sources: dict[str, Any]) -> Any:
    return _merged(target, sources, overwrite=False)


def _merge_overwrite(target: dict[str, Any], *sources: dict[str, Any]) -> Any:
    return _merged(target, sources, overwrite=True)


def _merged(target: dict[str, Any], sources: tuple[dict[str, Any], ...], *, overwrite: bool) -> dict[str, Any]:
    for source in sources:
        if isinstance(target, NilMap) and not isinstance(source, NilMap):
            target = {}
        _deep_merge(target, source, overwrite=overwrite)
    return target


def _deep_merge(target: dict[str, Any], source: dict[str, Any], *, overwrite: bool) -> None:
    """Fill what is empty in the target, or overwrite it; nested maps are merged in place, lists replaced."""
    if target is source:
        return
    for key in sorted_keys(source):
        value = source[key]
        is_there, old = key in target, target.get(key)
        if value is None:
            if overwrite:
                target[key] = None
            continue
        kind = kind_of(value)
        if kind == "map" and isinstance(old, dict) and not isinstance(old, NilMap):
            _deep_merge(old, value, overwrite=overwrite)
        elif kind == "slice":
            if overwrite or not target:
                target[key] = value
            elif old is None:
                target[key] = type(value)()
        if is_there and old and (kind == "slice" or (kind == "map" and kind_of(old) == "map")):
            continue
        if overwrite or not is_there or not old:
            target[key] = value


def _deep_copy(value: Any) -> Any:
    if value is None:
        raise GoError("reflect: call of reflect.Value.Type on zero Value")
    return _copied(value)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        out = type(value)()
        for key, item in value.items():
            out[key] = _copied(item)
        return out
    if isinstance(value, list):
        return type(value)([_copied(item) for item in value])
    return value


DICTS: dict[str, Function] = {
    "deepCopy": go_function("any", _deep_copy),
    "dict": go_function("...any", _dict),
    "dig": go_function("...any", _dig),
    "get": go_function("map, string", lambda mapping, key: mapping.get(key, "")),
    "hasKey": go_function("map, string", lambda mapping, key: key in mapping),
    "keys": go_function("...map", _keys),
    "merge": go_function("map, ...map", _merge),
    "mergeOverwrite": go_function("map, ...map", _merge_overwrite),
    "mustDeepCopy": go_function("any", _deep_copy),
    "mustMerge": go_function("map, ...map", _merge),
    "mustMergeOverwrite": go_function("map, ...map", _merge_overwrite),
    "omit": go_function("map, ...string", _omit),
    "pick": go_function("map, ...string", _pick),
    "pluck": go_function("string, ...map", _pluck),
    "set": go_function("map, string, any", _set),
    "unset": go_function("map, string", _unset),
    "values": go_function("map", _values),
}
