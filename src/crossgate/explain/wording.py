"""How lists, values and times are written in sentences. Knows no requests and no files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

MOST = 5
"""Items that a sentence names."""
_MAX_CHARACTERS = 200


def either(words: Sequence[str]) -> str:
    """`a, b or c`; "nothing" where there is none."""
    return _joined(words, "or")


def and_(words: Sequence[str]) -> str:
    """`a, b and c`; "nothing" where there is none."""
    return _joined(words, "and")


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return words[0] if words else "nothing"
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def shown(value: Any) -> str:
    """A value of JSON, cut."""
    if value is None:
        return "missing"
    return cut(msgspec.json.encode(value).decode())


def cut(text: str) -> str:
    """So much of it as can be read."""
    return text if len(text) <= _MAX_CHARACTERS else text[:_MAX_CHARACTERS] + "..."


def time_of(value: Any) -> str:
    """Seconds since the epoch; whatever else stands there as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    try:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return shown(value)
