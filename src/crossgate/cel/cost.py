"""What an expression can cost at worst, as a polynomial in the size of the data it is given.

The engine bounds how often loops turn, and neither the time nor the memory of one turn: `[a].map(x, x + x)`, repeated,
doubles, and a comparison of lists that share their items walks all of them. So before an expression is used its worst
case is added up, and where that depends on the data, data that would make it too dear are refused.

Sizes count a value written out, so that what is shared counts each time: a text one for eight bytes, an item four.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crossgate.cel.syntax_tree import Call, Literal, Loop, Made, Name, Part, Tree

MAX_COST = 8_000_000
"""Of one evaluation: some 100 MB and a fifth of a second at worst."""

UNIT_BYTES = 8
ITEM = 4.0
VALUE = ITEM + 2.0
"""What any value counts, beside its text or its members."""

Poly = tuple[float, ...]
"""Coefficients by power of the data's size."""

_ONE: Poly = (1.0,)
_DATA: Poly = (0.0, 1.0)
_COMPARISONS = frozenset(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_in_", "in"))
_PRODUCTS = frozenset(("contains", "matches"))
_SMALL = frozenset(("size", "int", "uint", "double", "bool", "type", "timestamp", "duration", "startsWith", "endsWith"))
_CHOICES = frozenset(("_?_:_", "_[_]", "dyn", "@not_strictly_false", "__not_strictly_false__"))


@dataclass(frozen=True, slots=True)
class Form:
    """A size that is linear in the sizes of the loop variables in scope, beside what it is of itself."""

    own: Poly = ()
    of: Mapping[str, Poly] | None = None

    def items(self) -> Mapping[str, Poly]:
        """The factor of each variable."""
        return self.of or {}

    def __add__(self, other: "Form") -> "Form":
        if not self.of and not other.of:
            return Form(_sum(self.own, other.own))
        return Form(_sum(self.own, other.own), _merged(self.items(), other.items(), _sum))

    def most(self, other: "Form") -> "Form":
        """What neither is larger than."""
        return Form(_largest(self.own, other.own), _merged(self.items(), other.items(), _largest))

    def times(self, factor: Poly) -> "Form":
        return Form(_product(self.own, factor), {name: _product(poly, factor) for name, poly in self.items().items()})

    def without(self, *names: str) -> "Form":
        return Form(self.own, {name: poly for name, poly in self.items().items() if name not in names})


@dataclass(frozen=True, slots=True)
class Estimate:
    """The size of a value, and what it costs to have it."""

    size: Form
    cost: Form


_UNIT = Form(_ONE)
Bounds = Mapping[str, Poly]


def worst_cost(tree: Tree) -> Poly:
    """The cost of an expression, given data of size x."""
    return _estimate(tree, {}).cost.own


def largest_data(cost: Poly) -> int:
    """The largest size of data with which an evaluation of that cost is let begin; 0 where none is."""
    low, high = 0, MAX_COST
    while low < high:
        middle = (low + high + 1) // 2
        if _at(cost, middle) <= MAX_COST:
            low = middle
        else:
            high = middle - 1
    return low


def _at(cost: Poly, size: int) -> float:
    total = 0.0
    for factor in reversed(cost):
        total = total * size + factor
    return total


def _estimate(tree: Tree, bounds: Bounds) -> Estimate:
    match tree:
        case Literal(text):
            return Estimate(Form((1.0 + len(text) / UNIT_BYTES,)), _UNIT)
        case Name(name):
            return Estimate(Form((), {name: _ONE}) if name in bounds else Form(_DATA), _UNIT)
        case Part(operand, _):
            inner = _estimate(operand, bounds)
            return Estimate(inner.size, inner.cost + _UNIT)
        case Made(items):
            return _made([_estimate(item, bounds) for item in items])
        case Call(function, operands):
            return _call(function, [_estimate(operand, bounds) for operand in operands], bounds)
        case Loop():
            return _loop(tree, bounds)


def _made(items: list[Estimate]) -> Estimate:
    size, cost = Form((ITEM,)), _UNIT
    for item in items:
        size, cost = size + item.size + Form((ITEM,)), cost + item.cost + Form((ITEM,))
    return Estimate(size, cost)


def _call(function: str, operands: list[Estimate], bounds: Bounds) -> Estimate:
    cost, size = _UNIT, Form(_ONE)
    for operand in operands:
        cost, size = cost + operand.cost, size + operand.size
    if function in _PRODUCTS:
        product = _ONE
        for operand in operands:
            product = _product(product, _bound(operand.size, bounds))
        return Estimate(_UNIT, cost + Form(_product(product, (1 / UNIT_BYTES,))))
    if function in _COMPARISONS:
        return Estimate(_UNIT, cost + size)
    if function in _SMALL:
        return Estimate(_UNIT, cost + (size if function == "size" else _UNIT))
    if function in _CHOICES:
        most = Form()
        for operand in operands:
            most = most.most(operand.size)
        return Estimate(most, cost)
    if function in ("_&&_", "_||_", "!_"):
        return Estimate(_UNIT, cost)
    return Estimate(size, cost + size)  # `+`, conversions to texts and bytes, anything else


def _loop(loop: Loop, bounds: Bounds) -> Estimate:
    over, begin = _estimate(loop.over, bounds), _estimate(loop.begin, bounds)
    bound = _bound(over.size, bounds)
    inner = {**bounds, **dict.fromkeys(loop.names, bound), loop.folded: ()}
    step, condition = _estimate(loop.step, inner), _estimate(loop.condition, inner)
    # What one turn adds to what was folded before. No macro has it there twice.
    grown = step.size.without(loop.folded)
    folded = begin.size + _all_turns(grown, over.size, bound, loop.names)
    turn = (step.cost + condition.cost).without(loop.folded)
    cost = over.cost + begin.cost + _all_turns(turn, over.size, bound, loop.names)
    result = _estimate(loop.result, {**bounds, loop.folded: _bound(folded, bounds)})
    size = result.size.without(loop.folded)
    if loop.folded in result.size.items():
        size = size + folded
    return Estimate(size, cost + result.cost.without(loop.folded))


def _all_turns(turn: Form, over: Form, bound: Poly, names: tuple[str, ...]) -> Form:
    """The sum over all turns: what is the same each time as often as there are items, what is an item's share once."""
    own = over.times(_product(turn.own, (1 / ITEM,)))
    shares = Form()
    for name in names:
        if name in turn.items():
            shares = shares + over.times(turn.items()[name])
    times = _product(bound, (1 / ITEM,))
    others = {name: _product(factor, times) for name, factor in turn.without(*names).items().items()}
    return own + shares + Form((), others)


def _bound(form: Form, bounds: Bounds) -> Poly:
    total = form.own
    for name, factor in form.items().items():
        total = _sum(total, _product(factor, bounds.get(name, ())))
    return total


def _merged(one: Mapping[str, Poly], other: Mapping[str, Poly], how: Callable[[Poly, Poly], Poly]) -> dict[str, Poly]:
    return {name: how(one.get(name, ()), other.get(name, ())) for name in {**one, **other}}


def _sum(one: Poly, other: Poly) -> Poly:
    if len(one) < len(other):
        one, other = other, one
    return tuple([a + b for a, b in zip(one, other, strict=False)]) + one[len(other) :]


def _largest(one: Poly, other: Poly) -> Poly:
    if len(one) < len(other):
        one, other = other, one
    return tuple([max(a, b) for a, b in zip(one, other, strict=False)]) + one[len(other) :]


def _product(one: Poly, other: Poly) -> Poly:
    if not one or not other:
        return ()
    out = [0.0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            out[i + j] += a * b
    return tuple(out)
