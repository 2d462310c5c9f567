"""Endpoints that another file has as well: what was made of them there is taken over, not made again.

Two versions of a file differ in a few places, whatever their size. Knows what comes into an endpoint beside its own
text (settings that it inherits, files, its place); does not know what anything means.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from crossgate.config.decode.context import Context
from crossgate.config.document import BackendNode, Document, EndpointNode, Namespace
from crossgate.config.namespaces.cors import KRAKEND, OWN

_INHERITED = (
    "version",
    "allow_unsupported",
    "disable_rest",
    "timeout_ns",
    "cache_ttl_ns",
    "output_encoding",
    "hosts",
    "environ",
    "is_elsewhere",
    "of_service",
    "preview",
    "closed_by",
    "https_closed_by",
)
"""What endpoints get of a context. CORS is looked at by its text."""


class Alike:
    """Endpoints by how they are written: those of a valid file that depend on nothing but that and the service."""

    def __init__(self, document: Document, context: Context, service: Mapping[str, Namespace]) -> None:
        """`document` has the endpoints; `context` and `service`, its namespaces, are those of the other file."""
        self._nodes: dict[bytes, EndpointNode] = {}
        of_document: Any = document.inherited
        if of_document is None or any(getattr(of_document, name) != getattr(context, name) for name in _INHERITED):
            return
        theirs = document.service.namespaces
        has_same_cors = all(_of(theirs.get(name)) == _of(service.get(name)) for name in (KRAKEND, OWN))
        for node in document.endpoints:
            text = _of(node.raw)
            if text and _stands_alone(node, context) and (has_same_cors or OWN not in node.namespaces):
                self._nodes[text] = node

    def node(self, raw: Mapping[str, Any], path: str, index: int) -> EndpointNode | None:
        """What was made of an endpoint written like this one, as it is at this place; None where there is none.

        What may be said of it short of errors is not said.
        """
        node = self._nodes.get(_of(raw)) if self._nodes else None
        return node if node is None or node.path == path else _moved(node, path, index)


def _of(value: Any) -> bytes:
    """A value as text, which tells true from 1; empty where JSON has no words for it."""
    try:
        return msgspec.json.encode(value.value if isinstance(value, Namespace) else value)
    except (msgspec.MsgspecError, OverflowError, UnicodeError, TypeError, RecursionError):
        return b""


def _stands_alone(node: EndpointNode, context: Context) -> bool:
    if node.reads_files:
        return False
    values = (node.config.components, *[backend.components for backend in node.config.backends])
    return all(context.decoders.standing_alone.issuperset(each) for each in values)


def _moved(node: EndpointNode, path: str, index: int) -> EndpointNode:
    """The same at another place of a file."""
    backends = []
    for backend in node.backends:
        there = path + backend.path.removeprefix(node.path)
        backends.append(replace(backend, path=there, namespaces=_moved_namespaces(backend, there)))
    return replace(
        node,
        path=path,
        namespaces=_moved_namespaces(node, path),
        config=replace(node.config, index=index),
        backends=tuple(backends),
    )


def _moved_namespaces(node: EndpointNode | BackendNode, path: str) -> Mapping[str, Namespace]:
    return {
        name: replace(space, path=path + space.path.removeprefix(node.path)) for name, space in node.namespaces.items()
    }
