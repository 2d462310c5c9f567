"""The tree that flatmap operations work on: data unfolded into labelled edges, only where an operation looks.

An edge's label is an object's key or a list's index as text. Labels may occur twice in a node after a move; the later
one counts when the node is folded back into an object. A node that is not unfolded still is the very value it was made
of, so that neither depth nor size of data nobody touches costs anything. Source: krakend/flatmap 1.2 `tree/node.go`.
"""

from collections.abc import Sequence
from typing import Any

WILDCARD = "*"


class Edge:
    """A label and the node it leads to."""

    __slots__ = ("label", "node")

    def __init__(self, label: str, node: "Node") -> None:
        self.label = label
        self.node = node


class Node:
    """A value; once unfolded, a list of edges. `value` counts where there are no edges (left)."""

    __slots__ = ("_edges", "_first", "_is_list", "_value")

    def __init__(self, value: Any) -> None:
        self._value = value
        self._edges: list[Edge] | None = None  # None: not unfolded
        self._first: dict[str, Edge] | None = None  # the first edge of each label, while that is known
        self._is_list = False

    @classmethod
    def empty(cls) -> "Node":
        """A node on the way to one that is to be added."""
        return cls(None)

    def edges(self) -> list[Edge]:
        """The edges, in order. Unfolds the node."""
        edges = self._edges
        if edges is None:
            value = self._value
            self._is_list = type(value) is list
            if value and type(value) is dict:
                edges = [Edge(key, Node(item)) for key, item in value.items()]
                self._value = None
            elif value and type(value) is list:
                edges = [Edge(str(index), Node(item)) for index, item in enumerate(value)]
                self._value = None
            else:
                edges = []
            self._edges = edges
        return edges

    def find(self, label: str) -> Edge | None:
        """The first edge of that label."""
        first = self._first
        if first is None:
            first = self._first = {edge.label: edge for edge in reversed(self.edges())}
        return first.get(label)

    def add(self, label: str, node: "Node") -> "Node":
        """Append an edge, whatever else has its label."""
        edge = Edge(label, node)
        self.edges().append(edge)
        if self._first is not None:
            self._first.setdefault(label, edge)
        return node

    def remove(self, edge: Edge) -> None:
        """Drop one edge."""
        self.edges().remove(edge)
        self._first = None

    def relabel(self, edge: Edge, label: str) -> None:
        """Rename one edge in its place."""
        edge.label = label
        self._first = None

    def clear(self) -> None:
        """Drop all edges."""
        self.edges().clear()
        self._first = None

    def get(self, path: Sequence[str]) -> Any:
        """The folded value at a path; a wildcard gives the list of what is found behind each edge, None included."""
        for position, step in enumerate(path):
            if step == WILDCARD and self.edges():
                return [edge.node.get(path[position + 1 :]) for edge in self.edges()]
            edge = self.find(step)
            if edge is None:
                return None
            self = edge.node  # noqa: PLW0642 # walking down
        return self.value_of()

    def merge(self, value: Any) -> None:
        """Lay a value over the node: its members replace those of the same label, others stay."""
        todo: list[tuple[Node, Any]] = [(self, value)]
        while todo:
            node, item = todo.pop()
            todo.extend(node.lay(item))

    def lay(self, item: Any) -> list[tuple["Node", Any]]:
        """Lay a value over this node alone; what is left to do below it."""
        if self._edges is None and self._value is item:
            return []
        self.edges()
        self._is_list = type(item) is list
        if item and type(item) is dict:
            members = list(item.items())
        elif item and type(item) is list:
            members = [(str(index), member) for index, member in enumerate(item)]
        else:
            self._value = item
            return []
        below: list[tuple[Node, Any]] = []
        for label, member in members:
            known = self.find(label)
            if known is None:
                self.add(label, Node(member))
            else:
                below.append((known.node, member))
        return below

    def value_of(self) -> Any:
        """The node folded back into a value. Recurses only as deep as operations have looked."""
        edges = self._edges
        if not edges:
            return self._value
        if self._is_list:
            return [edge.node.value_of() for edge in edges]
        return {edge.label: edge.node.value_of() for edge in edges}
