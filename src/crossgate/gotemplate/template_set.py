"""Templates that know each other by name: parsed one text after the other, executed by name."""

from collections.abc import Mapping
from typing import Any

from crossgate.golang.literals import quote
from crossgate.gotemplate.builtins import BUILTINS
from crossgate.gotemplate.errors import TemplateError
from crossgate.gotemplate.execute import Executor
from crossgate.gotemplate.functions import Function
from crossgate.gotemplate.nodes import Tree
from crossgate.gotemplate.output import Rendered
from crossgate.gotemplate.parser import parse_template


class TemplateSet:
    """`functions` come on top of Go's own and replace those of the same name."""

    def __init__(self, functions: Mapping[str, Function] | None = None) -> None:
        self._functions = {**BUILTINS, **(functions or {})}
        self._trees: dict[str, Tree] = {}

    def parse(self, name: str, text: str, *, file: str = "") -> None:
        """Add a text under a name, and what it defines. A later definition replaces an earlier one of another text,
        unless it is empty. `file` is what errors and origins call it. Raises TemplateError."""
        for defined, tree in parse_template(name, text, self._functions, file=file).items():
            if defined not in self._trees or not tree.is_empty():
                self._trees[defined] = tree

    def execute(self, name: str, data: Any) -> Rendered:
        """Render a template with data as its dot. Raises TemplateError. Bounded in steps, depth and size."""
        tree = self._trees.get(name)
        if tree is None:
            reason = f"no template {quote(name)}"
            raise TemplateError(f"template: {reason}", file=name, line=1, column=1, reason=reason)
        return Executor(self._trees, self._functions).execute(tree, data)
