"""Where in a configuration stands what decided about a request: its endpoint, a gate's namespace, a CORS key.

Knows documents and what was noted of a request; does not know tests.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from crossgate.cli.cors_where import find_key, sources_of
from crossgate.components.component import Component
from crossgate.config.document import Document, EndpointNode
from crossgate.cors.decision import Reason
from crossgate.diagnostics import Span
from crossgate.explain.places import node_of
from crossgate.plan import Plan
from crossgate.testing.answered import Answered


class Locate(Protocol):
    """Where a path of the configuration was written."""

    def __call__(self, path: str, /, *, on_key: bool = False) -> Span:
        """Its nearest part that is there."""


_KEYS: Mapping[str, str] = {
    Reason.ORIGIN_NOT_LISTED: "allow_origins",
    Reason.ORIGIN_LISTED: "allow_origins",
    Reason.ORIGIN_MATCHES_PATTERN: "allow_origins",
    Reason.ANY_ORIGIN: "allow_origins",
    Reason.METHOD_NOT_LISTED: "allow_methods",
    Reason.HEADER_NOT_LISTED: "allow_headers",
}


def places_of(
    answered: Answered,
    document: Document | None,
    locate: Locate,
    plan: Plan,
    components: Sequence[Component],
    *,
    cors: bool,
) -> list[tuple[str, Span]]:
    """What decided, in a few words each, and where it stands; the most telling first."""
    if document is None:
        return []
    node = None if answered.endpoint is None else node_of(plan.endpoints[answered.endpoint].config, document)
    found: list[tuple[str, Span]] = []
    if answered.refused_by:
        names = [
            space.name
            for component in components
            if component.name == answered.refused_by
            for space in component.namespaces
        ]
        for owner in (node, document.service):
            spaces = owner.namespaces if owner is not None else {}
            path = next((spaces[name].path for name in names if name in spaces), None)
            if path is not None:
                found.append((f"refused by {answered.refused_by}", locate(path, on_key=True)))
                break
    decision = answered.decision
    if cors and decision is not None:
        path = cors_place(decision.reason, node, document)
        if path:
            found.append((f"CORS: {decision.reason}", locate(path, on_key=True)))
    if node is not None:
        found.append((f"endpoint {node.config.method} {node.config.path}", locate(node.at("endpoint"))))
    return found


def cors_place(reason: str, node: EndpointNode | None, document: Document) -> str:
    """The path of what decides about CORS, by the decision's reason; empty where the file says nothing about CORS."""
    key = _KEYS.get(reason)
    if key is not None:
        return find_key(document, node, key).path
    sources = sources_of(document, node)
    return sources[0].path if sources else ""


def endpoint_place(number: int, document: Document | None, locate: Locate, plan: Plan) -> Span | None:
    """Where the endpoint of that number in the plan stands."""
    node = None if document is None else node_of(plan.endpoints[number].config, document)
    return None if node is None else locate(node.at("endpoint"))
