"""Whether two backends' data come out the same, and data that show it where they do not.

What is done to data (`target`, `allow`, `deny`, `mapping`, `group`, `flatmap`) depends only on which of the paths that
the configuration names are there, and on whether an object, a list or something else stands at them. So the real
manipulations are tried with data made of these paths: all of them, each alone, each missing, and each with another kind
of value at its end or on its way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossgate.compare.visible import Visible
from crossgate.config.model import BackendConfig, FlatmapOp
from crossgate.pipeline.manipulate import Data, compile_flatmap, compile_manipulation

_OTHER = "other"
_SHOWN_ALONE = ("content", "collection")  # of which encodings show nothing else
_MOST_PATHS = 60  # of which each alone and each missing are tried

Path = tuple[str, ...]


def showing_data(old: BackendConfig, new: BackendConfig, see: tuple[Visible, Visible]) -> Data:
    """A backend's answer of which clients see something else; None where there is none. `see` is how they do."""
    if _settings(old) == _settings(new):
        return None
    before, after = compile_manipulation(old), compile_manipulation(new)
    for data in candidates_for(old, new):
        if see[0](before(data) if before else data) != see[1](after(data) if after else data):
            return data
    return None


def candidates_for(old: BackendConfig, new: BackendConfig) -> Iterator[dict[str, Any]]:
    """Data of every kind that the two can tell apart."""
    return _candidates([*_paths(old), *_paths(new)])


def lets_more_through(old: BackendConfig, new: BackendConfig) -> bool:
    """Whether a value comes through now, of any such answer, that did not; whatever it is called."""
    plain = [replace(config, mapping={}, group="") for config in (old, new)]
    before, after = map(compile_manipulation, plain)
    for data in candidates_for(old, new):
        was, now = (before(data) if before else data), (after(data) if after else data)
        if was != now and set(_leaves(now)) - set(_leaves(was)):
            return True
    return False


def coming_through(config: BackendConfig) -> Data:
    """An answer of which something comes through; nothing in particular where any will do, or none is known."""
    manipulate = compile_manipulation(config)
    if manipulate is None:
        return None
    for data in _candidates(list(_paths(config))):
        if list(_leaves(manipulate(data))):
            return data
    return None


def showing_merged(old: Sequence[FlatmapOp], new: Sequence[FlatmapOp]) -> Data:
    """Merged data that the operations of an endpoint make something else of; None where there are none."""
    before, after = compile_flatmap(old), compile_flatmap(new)
    paths = [tuple(arg.split(".")) for op in (*old, *new) for arg in op.args]
    return next((data for data in _candidates(paths) if before(data) != after(data)), None)


def _settings(config: BackendConfig) -> tuple[object, ...]:
    return (
        config.target,
        config.allow,
        config.deny,
        tuple(config.mapping.items()),
        config.group,
        config.flatmap,
    )


def _paths(config: BackendConfig) -> Iterator[Path]:
    front = tuple(config.target.split(".")) if config.target else ()
    if front:
        yield front
    named = [*config.allow, *config.deny, *config.mapping, *config.mapping.values()]
    named += [arg for op in config.flatmap for arg in op.args]
    for path in named:
        yield (*front, *path.split("."))
        if front:
            yield tuple(path.split("."))


def _candidates(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Data, the fullest first; then all of it without what no path names, which else is left where the rest goes."""
    known = list(dict.fromkeys(paths))
    yield from _with(known, {_OTHER: "v"})
    yield from _with(known, {})


def _with(known: Sequence[Path], beside: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Data of those paths, `beside` on every level."""
    longest_first = sorted(known, key=len, reverse=True)
    everything = _tree(beside, longest_first)
    yield everything
    yield dict(beside)
    for name in _SHOWN_ALONE:
        yield {**everything, name: "shown"}
        yield {**everything, name: [{**everything}]}
    few = known[:_MOST_PATHS]
    for path in few:
        yield _tree(beside, [path])
    for path in few:
        yield _tree(beside, [one for one in longest_first if one != path])
    for path in few:
        for end in ({}, [], [{_OTHER: "v"}], {_OTHER: "v"}, None, 1):
            yield _tree(beside, [one for one in longest_first if one[: len(path)] != path], (path, end))
            yield _tree(beside, [], (path, end))
        for length in range(1, len(path)):
            rest = [one for one in longest_first if one[:length] != path[:length]]
            yield _tree(beside, rest, (path[:length], "text"))


def _tree(beside: Mapping[str, Any], paths: Sequence[Path], *ends: tuple[Path, Any]) -> dict[str, Any]:
    """An object with a value of its own at each path, and `beside` it on every level something that none names.

    A wildcard step is a list of two. Where a path ends on another's way, there is an object.
    """
    root: dict[str, Any] = dict(beside)
    for path, end in [*((path, f"at {'.'.join(path)}") for path in paths), *ends]:
        here = root
        for position, step in enumerate(path[:-1]):
            if step == "*" and position:
                continue  # it is in the first of the list already
            below = here.get(step)
            if isinstance(below, list):
                below = below[0]
            if not isinstance(below, dict):
                below = {name: f"{value}{position}" for name, value in beside.items()}
                here[step] = [below] if path[position + 1] == "*" else below
            here = below
        if path[-1] != "*":
            here.setdefault(path[-1], end)
    return {name: _doubled(value) for name, value in root.items()}


def _doubled(value: Any) -> Any:
    """With a second like it in every list of one: what is done to the first alone is another thing."""
    if isinstance(value, dict):
        return {name: _doubled(member) for name, member in value.items()}
    if isinstance(value, list):
        items = [_doubled(item) for item in value]
        return items + [_doubled(item) for item in value] if len(items) == 1 else items
    return value


def _leaves(value: Any) -> Iterator[str]:
    """Every text in it, wherever it stands now: names and places may change, values do not."""
    if isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    else:
        yield repr(value)
