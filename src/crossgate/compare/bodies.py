"""Request bodies that schemas take, or that one takes and another does not.

Found by asking the schemas themselves, among bodies that are made of what they name.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from crossgate.components.json_schema.check import check_body
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.json_schema.validator import Validator
from crossgate.config.read_file import read_bytes
from crossgate.pipeline.failure import RefusedError

_PLAIN: tuple[Any, ...] = ({}, [], "text", 1, 0.5, True, None, [1], {"other": 1})
_VALUES: tuple[Any, ...] = ("text", 1, True, None, [], {}, "", -1, 0.5, "2026-01-01", "a@b.example", 1_000_000)


def telling_body(old: BodySchema, new: BodySchema) -> str | None:
    """Such a body, None where none was found."""
    before, after = (Validator(one.schema, one.version, read_bytes) for one in (old, new))
    for value in _candidates(old.schema, new.schema):
        body = json.dumps(value).encode()
        if _takes(before, body) != _takes(after, body):
            return body.decode()
    return "" if _takes_nothing(old) != _takes_nothing(new) else None


def accepted_body(schemas: Sequence[BodySchema]) -> str | None:
    """A body that all of them take, None where none was found."""
    schemas = [one for number, one in enumerate(schemas) if all(one is not before for before in schemas[:number])]
    validators = [Validator(one.schema, one.version, read_bytes) for one in schemas]
    for value in _candidates(*[one.schema for one in schemas]):
        body = json.dumps(value).encode()
        if all(_takes(validator, body) for validator in validators):
            return body.decode()
    return None


def _takes(validator: Validator, body: bytes) -> bool:
    try:
        check_body(body, validator)
    except RefusedError:
        return False
    return True


def _takes_nothing(schema: BodySchema) -> bool:
    """Whether requests without a body get in: not where there is a check at all."""
    return schema.schema is True


def _candidates(*schemas: Any) -> Iterator[Any]:
    yield from _PLAIN
    names = list(dict.fromkeys(name for schema in schemas for name in _names(schema)))
    for schema in schemas:
        full = _sample(schema)
        yield full
        if isinstance(full, dict):
            for name in names:
                yield {key: value for key, value in full.items() if key != name}
                for value in _VALUES:
                    yield {**full, name: value}


def _names(schema: Any) -> list[str]:
    if not isinstance(schema, dict):
        return []
    properties, required = schema.get("properties"), schema.get("required")
    found = list(properties) if isinstance(properties, dict) else []
    return found + ([name for name in required if isinstance(name, str)] if isinstance(required, list) else [])


def _sample(schema: Any, depth: int = 0) -> Any:
    """A value as the schema describes it, as far as that is easy."""
    if not isinstance(schema, dict) or depth > 8:
        return "text"
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in schema or "required" in schema:
        properties = schema.get("properties")
        known = properties if isinstance(properties, dict) else {}
        return {name: _sample(known.get(name), depth + 1) for name in _names(schema)}
    if kind == "array":
        return [_sample(schema.get("items"), depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True, "null": None}.get(str(kind), "text")
