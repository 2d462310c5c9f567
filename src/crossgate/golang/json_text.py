"""JSON text as Go's encoding/json reads and writes it. Knows text and plain values; not where they come from."""

from typing import Any

import msgspec


def encode_json(value: Any) -> bytes:
    """Compact JSON, keys sorted bytewise."""
    return msgspec.json.encode(value, order="sorted")
