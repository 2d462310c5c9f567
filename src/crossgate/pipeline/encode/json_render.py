"""`json` and `json-collection`: compact JSON with sorted keys, in Go's escaping."""

from typing import Any

from crossgate.golang.json_text import encode_json

_CONTENT_TYPE = b"application/json; charset=utf-8"


def render_json(data: dict[str, Any] | None) -> tuple[bytes, bytes]:
    """All of the data; `null` where there is none."""
    return _CONTENT_TYPE, encode_json(data)


def render_collection(data: dict[str, Any] | None) -> tuple[bytes, bytes]:
    """The value of `collection` alone; `[]` where there is no such key."""
    if not data or "collection" not in data:
        return _CONTENT_TYPE, b"[]"
    return _CONTENT_TYPE, encode_json(data["collection"])
