"""Values as sentences have them. Knows no configuration."""

from collections.abc import Sequence

_MOST = 6


def listed(names: Sequence[str]) -> str:
    """Names one after the other, the first few of many."""
    shown = ", ".join(names[:_MOST])
    return f"{shown} and {len(names) - _MOST} more" if len(names) > _MOST else shown


def seconds(value: float) -> str:
    """A length of time: `250ms`, `2s`."""
    if 0 < abs(value) < 1:
        return f"{value * 1000:g}ms"
    return f"{value:g}s"


def counted(index: int) -> str:
    """The number of an item as people count."""
    return f"#{index + 1}"


def kept(ttl: int | None) -> str:
    """How long answers may be kept: whole seconds, None where nothing says so."""
    return "no time" if ttl is None else seconds(ttl)


def answered_as(encoding: str) -> str:
    """An encoding of answers."""
    return "passed on as they are (no-op)" if encoding == "no-op" else encoding
