"""How gin keeps its routes, so far as it matters for which of them it refuses: the yardstick of the route rules.

A port of `tree.go` of gin 1.10 (`addRoute`, `insertChild`, `findWildcard`) without handlers, priorities and look-up.
"""

from dataclasses import dataclass, field


class Panic(Exception):  # noqa: N818 - Go's word
    """What gin panics with."""


@dataclass
class Node:
    path: str = ""
    kind: str = "static"
    children: list["Node"] = field(default_factory=list)
    indices: str = ""
    wild_child: bool = False
    has_handler: bool = False

    def add_child(self, child):
        # A wildcard child stays the last one.
        if self.wild_child and self.children:
            self.children.insert(len(self.children) - 1, child)
        else:
            self.children.append(child)


def add_route(root, path):
    """Register a route. Raises Panic; the tree is then not to be used any more."""
    full_path, node = path, root
    if not node.path and not node.children:
        insert_child(node, path, full_path)
        node.kind = "root"
        return
    while True:
        common = 0
        while common < min(len(path), len(node.path)) and path[common] == node.path[common]:
            common += 1
        if common < len(node.path):
            split = Node(node.path[common:], "static", node.children, node.indices, node.wild_child, node.has_handler)
            node.children, node.indices, node.wild_child = [split], node.path[common], False
            node.path, node.has_handler = path[:common], False
        if common == len(path):
            if node.has_handler:
                raise Panic(f"handlers are already registered for path '{full_path}'")
            node.has_handler = True
            return
        path = path[common:]
        first = path[0]
        if node.kind == "param" and first == "/" and len(node.children) == 1:
            node = node.children[0]
            continue
        if first in node.indices:
            node = node.children[node.indices.index(first)]
            continue
        if first not in ":*" and node.kind != "catchall":
            node.indices += first
            child = Node()
            node.add_child(child)
            node = child
        elif node.wild_child:
            node = node.children[-1]
            same = path.startswith(node.path) and node.kind != "catchall"
            if same and (len(node.path) >= len(path) or path[len(node.path)] == "/"):
                continue
            raise Panic(f"'{path}' in new path '{full_path}' conflicts with existing wildcard '{node.path}'")
        insert_child(node, path, full_path)
        return


def insert_child(node, path, full_path):
    while True:
        wildcard, start, valid = find_wildcard(path)
        if start < 0:
            break
        if not valid:
            raise Panic(f"only one wildcard per path segment is allowed, has: '{wildcard}' in path '{full_path}'")
        if len(wildcard) < 2:
            raise Panic(f"wildcards must be named with a non-empty name in path '{full_path}'")
        if wildcard[0] == "*":
            raise NotImplementedError("KrakenD lets no named catch-all through")
        if start > 0:
            node.path, path = path[:start], path[start:]
        child = Node(wildcard, "param")
        node.add_child(child)
        node.wild_child = True
        node = child
        if len(wildcard) == len(path):
            node.has_handler = True
            return
        path = path[len(wildcard) :]
        child = Node()
        node.add_child(child)
        node = child
    node.path, node.has_handler = path, True


def find_wildcard(path):
    for start, character in enumerate(path):
        if character in ":*":
            end = path.find("/", start)
            wildcard = path[start:] if end < 0 else path[start:end]
            return wildcard, start, not any(sign in wildcard[1:] for sign in ":*")
    return "", -1, False
