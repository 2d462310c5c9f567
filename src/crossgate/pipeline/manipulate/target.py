"""`target`: take an inner object for the whole response."""

from collections.abc import Callable
from typing import Any


def compile_target(target: str) -> Callable[[dict[str, Any] | None], dict[str, Any] | None]:
    """The object at a dotted path; `{}` where the path ends early or leads to anything but an object."""
    steps = tuple(target.split("."))

    def take(data: dict[str, Any] | None) -> dict[str, Any] | None:
        here: Any = data
        for step in steps:
            here = here.get(step) if type(here) is dict else None
        return here if type(here) is dict else {}

    return take
