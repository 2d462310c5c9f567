"""The configuration of one of our own plugins, read strictly: what has a wrong type raises ValueError."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from crossgate.config.keys import is_comment


def check_names(config: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse keys that resemble a known one. Others are ignored, as KrakenD does it."""
    for name in config:
        if name not in known and not is_comment(name):
            close = get_close_matches(name.lower(), [key.lower() for key in known], n=1, cutoff=0.8)
            if close:
                raise ValueError(f'there is no key "{name}"; did you mean "{close[0]}"?')


def read_text(config: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text; where there is no default, one that is not empty."""
    value = config.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise ValueError(f'"{name}" must be a string')
    return value


def read_texts(config: Mapping[str, Any], name: str, default: Sequence[str] | None = None) -> list[str]:
    """A list of texts."""
    value = config.get(name, default)
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise ValueError(f'"{name}" must be a list of strings')
    return list(value)


def read_flag(config: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """True or false."""
    value = config.get(name, default)
    if not isinstance(value, bool):
        raise ValueError(f'"{name}" must be true or false')  # noqa: TRY004 # a fault of the file
    return value


def read_object(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object, empty where it is absent."""
    value = config.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f'"{name}" must be an object')  # noqa: TRY004 # a fault of the file
    return value
