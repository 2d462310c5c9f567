"""Mutations that know nothing of configurations: a key deleted, an item twice, a number tenfold, a letter changed."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.mutants.mutations import Mutation
from benchmarks.mutants.trees import Tree

_SKIPPED = ("$schema", "version")
Spot = tuple[Any, Any]


def _spots(value: Any) -> Iterator[Spot]:
    """Every container with each of its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        if key not in _SKIPPED and not str(key).startswith(("@", "$", "_", "#")):
            yield value, key
            yield from _spots(member)


def _mutation(fits: Callable[[Any, Any], bool], change: Callable[[Any, Any, random.Random], None]) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        found = [spot for spot in _spots(tree) if fits(*spot)]
        if not found:
            return False
        change(*random_.choice(found), random_)
        return True

    return mutate


def _letter(place: Any, key: Any, random_: random.Random) -> None:
    text = place[key]
    at = random_.randrange(len(text))
    other = random_.choice([each for each in "abcxyz019" if each != text[at].lower()])
    place[key] = text[:at] + other + text[at + 1 :]


def _is(kind: type) -> Callable[[Any, Any], bool]:
    return lambda place, key: isinstance(place[key], kind)


def _put(place: Any, key: Any, value: Any) -> None:
    place[key] = value


BLIND: dict[str, Mutation] = {
    "a key deleted": _mutation(lambda place, _: isinstance(place, dict), lambda place, key, _: place.pop(key)),
    "an item removed": _mutation(lambda place, _: isinstance(place, list), lambda place, key, _: place.pop(key)),
    "an item twice": _mutation(
        lambda place, _: isinstance(place, list), lambda place, key, _: place.insert(key, place[key])
    ),
    "a number tenfold": _mutation(
        lambda place, key: type(place[key]) in (int, float) and place[key] != 0,
        lambda place, key, _: _put(place, key, place[key] * 10),
    ),
    "a boolean flipped": _mutation(_is(bool), lambda place, key, _: _put(place, key, not place[key])),
    "a letter changed": _mutation(lambda place, key: isinstance(place[key], str) and place[key] != "", _letter),
    "a key's letter changed": _mutation(
        lambda place, key: isinstance(place, dict) and len(key) > 1,
        lambda place, key, random_: _put(place, key[:-1] + random_.choice("qxz"), place.pop(key)),
    ),
    "a value null": _mutation(lambda place, key: isinstance(place, dict), lambda place, key, _: _put(place, key, None)),
}
