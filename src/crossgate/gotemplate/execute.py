"""Trees and data to text: the statements of a template, walked with a stack of its own.

Templates may call each other 100,000 deep, as in Go, without Python's stack growing. What an expression gives is
`evaluate`'s. Source: Go 1.25 `text/template/exec.go`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crossgate.golang.literals import quote
from crossgate.gotemplate.builtins import printable
from crossgate.gotemplate.errors import GoError, TemplateError
from crossgate.gotemplate.evaluate import Evaluator
from crossgate.gotemplate.functions import Function
from crossgate.gotemplate.nodes import Action, Branch, Call, Leave, List, Node, Text, Tree
from crossgate.gotemplate.output import Rendered, Turn
from crossgate.gotemplate.printing import MAX_TEXT, verb_v
from crossgate.gotemplate.values import INTEGERS, INVALID, Interface, item_box, kind_of, sorted_keys, truth

MAX_DEPTH = 100_000
# DEVIATION(DEV-TMPL-2): Go runs for as long as a template says; ten million statements take about half a minute.
MAX_STEPS = 10_000_000


class _Frame:
    """A list of nodes under way, and what is to be done when it ends."""

    __slots__ = ("dot", "ended", "is_range", "mark", "nodes", "turn")

    def __init__(self, nodes: Iterable[Node], dot: Any, turn: Turn | None, ended: Callable[[], bool] | None) -> None:
        self.nodes: Iterator[Node] = iter(nodes)
        self.dot = dot
        self.turn = turn
        self.ended = ended  # gives whether the frame goes on, with `nodes` and `dot` set anew
        self.is_range = False
        self.mark = 0  # of a range: how many variables there were before it


class Executor:
    """One execution of a template."""

    def __init__(self, trees: Mapping[str, Tree], functions: Mapping[str, Function]) -> None:
        self._trees = trees
        self._out = Rendered()
        self._evaluator = Evaluator(functions)
        self._stack: list[_Frame] = []
        self._depth = 0
        self._steps = 0

    def execute(self, tree: Tree, data: Any) -> Rendered:
        """Run it. Raises TemplateError."""
        evaluator = self._evaluator
        evaluator.enter(tree, data)
        self._stack.append(_Frame(tree.root.nodes, data, None, None))
        try:
            self._run()
        except GoError as error:
            raise evaluator.failure(str(error)) from None
        except RecursionError:
            raise evaluator.failure("a value is nested too deep") from None
        except MemoryError:
            raise evaluator.failure("there is not enough memory") from None
        return self._out

    def _run(self) -> None:
        stack, evaluator, out = self._stack, self._evaluator, self._out
        while stack:
            frame = stack[-1]
            node = next(frame.nodes, None)
            if node is None:
                if frame.ended is None or not frame.ended():
                    stack.pop()
                continue
            evaluator.node = node
            if isinstance(node, Text):
                out.add(node.text, node, frame.turn, None)
            elif isinstance(node, Action):
                evaluator.looked_at = None
                value = evaluator.pipeline(frame.dot, node.pipe)
                if not node.pipe.declared:
                    evaluator.node = node
                    out.add(printable(value), node, frame.turn, evaluator.looked_at)
            elif isinstance(node, Branch):
                if node.keyword == "range":
                    self._range(node, frame)
                else:
                    self._if_or_with(node, frame)
            elif isinstance(node, Call):
                self._call(node, frame)
            elif isinstance(node, Leave):
                self._leave(node.keyword)
            self._count_step()

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise GoError(f"more than {MAX_STEPS} steps")
        if self._out.length > MAX_TEXT:
            raise GoError("the text is larger than 64 MiB")

    def _push(self, nodes: List, dot: Any, turn: Turn | None, ended: Callable[[], bool] | None) -> _Frame:
        frame = _Frame(nodes.nodes, dot, turn, ended)
        self._stack.append(frame)
        return frame

    def _if_or_with(self, node: Branch, frame: _Frame) -> None:
        variables = self._evaluator.variables
        mark = len(variables)
        value = self._evaluator.pipeline(frame.dot, node.pipe)
        is_true = truth(value)
        body = node.body if is_true else node.otherwise
        if body is None:
            del variables[mark:]
            return
        dot = value if is_true and node.keyword == "with" else frame.dot
        self._push(body, dot, frame.turn, lambda: _forget(variables, mark))

    def _range(self, node: Branch, frame: _Frame) -> None:
        evaluator = self._evaluator
        variables = evaluator.variables
        outer_mark = len(variables)
        value = evaluator.pipeline(frame.dot, node.pipe)
        mark = len(variables)
        items = _items(value, len(node.pipe.declared))
        if items is None:
            raise GoError(f"range can't iterate over {verb_v(value)}")
        first = next(items, None)
        if first is None:
            if node.otherwise is None:
                del variables[outer_mark:]
            else:
                self._push(node.otherwise, frame.dot, frame.turn, lambda: _forget(variables, outer_mark))
            return
        body = self._push(node.body, None, frame.turn, None)
        body.is_range, body.mark = True, outer_mark

        def turn(item: tuple[Any, Any]) -> None:
            index, element = item
            evaluator.node = node
            evaluator.set_turn(node.pipe, index, element)
            body.dot = element
            body.turn = Turn(frame.turn, node, index)
            body.nodes = iter(node.body.nodes)

        def ended() -> bool:
            del variables[mark:]
            self._count_step()
            item = next(items, None)
            if item is None:
                del variables[outer_mark:]
                return False
            turn(item)
            return True

        body.ended = ended
        turn(first)

    def _leave(self, keyword: str) -> None:
        """Unwind to the innermost range. The parser has made sure that there is one, in the same template."""
        stack = self._stack
        while not stack[-1].is_range:
            frame = stack.pop()
            if frame.ended is not None:
                frame.ended()
        frame = stack[-1]
        frame.nodes = iter(())
        if keyword == "break":
            stack.pop()
            del self._evaluator.variables[frame.mark :]

    def _call(self, node: Call, frame: _Frame) -> None:
        evaluator = self._evaluator
        tree = self._trees.get(node.name)
        if tree is None:
            raise GoError(f"template {quote(node.name)} not defined")
        if self._depth == MAX_DEPTH:
            raise GoError(f"exceeded maximum template depth ({MAX_DEPTH})")
        dot = INVALID if node.pipe is None else evaluator.pipeline(frame.dot, node.pipe)
        back = evaluator.tree, evaluator.variables
        self._depth += 1

        def ended() -> bool:
            self._depth -= 1
            evaluator.tree, evaluator.variables = back
            return False

        evaluator.enter(tree, dot)
        self._push(tree.root, dot, Turn(frame.turn, node), ended)


def _forget(variables: list[list[Any]], mark: int) -> bool:
    del variables[mark:]
    return False


def _items(value: Any, declared: int) -> Iterator[tuple[Any, Any]] | None:
    """Index and element of each turn; None for what cannot be iterated over. Raises GoError."""
    if isinstance(value, Interface):
        value = value.value
    kind = kind_of(value)
    if kind == "slice":
        box = item_box(value)
        return ((index, box(item)) for index, item in enumerate(list(value)))
    if kind == "map":
        box = item_box(value)
        return ((key, box(value[key])) for key in sorted_keys(value) if key in value)
    if kind in INTEGERS:
        if declared > 1:
            raise GoError(f"can't use {verb_v(value)} to iterate over more than one variable")
        number = type(value)
        return ((INVALID, number(index)) for index in range(value))
    return iter(()) if kind == "invalid" else None


__all__ = ["Executor", "TemplateError"]
