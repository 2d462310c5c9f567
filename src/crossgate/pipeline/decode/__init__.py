"""Bodies of backends to data: one file per encoding."""

from collections.abc import Callable
from typing import Any

Decoder = Callable[[bytes, str, bool], dict[str, Any]]


class DecodeError(Exception):
    """The body is not what its encoding says. `str()` is the text KrakenD shows."""


def decoder_for(encoding: str) -> Decoder:
    """The decoder of that name; unknown and empty names mean json."""
    raise NotImplementedError(encoding)


def gunzip(body: bytes, max_bytes: int) -> bytes:
    """The content of a gzip body, at most `max_bytes`."""
    raise NotImplementedError
