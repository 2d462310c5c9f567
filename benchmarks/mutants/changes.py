"""What may be done to one place of a configuration: a value put, an item added or removed, a number made greater.

A change does it to that object; where it does not fit, it leaves it as it is. Knows keys and values; not where in a
configuration a place stands, nor what it means.
"""

import random
import re
from collections.abc import Callable
from typing import Any

from benchmarks.mutants.trees import Tree

Change = Callable[[Tree, random.Random], Any]
_DURATION = re.compile(r"(\d+)([a-zµ]+)")


def word(random_: random.Random) -> str:
    return "".join(random_.choices("bcdfghjk", k=5))


def put(key: str, *values: Any) -> Change:
    """One of the values that is not there already."""

    def change(place: Tree, random_: random.Random) -> None:
        others = [value for value in values if value != place.get(key)]
        if others:
            place[key] = random_.choice(others)

    return change


def if_there(key: str, change: Change) -> Change:
    return lambda place, random_: change(place, random_) if key in place else None


def added(key: str, make: Callable[[random.Random], Any]) -> Change:
    def change(place: Tree, random_: random.Random) -> None:
        there = place.get(key) or []
        if isinstance(there, list):
            place[key] = [*there, make(random_)]

    return change


def removed(key: str) -> Change:
    """An item of a list or an object."""

    def change(place: Tree, random_: random.Random) -> None:
        there = place.get(key)
        if isinstance(there, list) and there:
            there.pop(random_.randrange(len(there)))
        elif isinstance(there, dict) and there:
            del there[random_.choice(list(there))]

    return change


def dropped(*keys: str) -> Change:
    def change(place: Tree, random_: random.Random) -> None:
        there = [key for key in keys if key in place]
        if there:
            del place[random_.choice(there)]

    return change


def times(factor: float, *keys: str) -> Change:
    """A number or a duration as many times as great."""

    def change(place: Tree, random_: random.Random) -> None:
        there = [key for key in keys if key in place]
        random_.shuffle(there)
        for key in there[:1]:
            value = place[key]
            if isinstance(value, str):
                place[key] = _DURATION.sub(lambda match: f"{max(int(int(match[1]) * factor), 1)}{match[2]}", value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                place[key] = max(type(value)(value * factor), 1)

    return change


def flipped(*keys: str) -> Change:
    def change(place: Tree, random_: random.Random) -> None:
        key = random_.choice(keys)
        place[key] = not place.get(key)

    return change


def reworded(key: str) -> Change:
    """Another text in the place of one."""

    def change(place: Tree, random_: random.Random) -> None:
        value = place.get(key)
        if isinstance(value, str):
            place[key] = value + word(random_)
        elif isinstance(value, list) and value and isinstance(value[0], str):
            value[random_.randrange(len(value))] += word(random_)

    return change


def asked_for(key: str) -> Change:
    """A list of one word where there is none."""
    return lambda place, random_: place.setdefault(key, [word(random_)])
