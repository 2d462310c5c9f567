"""What gin makes of a path, from a set of routes alone: the yardstick of the router.

Nothing is built: every step looks at the routes that are still possible, as the rests of their patterns, and asks what
they have in common. Written from the recorded behaviour; ASCII only. Patterns are gin's (`/users/:id`).
"""

from functools import cache
from itertools import combinations
from typing import NamedTuple


class Step(NamedTuple):
    """What the routes still possible begin with, and how they go on."""

    text: str
    is_route: bool
    by_letter: dict[str, tuple[str, ...]]  # rests that go on with text, by its first letter
    param: str  # `:name`, empty if no rest goes on with a parameter
    behind_param: tuple[str, ...]  # rests behind it
    param_is_route: bool


@cache
def step_of(rests: tuple[str, ...]) -> Step:
    text = common_start([rest.partition(":")[0] for rest in rests])
    by_letter: dict[str, list[str]] = {}
    behind, param = [], ""
    for rest in rests:
        rest = rest.removeprefix(text)
        if rest.startswith(":"):
            name, slash, more = rest.partition("/")
            param = name
            behind.append(slash + more)
        elif rest:
            by_letter.setdefault(rest[0], []).append(rest)
    letters = {letter: tuple(rests) for letter, rests in by_letter.items()}
    return Step(text, text in rests, letters, param, tuple(filter(None, behind)), "" in behind)


def starts(patterns: list[str]) -> bool:
    """Whether gin takes all of them: none twice, each place with one name for its parameter."""
    segments = {segment for pattern in patterns for segment in pattern.split("/")}
    if any(segment.count(":") > 1 or segment.endswith(":") for segment in segments):
        return False
    return not any(one == other or clash(one, other) for one, other in combinations(patterns, 2))


def common_start(texts: list[str]) -> str:
    first, last = min(texts), max(texts)
    return next((first[:at] for at, letter in enumerate(first) if letter != last[at]), first)


def clash(one: str, other: str) -> bool:
    common = common_start([one, other])
    place = common.rfind(":")
    in_name = place >= 0 and "/" not in common[place:]
    at = place if in_name else len(common)
    mine, theirs = (pattern[at:].partition("/")[0] for pattern in (one, other))
    return mine.startswith(":") and theirs.startswith(":") and mine != theirs


class Outcome(NamedTuple):
    """How looking for a path ended. `gives_up`: even where a parameter was passed over, gin does not come back."""

    route: str = ""
    values: tuple[str, ...] = ()
    turns_slash: bool = False  # gin recommends the path with its trailing slash turned round
    gives_up: bool = True


def look_up(patterns: list[str], path: str) -> Outcome:
    return _look_up(tuple(patterns), path, is_first=True)


def _look_up(rests: tuple[str, ...], path: str, *, is_first: bool = False, seen: str = "") -> Outcome:
    step = step_of(rests)
    if path == step.text:
        if step.is_route:
            return Outcome(seen + path)
        if path == "/" and not is_first:
            return Outcome(turns_slash=True)
        slash = step.by_letter.get("/")
        return Outcome(turns_slash=slash is not None and leads_to_slash(slash), gives_up=False)
    if not path.startswith(step.text):
        turns = path == "/" or (step.is_route and step.text == path + "/")
        return Outcome(turns_slash=turns, gives_up=turns)
    rest = path.removeprefix(step.text)
    outcome = None
    if rest[0] in step.by_letter:
        outcome = _look_up(step.by_letter[rest[0]], rest, seen=seen + step.text)
    elif not step.param:
        gives_up = rest == "/"
        return Outcome(turns_slash=gives_up and step.is_route, gives_up=gives_up)
    if outcome is not None and (outcome.route or outcome.gives_up or not step.param):
        return outcome
    return _through_param(step, rest, seen + step.text)


def _through_param(step: Step, rest: str, seen: str) -> Outcome:
    value, slash, more = rest.partition("/")
    if not slash:
        if step.param_is_route:
            return Outcome(seen + step.param, (value,))
        return Outcome(turns_slash=bool(step.behind_param) and leads_to_slash(step.behind_param))
    if not step.behind_param:
        return Outcome(turns_slash=not more)
    outcome = _look_up(step.behind_param, slash + more, seen=seen + step.param)
    return outcome._replace(values=(value, *outcome.values)) if outcome.route else outcome


def leads_to_slash(rests: tuple[str, ...]) -> bool:
    """Whether the rests have a slash in common and no more, and one ends there."""
    step = step_of(rests)
    return step.text == "/" and step.is_route


def fold(patterns: list[str], path: str) -> str | None:
    """The path of the route that a clean path has when letter case and a trailing slash do not matter."""
    return _fold(tuple(patterns), path)


def _fold(rests: tuple[str, ...], path: str) -> str | None:
    step = step_of(rests)
    text = step.text
    rest = path[len(text) :]
    if path[: len(text)].lower() != text.lower():
        if path == "/":
            return ""
        return text if step.is_route and (path + "/").lower() == text.lower() else None
    if not rest:
        if step.is_route:
            return text
        return text + "/" if "/" in step.by_letter and leads_to_slash(step.by_letter["/"]) else None
    for letter in dict.fromkeys((rest[0].lower(), rest[0].upper())):
        if letter in step.by_letter:
            found = _fold(step.by_letter[letter], letter + rest[1:])
            if found is not None:
                return text + found
    if not step.param:
        return text if rest == "/" and step.is_route else None
    value, slash, more = rest.partition("/")
    if not slash:
        if step.param_is_route:
            return text + value
        return text + value + "/" if step.behind_param and leads_to_slash(step.behind_param) else None
    if not step.behind_param:
        return None if more else text + value
    found = _fold(step.behind_param, slash + more)
    return None if found is None else text + value + found
