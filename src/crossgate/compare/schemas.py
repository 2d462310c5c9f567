"""What a JSON Schema asks for, whatever the order it is written in and what it says for people.

Knows the keywords that hold schemas; whether two schemas that ask for other things take the same is not decided.
"""

from typing import Any

from crossgate.compare.same import meaning

_FOR_PEOPLE = frozenset(
    ("title", "description", "$comment", "examples", "default", "readOnly", "writeOnly", "deprecated")
)
_OF_NAMES = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas")
_ONE = (
    "items",
    "additionalItems",
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
)
_MANY = ("allOf", "anyOf", "oneOf")
_OF_ALL_DRAFTS = frozenset(
    (
        "type", "enum", "const", "required", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    )
)  # fmt: skip
_SETS = ("required", "enum", "type")


def schema_meaning(schema: Any) -> Any:
    """Equal for schemas that ask for the same in another order or other words."""
    if not isinstance(schema, dict):
        return meaning(schema)
    asked = {}
    for key, value in schema.items():
        if key in _FOR_PEOPLE:
            continue
        if key in _OF_NAMES and isinstance(value, dict):
            asked[key] = frozenset((name, schema_meaning(one)) for name, one in value.items())
        elif key in _ONE and isinstance(value, dict):
            asked[key] = schema_meaning(value)
        elif key in _MANY and isinstance(value, list | tuple):
            asked[key] = frozenset((schema_meaning(one), value.count(one)) for one in value)
        elif key in _SETS and isinstance(value, list | tuple):
            asked[key] = frozenset(map(meaning, value))
        elif key == "type":
            asked[key] = frozenset((meaning(value),))
        else:
            asked[key] = meaning(value)
    return ("schema", frozenset(asked.items()))


def is_of_any_version(schema: Any) -> bool:
    """Whether it asks for the same in files of all versions: a schema that names no draft is of another in each."""
    if not isinstance(schema, dict) or "$schema" in schema:
        return True
    for key, value in schema.items():
        if key in ("properties", "patternProperties"):
            inner = list(value.values()) if isinstance(value, dict) else []
        elif key in ("additionalProperties", "propertyNames", "not", "items", "if", "then", "else"):
            inner = [value]
        elif key in _MANY:
            inner = list(value) if isinstance(value, list | tuple) else []
        elif key in _OF_ALL_DRAFTS or key in _FOR_PEOPLE:
            continue
        else:
            return False
        if not all(isinstance(one, dict | bool) and is_of_any_version(one) for one in inner):
            return False
    return True


def takes_nothing(schema: Any) -> bool:
    """Whether there is no document that such a schema takes, as far as that is easily said."""
    return schema is False or (isinstance(schema, dict) and "not" in schema and schema["not"] in (True, {}))
