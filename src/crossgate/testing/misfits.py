"""What does not fit the written form, in words: every mistake of a tree, where msgspec tells of the first.

Knows msgspec's messages; does not know files.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct

S = TypeVar("S", bound=Struct)
Steps = tuple[str | int, ...]

_MOST = 50
_AT = re.compile(r" - at `\$([^`]*)`\Z")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`\Z")
_TIMES = ("after", "delay", "expires_in")
_TYPE = re.compile(r"Expected `([^`]*)`, got `([^`]*)`\Z")
_LENGTH = re.compile(r"Expected `(str|array)` of length >= 1\Z")
_BOUND = re.compile(r"Expected `(?:int|float)`(.*)\Z")
_CHOICE = re.compile(r"Invalid enum value '(.*)'\Z", re.DOTALL)
_ANY = "..."
_NAMES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """One mistake. `steps` lead to it, `on_key` to the name of its last."""

    steps: Steps
    message: str
    hint: str = ""
    on_key: bool = False


def fitted(kind: type[S], tree: Any, keys: Sequence[str]) -> tuple[S | None, list[Misfit]]:
    """The tree as that type, and all that is wrong with it; where that can be left out, the rest as that type.

    `keys` are those that there are anywhere.
    """
    found: list[Misfit] = []
    for _ in range(_MOST):
        try:
            return msgspec.convert(tree, kind), found
        except msgspec.ValidationError as error:
            text = str(error)
        message, steps = _parsed(text)
        steps = _concrete(kind, tree, steps, text)
        misfit = _misfit(kind, message, steps, _at(tree, steps), keys)
        if any(misfit.steps[:-1] == before.steps[:-1] and _is_gone(message, before) for before in found):
            return None, found
        found.append(misfit)
        if not misfit.steps or isinstance(misfit.steps[-1], int) or _MISSING.match(message):
            return None, found
        if len(found) == 1:
            tree = copy.deepcopy(tree)
        del _at(tree, misfit.steps[:-1])[misfit.steps[-1]]
    return None, found


def _is_gone(message: str, before: Misfit) -> bool:
    """Whether something is missing that was taken away since it did not fit."""
    missing = _MISSING.match(message)
    return missing is not None and before.steps[-1:] == (missing[1],)


def _parsed(text: str) -> tuple[str, Steps]:
    place = _AT.search(text)
    if place is None:
        return text, ()
    steps = (match[1] or match[2] for match in _STEP.finditer(place[1]))
    return text[: place.start()], tuple(int(step) if step.isdigit() else step for step in steps)


def _concrete(kind: type[S], tree: Any, steps: Steps, text: str) -> Steps:
    """With the name of a member where msgspec says that it is one of them."""
    for number, step in enumerate(steps):
        if step != _ANY:
            continue
        owner = _at(tree, steps[:number])
        for name in owner:
            alone = _with(tree, steps[:number], {name: owner[name]})
            if text in _complaints(kind, alone):
                return _concrete(kind, tree, (*steps[:number], name, *steps[number + 1 :]), text)
        return steps[:number]
    return steps


def _complaints(kind: type[S], tree: Any) -> Iterator[str]:
    try:
        msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        yield str(error)


def _with(tree: Any, steps: Steps, value: Any) -> Any:
    if not steps:
        return value
    made = copy.copy(tree)
    made[steps[0]] = _with(tree[steps[0]], steps[1:], value)
    return made


def _at(tree: Any, steps: Steps) -> Any:
    for step in steps:
        tree = tree[step]
    return tree


def _misfit(kind: type[Struct], message: str, steps: Steps, value: Any, keys: Sequence[str]) -> Misfit:
    if (match := _UNKNOWN.match(message)) is not None:
        close = get_close_matches(match[1], keys, 1)
        hint = f"did you mean {close[0]}?" if close else ""
        return Misfit((*steps, match[1]), f"there is no key {match[1]} here", hint, on_key=True)
    if (match := _MISSING.match(message)) is not None:
        return Misfit((*steps, match[1]), f"{match[1]} is missing here")
    if (match := _TYPE.match(message)) is not None:
        wanted = " or ".join(_NAMES.get(name, name) for name in match[1].split(" | "))
        return Misfit(
            steps,
            f"this is {_NAMES.get(match[2], match[2])}, not {wanted}",
            _requoted(match[1], value, steps[-1] if steps else ""),
        )
    if (match := _LENGTH.match(message)) is not None:
        return Misfit(steps, "this must not be empty")
    if (match := _BOUND.match(message)) is not None:
        return Misfit(steps, f"this must be a number{match[1]}")
    if (match := _CHOICE.match(message)) is not None:
        choices = _choices(kind, steps)
        return Misfit(steps, f'"{match[1]}" is none of the values that there are', f"there are: {', '.join(choices)}")
    return Misfit(steps, message[:1].lower() + message[1:].replace("`", ""))


def _requoted(wanted: str, value: Any, name: Any) -> str:
    names = wanted.split(" | ")
    if isinstance(value, str) and "int" in names and value.isdigit():
        return f"write {value}, without quotes"
    if isinstance(value, bool):
        return f'write "{str(value).lower()}"' if "str" in names else ""
    if isinstance(value, int | float) and "str" in names:
        return f'write "{value}s" for seconds' if name in _TIMES else f'write "{value}"'
    return ""


def _choices(kind: Any, steps: Steps) -> list[str]:
    """The texts that there are at that place."""
    kinds: list[Any] = [kind]
    for step in steps:
        named = [get_type_hints(each, include_extras=False) for each in _structs(kinds)]
        inner = [hints[name] for hints in named for name in (str(step), f"{step}_") if name in hints]
        kinds = inner or [argument for each in kinds for argument in get_args(each)]
    return sorted({choice for each in kinds for choice in _literals(each)})


def _structs(kinds: Sequence[Any]) -> Iterator[type[Struct]]:
    for each in kinds:
        if isinstance(each, type) and issubclass(each, Struct):
            yield each
        yield from _structs(get_args(each) if not isinstance(each, str) else ())


def _literals(kind: Any) -> Iterator[str]:
    if getattr(kind, "__origin__", None) is Literal:
        yield from get_args(kind)
    else:
        for inner in get_args(kind):
            yield from _literals(inner)
