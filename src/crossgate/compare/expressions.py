"""What an expression asks for, however it is written: blanks, quotes, parentheses, the order of what has to hold.

Also decides expressions that do not depend on the request: those about a method where there is one alone. Knows CEL's
logic, in which `&&` and `||` do not mind the order of what fails; whether two forms that are left always agree is not
decided.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from crossgate.cel.engine import compile_expression
from crossgate.cel.syntax_tree import Call, Literal, Loop, Made, Name, Part, Tree
from crossgate.components.cel.config import Checks
from crossgate.components.cel.variables import VARIABLES

Form = tuple[Any, ...]
"""Equal for trees that ask for the same."""

Absent = Callable[[str, str], bool | None]
"""Whether a member of a variable, `("req_headers", "X-A")`, is in no request, None where it is in all; of a variable
without members, whether it never has that value: `("resp_completed", "false")`; of an empty name, whether it has no
members."""


def may_be_there(variable: str, member: str) -> bool:  # noqa: ARG001 # nothing is known
    """Nothing is absent."""
    return False


HOLDS: Form = ("literal", 2, 1)
FAILS: Form = ("literal", 2, 0)
_MISSING: Form = ("missing",)
"""What cannot be evaluated: a member of what is not there."""
_TURNED = {"_>_": "_<_", "_>=_": "_<=_"}
_METHOD = "req_method"
_COMPLETED = "resp_completed"
_ZERO: Form = ("literal", 3, 0)
_LARGEST = 2**63 - 1  # beyond it are those below zero
_LESS: Mapping[str, Callable[[int, int], bool]] = {"_<_": int.__lt__, "_<=_": int.__le__}


class _Reader:
    """`method` is that of every request, empty where that is not known; `places` are the values of parameters."""

    def __init__(self, method: str, places: Mapping[str, str], absent: Absent) -> None:
        self._method = method
        self._places = places
        self._absent = absent
        self._refused = 0

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
        if form == _MISSING:  # neither it nor its contrary is true
            self._refused += 1
            return FAILS
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
                if name == _COMPLETED and name not in own and self._absent(name, "false"):
                    return HOLDS
                return ("name", own.get(name, name))
            case Part(operand, name):
                return self._member(operand, ("literal", 6, name.encode()), own, is_asked=tree.is_asked)
            case Call("_[_]", (operand, Literal(text) as literal)) if text:
                return self._member(operand, self.value(literal, own), own, is_asked=False)
            case Call("@in", (Literal(text) as literal, operand)) if text:
                return self._member(operand, self.value(literal, own), own, is_asked=True)
            case Call("!_" | "_&&_" | "_||_" | "_!=_" as function, operands):
                return self._nested(tree, function, operands, own)
            case Call("@in", (_, Made(_, True)) as operands):
                return self._nested(tree, "@in", operands, own)
            case Call("_==_", operands):
                return _strict([self.value(one, own) for one in operands], _equal)
            case Call("_?_:_", operands):
                return ("call", "_?_:_", *[self.value(one, own) for one in operands])
            case Call(function, operands):
                if function == "size" and self._is_empty(operands, own):
                    return _ZERO
                parts = [self.value(one, own) for one in operands]
                if function in _TURNED:
                    function, parts = _TURNED[function], parts[::-1]
                if function in _LESS and all(one[:2] == _ZERO[:2] and one[2] <= _LARGEST for one in parts):
                    return HOLDS if _LESS[function](parts[0][2], parts[1][2]) else FAILS
                return _strict(parts, lambda found: ("call", function, *found))
            case Made(items):
                return _strict([self.value(one, own) for one in items], lambda found: ("made", tree.is_list, *found))
            case Loop():
                return self._loop(tree, own)

    def _member(self, operand: Tree, name: Form, own: Mapping[str, str], *, is_asked: bool) -> Form:
        """`a.b` and `a["b"]` are the same, as are `has(a.b)` and `"b" in a`."""
        if operand == Name("req_params") and "req_params" not in own:
            place = self._places.get(name[2].decode("utf-8", "replace"))
            if place is not None and "\0" not in place and not is_asked:
                return ("literal", 6, place.encode())
            name = name if place is None else ("place", place)
        variable = operand.name if isinstance(operand, Name) and operand.name not in own else ""
        if variable and name[0] == "literal":
            absent = self._absent(variable, name[2].decode("utf-8", "replace"))
            if absent:
                return FAILS if is_asked else _MISSING
            if absent is None and is_asked:
                return HOLDS
        return _strict([self.value(operand, own)], lambda found: ("member", is_asked, *found, name))

    def _is_empty(self, operands: Sequence[Tree], own: Mapping[str, str]) -> bool:
        variable = operands[0].name if len(operands) == 1 and isinstance(operands[0], Name) else ""
        return bool(variable) and variable not in own and self._absent(variable, "") is True

    def _nested(self, tree: Tree, function: str, operands: Sequence[Tree], own: Mapping[str, str]) -> Form:
        """Of logic whose value goes on elsewhere: there, what cannot be evaluated is not the same as what is false."""
        before = self._refused
        form = self.truth(tree, own)
        if self._refused == before:
            return form
        return ("nested", function, *[self.value(one, own) for one in operands])

    def _loop(self, tree: Loop, own: Mapping[str, str]) -> Form:
        inner = {name: f"{len(own)}.{number}" for number, name in enumerate((*tree.names, tree.folded))}
        within = {**own, **inner}
        parts = [self.value(one, within) for one in (tree.begin, tree.condition, tree.step, tree.result)]
        return _strict([self.value(tree.over, own)], lambda found: ("loop", len(tree.names), *found, *parts))


def _strict(parts: list[Form], make: Callable[[list[Form]], Form]) -> Form:
    return _MISSING if _MISSING in parts else make(parts)


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


def form_of(text: str, method: str, places: Mapping[str, str], absent: Absent = may_be_there) -> Form:
    """The form of an expression that stands in a file."""
    return _Reader(method, places, absent).truth(tree_of(text), {})


def members_read(texts: Iterable[str], variable: str) -> frozenset[str] | None:
    """The members of a variable that expressions read; None: any."""
    found: frozenset[str] = frozenset()
    for text in texts:
        members = compile_expression(text, VARIABLES).reads.get(variable, frozenset())
        if members is None:
            return None
        found |= members
    return found


@lru_cache(1_000)
def tree_of(text: str) -> Tree:
    """The tree of an expression that stands in a file. It compiled when the file was read."""
    return compile_expression(text, VARIABLES).tree


def undecided_checks(checks: Checks, method: str, absent: Absent) -> Checks:
    """The same without expressions that hold for every request."""

    def asked(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if form_of(text, method, {}, absent) != HOLDS)

    return Checks(asked(checks.before), asked(checks.after), asked(checks.claims))


def never_hold(texts: Iterable[str], method: str, absent: Absent) -> bool:
    """Whether for no request all of them hold."""
    return joined([form_of(text, method, {}, absent) for text in texts], is_all=True) == FAILS
