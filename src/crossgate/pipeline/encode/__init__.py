"""Data to the body of a response: one file per output encoding."""

from collections.abc import Callable, Sequence
from typing import Any

Renderer = Callable[[dict[str, Any] | None, bytes | None], tuple[bytes, bytes]]


def renderer_for(output_encoding: str, backend_encodings: Sequence[str]) -> Renderer:
    """The renderer of an endpoint: (data, Accept) -> (content type, body)."""
    raise NotImplementedError(output_encoding, backend_encodings)
