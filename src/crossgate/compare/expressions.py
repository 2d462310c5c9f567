"""What an expression asks for, however it is written: blanks, quotes, parentheses, the order of what has to hold.

Also decides expressions that do not depend on the request: those about a method where there is one alone. Knows CEL's
logic, in which `&&` and `||` do not mind the order of what fails; whether two forms that are left always agree is not
decided.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from crossgate.cel.engine import compile_expression
from crossgate.cel.syntax_tree import Call, Literal, Loop, Made, Name, Part, Tree
from crossgate.components.cel.config import Checks
from crossgate.components.cel.variables import VARIABLES

Form = tuple[Any, ...]
"""Equal for trees that ask for the same."""

HOLDS: Form = ("literal", 2, 1)
FAILS: Form = ("literal", 2, 0)
_TURNED = {"_>_": "_<_", "_>=_": "_<=_"}
_METHOD = "req_method"


class _Reader:
    """`method` is that of every request, empty where that is not known; `places` are the values of parameters."""

    def __init__(self, method: str, places: Mapping[str, str]) -> None:
        self._method = method
        self._places = places

    def truth(self, tree: Tree, own: Mapping[str, str], *, is_denied: bool = False) -> Form:
        """Of a tree that is true or false, or the contrary of it."""
        match tree:
            case Call("!_", (operand,)):
                return self.truth(operand, own, is_denied=not is_denied)
            case Call("_&&_" | "_||_" as function, operands):
                parts = [self.truth(one, own, is_denied=is_denied) for one in operands]
                return joined(parts, is_all=(function == "_&&_") is not is_denied)
            case Call("@in", (item, Made(items, True))):
                equal = [self.truth(Call("_==_", (item, one)), own, is_denied=is_denied) for one in items]
                return joined(equal, is_all=is_denied)
            case Call("_!=_", operands):
                return self.truth(Call("_==_", operands), own, is_denied=not is_denied)
        form = self.value(tree, own)
        if form in (HOLDS, FAILS):
            return FAILS if (form == HOLDS) is is_denied else HOLDS
        return ("not", form) if is_denied else form

    def value(self, tree: Tree, own: Mapping[str, str]) -> Form:
        """Of any tree. `own` are the names that its loops have given, each with what it is called here."""
        match tree:
            case Literal():
                return ("literal", tree.kind, tree.raw)
            case Name(name):
                if name == _METHOD and self._method and name not in own:
                    return ("literal", 6, self._method.encode())
                return ("name", own.get(name, name))
            case Part(operand, name):
                return self._member(operand, ("literal", 6, name.encode()), own, is_asked=tree.is_asked)
            case Call("_[_]", (operand, Literal(text) as literal)) if text:
                return self._member(operand, self.value(literal, own), own, is_asked=False)
            case Call("@in", (Literal(text) as literal, operand)) if text:
                return self._member(operand, self.value(literal, own), own, is_asked=True)
            case Call("!_" | "_&&_" | "_||_" | "_!=_") | Call("@in", (_, Made(_, True))):
                return self.truth(tree, own)
            case Call("_==_", operands):
                return _equal([self.value(one, own) for one in operands])
            case Call(function, (left, right)) if function in _TURNED:
                return ("call", _TURNED[function], self.value(right, own), self.value(left, own))
            case Call(function, operands):
                return ("call", function, *[self.value(one, own) for one in operands])
            case Made(items):
                return ("made", tree.is_list, *[self.value(one, own) for one in items])
            case Loop():
                return self._loop(tree, own)

    def _member(self, operand: Tree, name: Form, own: Mapping[str, str], *, is_asked: bool) -> Form:
        """`a.b` and `a["b"]` are the same, as are `has(a.b)` and `"b" in a`."""
        if operand == Name("req_params") and "req_params" not in own:
            place = self._places.get(name[2].decode("utf-8", "replace"))
            if place is not None and "\0" not in place and not is_asked:
                return ("literal", 6, place.encode())
            name = name if place is None else ("place", place)
        return ("member", is_asked, self.value(operand, own), name)

    def _loop(self, tree: Loop, own: Mapping[str, str]) -> Form:
        inner = {name: f"{len(own)}.{number}" for number, name in enumerate((*tree.names, tree.folded))}
        within = {**own, **inner}
        parts = (tree.begin, tree.condition, tree.step, tree.result)
        return ("loop", len(tree.names), self.value(tree.over, own), *[self.value(one, within) for one in parts])


def _equal(sides: list[Form]) -> Form:
    if all(one[0] == "literal" for one in sides) and sides[0][1] == sides[1][1]:
        return HOLDS if sides[0] == sides[1] else FAILS
    return ("equal", frozenset(sides))


def joined(parts: Iterable[Form], *, is_all: bool) -> Form:
    """All of them, or any of them; what holds anyway is left out."""
    word = "all" if is_all else "any"
    neutral, deciding = (HOLDS, FAILS) if is_all else (FAILS, HOLDS)
    found: set[Form] = set()
    for one in parts:
        found |= one[1] if one[0] == word else {one}
    found.discard(neutral)
    if deciding in found:
        return deciding
    if not found:
        return neutral
    return next(iter(found)) if len(found) == 1 else (word, frozenset(found))


def form_of(text: str, method: str, places: Mapping[str, str]) -> Form:
    """The form of an expression that stands in a file."""
    return _Reader(method, places).truth(tree_of(text), {})


@lru_cache(1_000)
def tree_of(text: str) -> Tree:
    """The tree of an expression that stands in a file. It compiled when the file was read."""
    return compile_expression(text, VARIABLES).tree


def undecided_checks(checks: Checks, method: str) -> Checks:
    """The same without expressions that hold for every request of that method."""

    def asked(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if form_of(text, method, {}) != HOLDS)

    return Checks(asked(checks.before), asked(checks.after), asked(checks.claims))


def never_hold(texts: Iterable[str], method: str) -> bool:
    """Whether for no request of that method all of them hold."""
    return joined([form_of(text, method, {}) for text in texts], is_all=True) == FAILS
