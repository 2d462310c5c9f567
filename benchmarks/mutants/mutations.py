"""Changes taken to places of a whole configuration: to one of some objects, in a namespace, or to all of the namespace.

A mutation gets a copy of a configuration and a random generator, changes the copy, and says whether it found something
to change. Does not know what guards, limits or endpoints are.
"""

import copy
import random
from collections.abc import Callable
from typing import Any

from benchmarks.mutants.changes import Change
from benchmarks.mutants.trees import Tree, blocks, key_of, objects_in, owners, set_space, spaces

Mutation = Callable[[Tree, random.Random], bool]
Places = Callable[[Tree], list[Tree]]


def in_one_of(found: Places, change: Change) -> Mutation:
    """One of the places found that the change does something to."""

    def mutate(tree: Tree, random_: random.Random) -> bool:
        places = found(tree)
        random_.shuffle(places)
        for place in places:
            before = copy.deepcopy(place)
            change(place, random_)
            if place != before:
                return True
        return False

    return mutate


def in_space(name: str, change: Change) -> Mutation:
    return in_one_of(lambda tree: blocks(tree, name), change)


def within_space(name: str, change: Change) -> Mutation:
    """In one of the objects in such a namespace, at whatever depth."""
    return in_one_of(
        lambda tree: [
            each for owner in owners(tree) for extra, key in spaces(owner, name) for each in objects_in(extra[key])
        ],
        change,
    )


def space_dropped(name: str) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        found = [place for owner in owners(tree) for place in spaces(owner, name)]
        if not found:
            return False
        extra, key = random_.choice(found)
        del extra[key]
        return True

    return mutate


def space_added(scope: Places, name: str, value: Any) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        places = scope(tree)
        random_.shuffle(places)
        return any(set_space(tree, place, name, copy.deepcopy(value)) for place in places)

    return mutate


def with_its_name(nodes: Places, name: str, change: Callable[[str], Change]) -> Mutation:
    """A change of a key that is called otherwise in version 2."""

    def mutate(tree: Tree, random_: random.Random) -> bool:
        return in_one_of(nodes, lambda place, r: change(key_of(tree, place, name))(place, r))(tree, random_)

    return mutate


def space_key(name: str, key: str, value: Any, scope: Places) -> Mutation:
    """A key put into a namespace, which is made where it is not there."""

    def change(tree: Tree, random_: random.Random) -> bool:
        places = scope(tree)
        random_.shuffle(places)
        for place in places:
            if set_space(tree, place, name, {key: value}):
                return True
            for extra, written in spaces(place, name):
                block = extra[written]
                if isinstance(block, dict) and block.get(key) != value:
                    block[key] = value
                    return True
        return False

    return change


def mutated(tree: Tree, mutate: Mutation, seed: int) -> Tree | None:
    """A copy with that change; None where there is nothing to change."""
    changed = copy.deepcopy(tree)
    try:
        is_changed = mutate(changed, random.Random(seed))
    except (TypeError, AttributeError, ValueError, KeyError):  # what is to stand there does not, or is of another type
        return None
    return changed if is_changed and changed != tree else None
