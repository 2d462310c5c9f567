"""Which route of gin's tree takes a path, and when gin recommends the path with its trailing slash turned round.

Text goes before parameters. A walk that led nowhere goes on at the last node where a parameter was passed over, but
not always: where a parameter ends the tree, or only a slash is left, gin gives up. Its answer depends on that and on
where nodes are split, so this is its walk, step by step. Each node passed over is come back to at most once.

Source: gin 1.12 `tree.go`, getValue.
"""

from typing import TypeVar

from crossgate.golang.route_tree import SLASH, Kind, Node

T = TypeVar("T")

Match = tuple[T, list[bytes]]
"""What a route leads to, and the values of its parameters in order."""


def search(root: Node[T], path: bytes) -> tuple[Match[T] | None, bool]:
    """The route of a decoded path; without one, whether gin recommends the path with its trailing slash turned round.

    DEVIATION(DEV-ROUTE-2): `passed` begins empty for every tree.
    """
    node = root
    at = 0  # where the node's path has to begin
    values: list[bytes] = []
    passed: list[tuple[Node[T], int, int]] = []  # nodes whose parameter was passed over, `at` and len(values) by then
    only_wildcard = False  # the node was come back to
    size = len(path)
    while True:
        end = at + len(node.path)
        if end < size and path.startswith(node.path, at):
            text = None if only_wildcard else node.texts.get(path[end])
            wildcard = node.wildcard
            if text is not None:
                if wildcard is not None:
                    passed.append((node, at, len(values)))
                node, at = text, end
                continue
            if wildcard is not None:
                only_wildcard = False
                if wildcard.kind is Kind.CATCH_ALL:
                    values.append(path[end:])
                    return (None if wildcard.target is None else (wildcard.target, values)), False
                at = path.find(b"/", end)
                if at < 0:
                    values.append(path[end:])
                    if wildcard.target is not None:
                        return (wildcard.target, values), False
                    return None, wildcard.is_followed_by_slash()
                values.append(path[end:at])
                follower = wildcard.texts.get(SLASH)
                if follower is None:
                    return None, at + 1 == size
                node = follower
                continue
            if end + 1 == size and path[end] == SLASH:
                return None, node.target is not None
            recommended = False
        else:
            rest = path[at:]
            if rest == node.path:
                if node.target is not None:
                    return (node.target, values), False
                if rest == b"/" and node.kind is Kind.TEXT:
                    return None, True
                recommended = node.has_slash_below()
            elif rest == b"/" or (node.target is not None and node.path == rest + b"/"):
                return None, True
            else:
                recommended = False
        if not passed:
            return None, recommended
        node, at, count = passed.pop()
        del values[count:]
        only_wildcard = True
