"""What expressions tell apart: values for what they read, one set of values for each way in which they come out.

Values are tried that stand in the expressions, and some beside them; the expressions themselves are asked. Knows CEL's
variables; does not know how a request comes to have such values.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from crossgate.cel.engine import Expression, compile_expression
from crossgate.cel.syntax_tree import Call, Literal, Loop, Made, Name, Part, Tree
from crossgate.compare.confirm.patterns import plain_text_of
from crossgate.compare.expressions import tree_of
from crossgate.components.cel.variables import VARIABLES

_MOST_TRIED = 2_000  # sets of values
_MOST_VALUES = 12  # of one variable
_LONGEST = 200  # characters of a value that is asked for its length
_ANYTHING = "1"
_TRUTH, _INTEGER, _TEXT = 2, 3, 6  # kinds of constants
_OBJECTS = frozenset(("req_headers", "req_querystring", "req_params", "resp_metadata_headers", "resp_data", "JWT"))
_OF_ONE = frozenset(("int", "uint", "double", "string", "dyn", "trim", "lowerAscii", "upperAscii"))

Ref = tuple[str, ...]
"""A variable, or a member of one: `("req_headers", "X-A")`, `("resp_data", "a", "b")`."""

Values = Mapping[Ref, Any]
"""None: it is not there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression where it stands: its variables begin with `prefix`, and those in `fixed` are there anyway."""

    text: str
    prefix: str
    fixed: Mapping[str, Any]


def told_apart(asked: Sequence[Asked], is_free: Callable[[Ref], bool]) -> Iterator[Values]:
    """One set of values of what `is_free` for each way in which the expressions come out, first that in which most of
    them hold."""
    candidates: dict[Ref, list[Any]] = {}
    for one in asked:
        _gather(tree_of(one.text), {}, candidates)
    refs = [ref for ref in candidates if is_free(ref)]
    lists = [candidates[ref][:_MOST_VALUES] for ref in refs]
    found: dict[tuple[bool, ...], Values] = {}
    for chosen in _combined(lists):
        values = dict(zip(refs, chosen, strict=True))
        found.setdefault(tuple([_holds(one, values) for one in asked]), values)
    for truths in sorted(found, key=lambda truths: -sum(truths)):
        yield found[truths]


def _combined(lists: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    if prod(map(len, lists)) <= _MOST_TRIED:
        yield from product(*lists)
        return
    choices = random.Random(0)  # what is tried, and always the same
    for _ in range(_MOST_TRIED):
        yield tuple([choices.choice(some) for some in lists])


def _holds(asked: Asked, values: Values) -> bool:
    seen = {ref: value for ref, value in values.items() if value is not None and ref[0].startswith(asked.prefix)}
    return not _compiled(asked.text).fault(_variables(seen, asked.fixed))


@lru_cache(200)
def _compiled(text: str) -> Expression:
    return compile_expression(text, VARIABLES)


def _variables(values: Values, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """As expressions see them: numbers of data are texts, and fields and parameters are lists."""
    variables: dict[str, Any] = {name: dict(one) if isinstance(one, Mapping) else one for name, one in fixed.items()}
    for (name, *steps), value in values.items():
        if not steps:
            variables[name] = value
            continue
        if name in ("req_headers", "req_querystring", "resp_metadata_headers"):
            value = [str(value)]
        elif name == "req_params" or (name == "resp_data" and type(value) is int):
            value = str(value)
        put(variables.setdefault(name, {}), steps, value)
    return variables


def put(place: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """A member of members, by the names on the way."""
    for step in steps[:-1]:
        inner = place.get(step)
        place[step] = place = dict(inner) if isinstance(inner, dict) else {}
    place[steps[-1]] = value


def _gather(tree: Tree, own: Mapping[str, Ref], found: dict[Ref, list[Any]]) -> None:
    match tree:
        case Call(function, operands):
            refs = [_ref(one, own) for one in operands]
            literals = [text for one in operands for text in _literals(one)]
            for ref, operand in zip(refs, operands, strict=True):
                if ref is not None:
                    _add(found, ref, _values(function, literals, is_size=_is_size(operand), is_list=ref != refs[0]))
            if function == "@in" and isinstance(operands[0], Literal) and refs[1] is not None:
                _add(found, (*refs[1], operands[0].text.decode("utf-8", "replace")), [])
            for one in operands:
                _gather(one, own, found)
        case Part(operand, _):
            ref = _ref(tree, own)
            if ref is not None:
                _add(found, ref, [])
            _gather(operand, own, found)
        case Name(name):
            _add(found, own.get(name, (name,)), [])
        case Made(items):
            for one in items:
                _gather(one, own, found)
        case Loop():
            over = _ref(tree.over, own)
            within = own if over is None else {**own, **dict.fromkeys(tree.names, over)}
            for part in (tree.over, tree.condition, tree.step, tree.result):
                _gather(part, within, found)
        case _:
            return


def _ref(tree: Tree, own: Mapping[str, Ref]) -> Ref | None:
    """What a tree reads, seen through conversions, lengths and positions in lists."""
    match tree:
        case Name(name):
            return own.get(name, (name,))
        case Part(operand, name):
            inner = _ref(operand, own)
            return None if inner is None else (*inner, name)
        case Call("_[_]", (operand, Literal(text) as literal)):
            inner = _ref(operand, own)
            if inner is None or literal.kind != _TEXT:
                return inner
            return (*inner, text.decode("utf-8", "replace"))
        case Call(function, (operand,)) if function in _OF_ONE or function == "size":
            return _ref(operand, own)
    return None


def _literals(tree: Tree) -> Iterator[Any]:
    match tree:
        case Literal(text):
            if tree.kind == _TEXT:
                yield text.decode("utf-8", "replace")
            elif tree.kind == _INTEGER and isinstance(tree.raw, int):
                yield tree.raw - (1 << 64 if tree.raw >> 63 else 0)
            elif tree.kind == _TRUTH:
                yield bool(tree.raw)
        case Made(items):
            for one in items:
                yield from _literals(one)


def _is_size(tree: Tree) -> bool:
    while isinstance(tree, Call) and tree.function in _OF_ONE and len(tree.operands) == 1:
        tree = tree.operands[0]
    return isinstance(tree, Call) and tree.function == "size"


def _values(function: str, literals: Sequence[Any], *, is_size: bool, is_list: bool) -> Iterator[Any]:
    for one in literals:
        if isinstance(one, bool):
            yield from (one, not one)
        elif isinstance(one, int):
            for number in (one, one + 1, one - 1):
                if not is_size:
                    yield number
                elif 0 < number < _LONGEST:
                    yield "a" * number
        elif function == "matches":
            yield from (plain_text_of(one), "other")
        else:
            yield from (one, one + "x", "other")
            if function == "@in" and is_list:
                yield from ([one], [])


def _add(found: dict[Ref, list[Any]], ref: Ref, values: Any) -> None:
    if ref[0] in _OBJECTS and len(ref) == 1:
        return
    known = found.setdefault(ref, [] if len(ref) == 1 else [None, _ANYTHING])
    for value in values:
        if not any(type(value) is type(one) and value == one for one in known):
            known.append(value)
