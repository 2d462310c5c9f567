"""JSON bodies: `json`, which wants an object or, for a collection, an array, and `safejson`, which takes any value.

Source: lura 2.13 `encoding/json.go`.
"""

from typing import Any

from crossgate.golang.json_text import JsonError, decode_json
from crossgate.pipeline.decode.errors import DecodeError, refuse_too_many

MAX_VALUES = 2_000_000
"""Of one body, members and items counted: some 200 MB and half a second at worst."""

_OBJECT_TYPE = "map[string]interface {}"
_ARRAY_TYPE = "[]interface {}"


def decode_json_body(body: bytes, is_collection: bool) -> dict[str, Any] | None:
    """An object as it is, `null` as None; with `is_collection` an array, or null, under `collection`."""
    value = _decoded(body)
    if is_collection:
        if value is not None and type(value) is not list:
            raise _mismatch(value, _ARRAY_TYPE)
        return {"collection": value}
    if value is not None and type(value) is not dict:
        raise _mismatch(value, _OBJECT_TYPE)
    return value


def decode_safejson_body(body: bytes, is_collection: bool) -> dict[str, Any]:  # noqa: ARG001
    """An object as it is, an array under `collection`, anything else under `content`."""
    value = _decoded(body)
    if type(value) is dict:
        return value
    return {"collection" if type(value) is list else "content": value}


def _decoded(body: bytes) -> Any:
    if len(body) > MAX_VALUES:  # a smaller one cannot have as many
        refuse_too_many(body.count(b",") + body.count(b"[") + body.count(b"{"), MAX_VALUES, "values")
    try:
        return decode_json(body)
    except JsonError as error:
        raise DecodeError(str(error)) from None


def _mismatch(value: Any, wanted: str) -> DecodeError:
    match value:
        case dict():
            found = "object"
        case list():
            found = "array"
        case str():
            found = "string"
        case bool():
            found = "bool"
        case _:
            found = "number"
    return DecodeError(f"json: cannot unmarshal {found} into Go value of type {wanted}")
