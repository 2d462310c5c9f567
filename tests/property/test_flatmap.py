"""flatmap against an eager model of its tree: everything unfolded, nodes as plain lists, recursion throughout."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config.model import FlatmapOp
from crossgate.pipeline.manipulate import compile_flatmap

labels = st.sampled_from(["a", "b", "c", "0", "1", "*"])
values = st.recursive(
    st.one_of(st.integers(0, 9), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c", "0"]), inner, max_size=3)
    ),
    max_leaves=14,
)
objects = st.dictionaries(st.sampled_from(["a", "b", "c", "0"]), values, max_size=4)
paths = st.lists(labels, min_size=1, max_size=4).map(".".join)
operations = st.one_of(
    st.builds(FlatmapOp, st.sampled_from(["move", "append"]), st.tuples(paths, paths)),
    st.builds(FlatmapOp, st.just("del"), st.lists(paths, max_size=3).map(tuple)),
)


class Tree:
    """A node of the model: `edges` is a list of [label, Tree]."""

    def __init__(self):
        self.value, self.is_list, self.edges = None, False, []

    def flatten(self, value):
        self.is_list = isinstance(value, list)
        if isinstance(value, dict) and value:
            members = value.items()
        elif isinstance(value, list) and value:
            members = ((str(index), item) for index, item in enumerate(value))
        else:
            self.value = value
            return self
        for label, item in members:
            self.put([label], item)
        return self

    def put(self, steps, value):
        if not steps:
            self.flatten(value)
            return
        for label, node in self.edges:
            if label == steps[0]:
                node.put(steps[1:], value)
                return
        self.edges.append([steps[0], Tree()])
        self.edges[-1][1].put(steps[1:], value)

    def get(self, steps):
        if not steps:
            return self.expand()
        if not self.edges:
            return None
        if steps[0] == "*":
            return [node.get(steps[1:]) for _, node in self.edges]
        for label, node in self.edges:
            if label == steps[0]:
                return node.get(steps[1:])
        return None

    def drop(self, steps):
        if steps[0] == "*":
            if len(steps) == 1:
                self.edges = []
            for _, node in self.edges:
                node.drop(steps[1:])
            return
        for position, (label, node) in enumerate(self.edges):
            if label == steps[0]:
                if len(steps) == 1:
                    del self.edges[position]
                else:
                    node.drop(steps[1:])
                return

    def expand(self):
        if not self.edges:
            return copy.deepcopy(self.value)
        if self.is_list:
            return [node.expand() for _, node in self.edges]
        return {label: node.expand() for label, node in self.edges}

    def walk(self, steps, labels=()):
        """All nodes at the end of the steps, with the labels on the way."""
        if not steps:
            return [(self, labels)]
        found = []
        for label, node in self.edges:
            if steps[0] in ("*", label):
                found += node.walk(steps[1:], (*labels, label))
                if steps[0] != "*":
                    break
        return found

    def move(self, source, target):
        taken = []
        for parent, way in self.walk(source[:-1]):
            for edge in parent.edges:
                if edge[0] == source[-1]:
                    if len(source) == len(target):
                        edge[0] = target[-1]
                    else:
                        parent.edges = [other for other in parent.edges if other is not edge]
                        taken.append((parent, way, edge[1]))
                    break
        for parent, way, node in taken:
            embed = len(target) > len(source)
            here = parent if embed else self
            steps = target[len(source) - 1 : -1] if embed else target[:-1]
            for position, step in enumerate(steps):
                wanted = way[position] if step == "*" and not embed else step
                below = next((child for label, child in here.edges if label == wanted), None)
                if below is None and not embed:
                    break
                if below is None:
                    below = Tree()
                    here.edges.append([wanted, below])
                here = below
            here.edges.append([target[-1], node])

    def append(self, source, target):
        first, second = self.get(source), self.get(target)
        if isinstance(first, list) and isinstance(second, list):
            self.put(target, second + first)
            self.drop(source)


def model(data, ops):
    tree = Tree().flatten(data)
    for op in ops:
        args = [arg.split(".") for arg in op.args]
        if op.type == "del":
            for path in args:
                tree.drop(path)
        elif op.type == "move":
            tree.move(*args)
        else:
            tree.append(*args)
    result = tree.expand()
    return result if isinstance(result, dict) else None


@settings(max_examples=1000, deadline=None)
@given(objects, st.lists(operations, max_size=4))
def test_flatmap_does_what_the_eager_model_does(data, ops):
    before = copy.deepcopy(data)
    assert compile_flatmap(ops)(data) == model(data, ops)
    assert data == before
