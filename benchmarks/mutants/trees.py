"""Configurations as trees, of either version: where their namespaces and keys stand. Knows names; changes nothing."""

from collections.abc import Iterator
from typing import Any

from crossgate.config.namespaces.table import NAMESPACES
from crossgate.config.tables import BACKEND_KEYS, ENDPOINT_KEYS

Tree = dict[str, Any]
_SPACE_NAMES = {space.name: (space.name, *space.old) for space in NAMESPACES}
_KEY_NAMES = {key.name: (key.name, key.old) for table in (ENDPOINT_KEYS, BACKEND_KEYS) for key in table.keys if key.old}


def endpoints(tree: Tree) -> list[Tree]:
    return _objects(tree.get("endpoints"))


def backends(tree: Tree) -> list[Tree]:
    return [each for endpoint in endpoints(tree) for each in backends_of(endpoint)]


def backends_of(endpoint: Tree) -> list[Tree]:
    return _objects(endpoint.get("backend"))


def _objects(value: Any) -> list[Tree]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def owners(tree: Tree) -> list[Tree]:
    """All that may have namespaces."""
    return [tree, *endpoints(tree), *backends(tree)]


def spaces(owner: Tree, name: str) -> Iterator[tuple[Tree, str]]:
    """Where that namespace stands, by whichever of its names: what it stands in, and its key there."""
    extra = owner.get("extra_config")
    if isinstance(extra, dict):
        yield from ((extra, written) for written in _SPACE_NAMES.get(name, (name,)) if written in extra)


def blocks(tree: Tree, name: str) -> list[Tree]:
    """Contents of that namespace, wherever it stands."""
    found = [extra[key] for owner in owners(tree) for extra, key in spaces(owner, name)]
    return [each for each in found if isinstance(each, dict)]


def set_space(tree: Tree, owner: Tree, name: str, value: Any) -> bool:
    """Put a namespace there, under its name in this version; False where it stands there already."""
    if any(spaces(owner, name)):
        return False
    names = _SPACE_NAMES.get(name, (name,))
    written = names[1] if tree.get("version") == 2 and len(names) > 1 else name
    owner.setdefault("extra_config", {})[written] = value
    return True


def key_of(tree: Tree, node: Tree, name: str) -> str:
    """What a key is called in that node, or would be in this version."""
    names = _KEY_NAMES.get(name, (name,))
    return next((each for each in names if each in node), names[-1] if tree.get("version") == 2 else name)


def objects_in(value: Any) -> Iterator[Tree]:
    """All objects in a value, itself first."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from objects_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from objects_in(member)


def service(tree: Tree) -> list[Tree]:
    return [tree]


def with_endpoints(tree: Tree) -> list[Tree]:
    return [tree] if tree.get("endpoints") else []


def with_backends(tree: Tree) -> list[Tree]:
    return [each for each in endpoints(tree) if backends_of(each)]


def merged(tree: Tree) -> list[Tree]:
    return [each for each in endpoints(tree) if len(backends_of(each)) > 1]


def decoded(tree: Tree) -> list[Tree]:
    return [
        backend
        for endpoint in endpoints(tree)
        if (endpoint.get("output_encoding") or tree.get("output_encoding")) != "no-op"
        for backend in backends_of(endpoint)
    ]
