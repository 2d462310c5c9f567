"""Bodies for an endpoint with a JSON schema: one that fits, and for each thing that is asked of it one that does not.

Knows what most schemas are written with; does not validate. What it makes is tried before it becomes a test.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.testing.init.approach import sample_of

_DEPTH = 6
_OTHER = {"string": 7, "integer": "text", "number": "text", "boolean": "text", "array": {}, "object": []}


def fitting(schema: Any, depth: int = 0) -> Any:
    """A value that the schema takes, if it is a simple one."""
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return {}
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("enum", "examples"):
        if isinstance(schema.get(name), list) and schema[name]:
            return schema[name][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(name), list) and schema[name]:
            merged = {key: value for key, value in schema.items() if key != name}
            first = schema[name][0]
            return fitting({**merged, **first} if isinstance(first, Mapping) else merged, depth + 1)
    match _type_of(schema):
        case "object":
            properties = _properties(schema)
            missing = [name for name in schema.get("required") or () if name not in properties]
            return {name: fitting(part, depth + 1) for name, part in properties.items()} | dict.fromkeys(missing, "x")
        case "array":
            return [fitting(schema.get("items"), depth + 1)] * max(int(schema.get("minItems", 1)), 1)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _text(schema)


def misfits(schema: Any, whole: Any) -> Iterator[tuple[str, Any]]:
    """Bodies that are `whole` but for one thing, and what that is. Some may fit all the same."""
    yield from ((f"a body that is {word}", value) for word, value in (("a list", []), ("a number", 7)))
    if not isinstance(schema, Mapping) or not isinstance(whole, dict):
        return
    yield "a body with more", {**whole, "x-unlisted": 1}
    for name, part in {**{key: {} for key in whole}, **_properties(schema)}.items():
        if name in whole:
            yield f"a body without {name}", {key: value for key, value in whole.items() if key != name}
        if not isinstance(part, Mapping):
            continue
        for what, value in _beyond(part):
            yield f"a body whose {name} is {what}", {**whole, name: value}
        inner = whole.get(name)
        if isinstance(inner, dict) and part:
            for what, value in misfits(part, inner):
                yield f"{what} (in {name})", {**whole, name: value}


def _beyond(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Values just within and just beyond each bound."""
    kind = _type_of(schema)
    if kind in _OTHER:
        yield "of another type", _OTHER[kind]
    if "enum" in schema or "const" in schema:
        yield "not listed", "x-unlisted"
        yield from ((f"choice {number}", choice) for number, choice in enumerate(schema.get("enum") or (), 1))
    for bound in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        limit = schema.get(bound)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            yield from ((f"{limit + step} ({bound} {limit})", limit + step) for step in (-1, 0, 1))
    for bound, make in (("minLength", _letters), ("maxLength", _letters), ("minItems", _items), ("maxItems", _items)):
        limit = schema.get(bound)
        if isinstance(limit, int) and not isinstance(limit, bool) and 0 <= limit < 1_000:
            steps = [step for step in (-1, 0, 1) if limit + step >= 0]
            yield from ((f"{limit + step} long ({bound} {limit})", make(schema, limit + step)) for step in steps)
    if "pattern" in schema:
        yield "unlike its pattern", "\u00e4 ?!"
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        yield from ((f"a list of what is {what}", [value]) for what, value in _beyond(schema["items"]))


def _letters(_: Any, length: int) -> str:
    return "a" * length


def _items(schema: Mapping[str, Any], length: int) -> list[Any]:
    return [fitting(schema.get("items"))] * length


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list) and kind:
        kind = kind[0]
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema or "required" in schema else "array" if "items" in schema else "string"


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _number(schema: Mapping[str, Any]) -> Any:
    for name, step in (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1)):
        if isinstance(schema.get(name), int | float) and not isinstance(schema[name], bool):
            return schema[name] + step
    return schema.get("multipleOf", 1)


def _text(schema: Mapping[str, Any]) -> str:
    formats = {"date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "email": "ann@app.example"}
    formats |= {"uri": "https://app.example/", "uuid": "123e4567-e89b-12d3-a456-426614174000"}
    text = formats.get(str(schema.get("format")), "abc")
    if isinstance(schema.get("pattern"), str):
        text = sample_of(schema["pattern"])
    least = schema.get("minLength", 0)
    text = text.ljust(least, text[-1:] or "a") if isinstance(least, int) else text
    most = schema.get("maxLength")
    return text[:most] if isinstance(most, int) else text
