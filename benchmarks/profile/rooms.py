"""In which rooms of the gateway a request's microseconds are spent, as a profiler divides them.

A profiler makes calls dearer than they are, so that rooms of many small functions look heavier than they are by some.
"""

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crossgate

_ROOT = Path(crossgate.__file__).parent
ELSEWHERE = "libraries"
ROOMS = ("server", "http", "cors", "gateway", "pipeline", "components", "transport", "flow", ELSEWHERE)
_Function = tuple[str, int, str]


def profiled(once: Callable[[], None], times: int) -> pstats.Stats:
    """Of so many requests."""
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(times):
        once()
    profiler.disable()
    return pstats.Stats(profiler)


def shares(stats: pstats.Stats) -> dict[str, float]:
    """Of ROOMS, 1 together. What is C without a file counts for the room that calls it."""
    seconds: dict[str, float] = defaultdict(float)
    functions: dict[_Function, Any] = stats.stats  # type: ignore[attr-defined]
    for function, (_, _, own, _, callers) in functions.items():
        if _room(function):
            seconds[_room(function)] += own
        else:
            for caller, (_, _, own_there, _) in callers.items():
                seconds[_room(caller)] += own_there
    seconds.pop("", None)  # this benchmark's own
    whole = sum(seconds.values())
    return {room: seconds[room] / whole for room in ROOMS}


def _room(function: _Function) -> str:
    """Empty: C, or this benchmark."""
    path = Path(function[0])
    if path.is_relative_to(_ROOT):
        room = path.relative_to(_ROOT).parts[0]
        return room if room in ROOMS else ELSEWHERE
    return "" if function[0] == "~" or path.parent == Path(__file__).parent else ELSEWHERE
