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
from crossgate.config.namespaces.cors import KRAKEND, OWN, decode_endpoint_cors

_INHERITED = (
    "version",
    "allow_unsupported",
    "disable_rest",
    "output_encoding",
    "environ",
    "is_elsewhere",
    "of_service",
    "preview",
    "closed_by",
    "https_closed_by",
)
"""What endpoints get of a context and are made of. CORS is looked at by its text."""
_TIMES = {"timeout": "timeout_ns", "cache_ttl": "cache_ttl_ns"}
"""What they get of a context where they say nothing themselves, and what only stands beside the rest."""


class Alike:
    """Endpoints by how they are written: those of a valid file that depend on nothing but that and the service."""

    def __init__(self, document: Document, context: Context, service: Mapping[str, Namespace]) -> None:
        """`document` has the endpoints; `context` and `service`, its namespaces, are those of the other file."""
        self._nodes: dict[bytes, EndpointNode] = {}
        self._now = context
        of_document: Any = document.inherited
        if of_document is None or any(getattr(of_document, name) != getattr(context, name) for name in _INHERITED):
            return
        self._was: Context = of_document
        theirs = document.service.namespaces
        self._has_same_cors = all(_of(theirs.get(name)) == _of(service.get(name)) for name in (KRAKEND, OWN))
        self._times = {
            name: inherited
            for name, inherited in _TIMES.items()
            if getattr(of_document, inherited) != getattr(context, inherited)
        }
        self._has_other_hosts = of_document.hosts != context.hosts
        if self._has_other_hosts and context.https_closed_by:  # which asks whether a host is one of https
            return
        for node in document.endpoints:
            text = _of(node.raw)
            if text and _stands_alone(node, context) and self._is_clear(node):
                self._nodes[text] = node

    def _is_clear(self, node: EndpointNode) -> bool:
        """Whether what it inherits and is another now can be told from what it says itself."""
        if self._has_other_hosts and any(
            "host" in each.keys and each.config.hosts == self._was.hosts for each in node.backends
        ):
            return False
        return not any(name in node.keys and self._inherits(node, name) for name in self._times)

    def _inherits(self, node: EndpointNode, name: str) -> bool:
        return bool(getattr(node.config, f"{name}_seconds") == getattr(self._was, self._times[name]) / 1e9)

    def node(self, raw: Mapping[str, Any], path: str, index: int) -> EndpointNode | None:
        """What was made of an endpoint written like this one, as it is at this place; None where there is none.

        What may be said of it short of errors is not said.
        """
        node = self._nodes.get(_of(raw)) if self._nodes else None
        if node is None:
            return None
        return self._inheriting(node if node.path == path else _moved(node, path, index))

    def _inheriting(self, node: EndpointNode) -> EndpointNode:
        """The same with what it gets of the other file's service."""
        changes: dict[str, Any] = {
            f"{name}_seconds": getattr(self._now, inherited) / 1e9
            for name, inherited in self._times.items()
            if self._inherits(node, name)
        }
        if not self._has_same_cors and OWN in node.namespaces and self._now.cors is not None:
            changes["cors"] = decode_endpoint_cors(self._now.cors, node.namespaces[OWN], self._now.report)
        if self._has_other_hosts:
            backends = tuple(
                each if "host" in each.keys else replace(each, config=replace(each.config, hosts=self._now.hosts))
                for each in node.backends
            )
            changes["backends"] = tuple([each.config for each in backends])
            node = replace(node, backends=backends)
        return replace(node, config=replace(node.config, **changes)) if changes else node


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
