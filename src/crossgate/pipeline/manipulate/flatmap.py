"""`flatmap_filter`: the operations move, del and append, in order. Source: krakend/flatmap 1.2 `tree/tree.go`.

Knows what the operations do; the tree they work on stands in `flatmap_tree.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from crossgate.config.model import FlatmapOp
from crossgate.pipeline.manipulate.flatmap_tree import WILDCARD, Edge, Node

Path = tuple[str, ...]


def compile_operations(ops: Sequence[FlatmapOp]) -> Callable[[dict[str, Any] | None], dict[str, Any] | None]:
    """The operations as one function. None comes out where no data is left, and where none went in.

    DEVIATION(DEV-DATA-10): operations without the arguments they need do nothing; KrakenD panics on them when a
    request comes.
    """
    steps = [(op.type, tuple(tuple(arg.split(".")) for arg in op.args)) for op in ops]

    def operate(data: dict[str, Any] | None) -> dict[str, Any] | None:
        if data is None:
            return None
        root = Node(data)
        for kind, paths in steps:
            if kind == "del":
                for path in paths:
                    _delete(root, path)
            elif len(paths) >= 2:
                (_move if kind == "move" else _append)(root, paths[0], paths[1])
        result = root.value_of()
        return result if type(result) is dict else None

    return operate


def _delete(root: Node, path: Path) -> None:
    """Drop all matches of the path. A container that loses its last member becomes null."""
    for node in _matches(root, path[:-1]):
        if path[-1] == WILDCARD:
            node.clear()
        else:
            edge = node.find(path[-1])
            if edge is not None:
                node.remove(edge)


def _matches(root: Node, path: Path) -> list[Node]:
    return [node for node, _ in _matches_with_labels(root, path)]


def _matches_with_labels(root: Node, path: Path) -> list[tuple[Node, Path]]:
    """The nodes at the end of the path with the labels that led there. Of equal labels the first counts."""
    found: list[tuple[Node, Path]] = [(root, ())]
    for step in path:
        below: list[tuple[Node, Path]] = []
        for node, labels in found:
            if step == WILDCARD:
                below.extend([(edge.node, (*labels, edge.label)) for edge in node.edges()])
            else:
                edge = node.find(step)
                if edge is not None:
                    below.append((edge.node, (*labels, step)))
        found = below
    return found


def _move(root: Node, source: Path, target: Path) -> None:
    """Rename, embed or promote, by the lengths of the two paths. The last step of the source is never a wildcard."""
    parents = _matches_with_labels(root, source[:-1])
    taken: list[tuple[Node, Path, Edge]] = []
    for parent, labels in parents:
        edge = parent.find(source[-1])
        if edge is None:
            continue
        if len(source) == len(target):
            parent.relabel(edge, target[-1])
            continue
        parent.remove(edge)
        taken.append((parent, labels, edge))
    if len(target) > len(source):
        for parent, _, edge in taken:
            _embed(parent, edge, target[len(source) - 1 :])
    else:
        for _, labels, edge in taken:
            _promote(root, edge, labels, target)


def _embed(parent: Node, edge: Edge, path: Path) -> None:
    """Put the edge further down from where it was, through nodes that are made as needed."""
    here = parent
    for step in path[:-1]:
        known = here.find(step)
        here = known.node if known is not None else here.add(step, Node.empty())
    here.add(path[-1], edge.node)


def _promote(root: Node, edge: Edge, labels: Path, target: Path) -> None:
    """Put the edge further up: under the target's parent, or as near to it as there is a node.

    DEVIATION(DEV-DATA-4): a wildcard takes the label that its place matched, at any depth; KrakenD mixes up the
    labels from the fourth step on, where two paths come to share memory.
    """
    here = root
    for position, step in enumerate(target[:-1]):
        known = here.find(labels[position] if step == WILDCARD else step)
        if known is None:
            break
        here = known.node
    here.add(target[-1], edge.node)


def _append(root: Node, source: Path, target: Path) -> None:
    """Add the source list's items to the target list and drop the source; nothing where one of them is no list."""
    items = root.get(source)
    existing = root.get(target)
    if type(items) is not list or type(existing) is not list:
        return
    here = root
    for step in target:
        known = here.find(step)
        here = known.node if known is not None else here.add(step, Node.empty())
    here.merge([*existing, *items])
    _delete(root, source)
