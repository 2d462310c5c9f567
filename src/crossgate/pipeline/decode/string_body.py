"""Bodies that are not looked into: `string`, and `no-op` where its data is asked for all the same."""

from typing import Any


def decode_string_body(body: bytes, is_collection: bool) -> dict[str, Any]:  # noqa: ARG001
    """The body as it is under `content`. Bytes that are no UTF-8 are kept as surrogate escapes."""
    return {"content": body.decode("utf-8", "surrogateescape")}


def decode_noop_body(body: bytes, is_collection: bool) -> dict[str, Any]:  # noqa: ARG001
    """No data: a no-op backend under an endpoint that renders data answers `{}`."""
    return {}
