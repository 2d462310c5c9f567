"""Expressions compiled by cel-cpp, Google's own engine, with the variables that are declared.

Knows the engine; does not know where expressions stand or what variables are worth. What the engine bounds: the length
of an expression, its depth (32) and the turns of its loops (10,000 a time); what it does not, `cost.py` does.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crossgate.cel.cost import largest_data, worst_cost
from crossgate.cel.syntax_tree import Literal, Tree, members_read, parse_tree, patterns

MAX_TEXT = 20_000
"""Characters of one expression: the compiler takes 15 ms for as many."""

MIN_DATA = 64
"""An expression that can only be evaluated on less than that (`cost.py`) is refused."""

Declared = Mapping[str, str]
"""Types by the names of variables: `string`, `bool`, `int`, `texts` (an object of texts), `lists` (one of lists of
texts), `data` (one of anything)."""

_FAULT = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")


class ExpressionError(ValueError):
    """An expression that cannot be used. `str()` says why, with the place in it."""


class Expression:
    """One compiled expression. `reads` are the variables it needs, with the members that it needs of objects, or None.

    `is_boolean`: whether it gives one, as far as that is known before it is evaluated.

    `max_size` is the largest size of data (`cost.py`) that it is evaluated on. `patterns` are its regular expressions.
    """

    __slots__ = ("_compiled", "is_boolean", "max_size", "patterns", "reads")

    def __init__(self, compiled: Any, variables: Declared) -> None:
        """Raises ExpressionError where it could take too much time or memory whatever it is evaluated on.

        DEVIATION(DEV-CEL-2): a pattern is no value. The engine writes those that do not compile to standard error, line
        feeds and all; and each would be compiled for one request.
        """
        self._compiled = compiled
        self.is_boolean = compiled.return_type().name() in ("BOOL", "DYN")
        tree = self.tree
        self.reads = {name: members for name, members in members_read(tree).items() if name in variables}
        found = list(patterns(tree))
        self.patterns = [pattern.text.decode() for pattern in found if isinstance(pattern, Literal)]
        if len(self.patterns) < len(found):
            raise ExpressionError("the pattern of `matches` has to be a text that stands in the expression")
        self.max_size = largest_data(worst_cost(tree))
        if self.max_size < MIN_DATA:
            raise ExpressionError("its loops could take too much time and memory")

    @property
    def tree(self) -> Tree:
        """Its tree, read anew each time."""
        return parse_tree(self._compiled.serialize())

    def fault(self, variables: Mapping[str, Any]) -> str:
        """Why it does not hold; empty where it is true. Any variables: it fails where it cannot be evaluated."""
        try:
            found = self._compiled.eval(data=variables)
            value = found.value()
            if value is True:
                return ""
            kind = found.type().name()
        except (RuntimeError, ValueError) as error:  # UnicodeError among them
            return str(error) or "it cannot be evaluated"
        if kind == "ERROR":
            return str(value)
        return "it is false" if value is False else f"it is no boolean but {kind.lower()}"


def compile_expression(text: str, variables: Declared) -> Expression:
    """The expression over these variables. Raises ExpressionError: no CEL, wrong types, or too dear.

    The endpoints of a file often have the same ones: the last few are kept.
    """
    return _compiled(text, tuple(variables.items()))


@lru_cache(maxsize=32)
def _compiled(text: str, variables: tuple[tuple[str, str], ...]) -> Expression:
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"it is longer than {MAX_TEXT} characters")
    try:
        compiled = _environment(variables).compile(text)
    except RuntimeError as error:
        raise ExpressionError(_told(text, str(error))) from None
    return Expression(compiled, dict(variables))


@lru_cache(maxsize=4)
def _environment(variables: tuple[tuple[str, str], ...]) -> Any:
    """The engine with these variables; imported and built when the first expression is compiled."""
    from cel_expr_python import cel

    kinds = cel.Type
    types = {
        "bool": kinds.BOOL,
        "int": kinds.INT,
        "string": kinds.STRING,
        "texts": kinds.Map(kinds.STRING, kinds.STRING),
        "lists": kinds.Map(kinds.STRING, kinds.List(kinds.STRING)),
        "data": kinds.Map(kinds.STRING, kinds.DYN),
    }
    return cel.NewEnv(variables={name: types[kind] for name, kind in variables})


def _told(text: str, reason: str) -> str:
    """The engine's first complaint, with the place where it is."""
    match = _FAULT.search(reason)
    if match is None:
        first = reason.split("\n", maxsplit=1)[0].partition(": ")[2]
        return first.removesuffix(" [CANCELLED]") or "it cannot be compiled"
    line, column, complaint = int(match[1]), int(match[2]), match[3].removesuffix(" [INVALID_ARGUMENT]")
    complaint = complaint.removesuffix(" (in container '')")
    if line < 1 or column < 1:
        return complaint
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :][:20] if line <= len(lines) else ""
    place = f"at character {column}" if len(lines) == 1 else f"in line {line}, at character {column}"
    return f"{place}{f' (`{rest}`)' if rest else ''}: {complaint}"
