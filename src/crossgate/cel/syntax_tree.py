"""The tree of a compiled expression, read from what the engine serialises: `cel.expr.CheckedExpr` in protobuf.

Does not know what anything costs or is worth.

Source: cel-spec `proto/cel/expr/syntax.proto` and `checked.proto`; protobuf's wire format.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. `text` is that of a text or of bytes, empty for anything else.

    `kind` is the number of its type in the schema, `raw` its value there: equal for equal constants.
    """

    text: bytes
    kind: int = 0
    raw: bytes | int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, of the expression's own or of the comprehension around it."""

    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """The member `name` of `operand`; `is_asked`: whether there is one."""

    operand: "Tree"
    name: str
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator (`_+_`); a method's receiver is the first of its operands."""

    function: str
    operands: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Made:
    """A list or an object written out; of an object the names and values in turn."""

    items: "tuple[Tree, ...]"
    is_list: bool = True


@dataclass(frozen=True, slots=True)
class Loop:
    """What the macros `all`, `exists`, `exists_one`, `filter` and `map` are: a fold of `over`."""

    names: tuple[str, ...]
    over: "Tree"
    folded: str
    begin: "Tree"
    condition: "Tree"
    step: "Tree"
    result: "Tree"


Tree = Literal | Name | Part | Call | Made | Loop


def parse_tree(serialized: bytes) -> Tree:
    """The tree of a serialised expression: a CheckedExpr in an Any. The engine bounds how deep it is."""
    return _tree(dict(_fields(dict(_fields(serialized))[2]))[4])


def members_read(tree: Tree) -> dict[str, frozenset[str] | None]:
    """The variables that a tree reads; of objects the members, where it reads nothing else of them."""
    found: dict[str, frozenset[str] | None] = {}
    _read(tree, frozenset(), found)
    return found


def patterns(tree: Tree) -> Iterator[Tree]:
    """The regular expressions in a tree."""
    match tree:
        case Call(function, parts):
            if function == "matches":
                yield parts[-1]
        case Part(operand, _):
            parts = (operand,)
        case Made(parts):
            pass
        case Loop():
            parts = (tree.over, tree.begin, tree.condition, tree.step, tree.result)
        case _:
            parts = ()
    for part in parts:
        yield from patterns(part)


def _read(tree: Tree, own: frozenset[str], found: dict[str, frozenset[str] | None]) -> None:
    match tree:
        case Part(Name(name), member) if name not in own:
            _add(found, name, member)
        case Call("_[_]", (Name(name), Literal(text))) | Call("@in", (Literal(text), Name(name))) if (
            text and name not in own
        ):
            _add(found, name, text.decode("utf-8", "replace"))
        case Name(name) if name not in own:
            found[name] = None
        case Part(operand, _):
            _read(operand, own, found)
        case Call(_, parts) | Made(parts):
            for part in parts:
                _read(part, own, found)
        case Loop():
            _read(tree.over, own, found)
            own = own | {*tree.names, tree.folded}
            for part in (tree.begin, tree.condition, tree.step, tree.result):
                _read(part, own, found)


def _add(found: dict[str, frozenset[str] | None], name: str, member: str) -> None:
    known = found.get(name, frozenset())
    found[name] = None if known is None else known | {member}


@lru_cache(maxsize=256)
def _tree(message: bytes) -> Tree:
    """Expressions of one file often differ in a constant: what is alike in them is read once."""
    fields = dict(_fields(message))
    for number, make in _MAKERS.items():
        if number in fields:
            return make(_fields(fields[number]))
    return Literal(b"")


def _literal(fields: list[tuple[int, Any]]) -> Tree:
    kind, raw = fields[-1] if fields else (0, 0)
    return Literal(raw if kind in _TEXTS and isinstance(raw, bytes) else b"", kind, raw)


def _name(fields: list[tuple[int, Any]]) -> Tree:
    return Name(dict(fields)[1].decode())


def _part(fields: list[tuple[int, Any]]) -> Tree:
    found = dict(fields)
    return Part(_tree(found[1]), found[2].decode(), bool(found.get(3)))


def _call(fields: list[tuple[int, Any]]) -> Tree:
    return Call(dict(fields)[2].decode(), tuple([_tree(value) for number, value in fields if number in (1, 3)]))


def _list(fields: list[tuple[int, Any]]) -> Tree:
    return Made(tuple([_tree(value) for number, value in fields if number == 1]))


def _object(fields: list[tuple[int, Any]]) -> Tree:
    entries = [_fields(value) for number, value in fields if number == 2]
    items = [_tree(value) for entry in entries for number, value in entry if number in (3, 4)]
    return Made(tuple(items), is_list=False)


def _loop(fields: list[tuple[int, Any]]) -> Tree:
    found = dict(fields)
    names = tuple([found[number].decode() for number in (1, 8) if found.get(number)])
    over, begin, condition, step, result = (_tree(found.get(number, b"")) for number in (2, 4, 5, 6, 7))
    return Loop(names, over, found[3].decode(), begin, condition, step, result)


_TEXTS = (6, 7)
_MAKERS = {3: _literal, 4: _name, 5: _part, 6: _call, 7: _list, 8: _object, 9: _loop}


def _fields(message: bytes) -> list[tuple[int, Any]]:
    """Field numbers with their values: bytes where they have a length, else a number."""
    found: list[tuple[int, Any]] = []
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, wire_type = key >> 3, key & 7
        if wire_type == 0:
            value, at = _varint(message, at)
            found.append((number, value))
            continue
        if wire_type == 2:
            size, at = _varint(message, at)
        else:
            size = 8 if wire_type == 1 else 4
        found.append((number, message[at : at + size]))
        at += size
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = message[at]
    if value < 0x80:  # nearly always
        return value, at + 1
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
