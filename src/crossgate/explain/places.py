"""Which line of a configuration decides for which reason: a path into the file for each code. Knows documents.

A code belongs to the component that lists it. The path leads to the key that the reason is about where the file has
it, else to the namespace, else to the endpoint.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crossgate.components.component import Component
from crossgate.config.document import Document, EndpointNode, Namespace, Node
from crossgate.config.model import EndpointConfig
from crossgate.diagnostics.path import child

_KEYS: Mapping[str, tuple[str, ...]] = {
    "key.role": ("roles",),
    "key.unknown": ("keys",),
    "limit.key": ("client_max_rate",),
    "limit.client": ("client_max_rate",),
    "limit.total": ("max_rate",),
    "limit.service-client": ("client_max_rate",),
    "limit.service": ("max_rate",),
    "limit.unnamed": ("strategy", "key"),
    "limit.unknown": ("on_failure_allow", "connection_pool", "connection_name"),
    "limit.backend": ("max_rate",),
    "host.not-answered": ("allowed_hosts",),
    "token.alg": ("alg",),
    "token.issuer": ("issuer",),
    "token.audience": ("audience",),
    "token.key": ("jwk_url", "jwk-url", "jwk_local_path"),
    "token.signature": ("jwk_url", "jwk-url", "jwk_local_path"),
    "token.role": ("roles",),
    "token.scope": ("scopes",),
    "token.claim-unusable": ("propagate_claims",),
    "breaker.open": ("max_errors", "maxErrors"),
}
"""The keys that a reason is about, the first that is there."""
_OF_SERVICE = ("limit.service", "limit.service-client", "host.not-answered", "overload.full")
_OF_BACKENDS = ("limit.backend", "breaker.open", "breaker.probing", "graphql.variables", "token.claim-needed")
_NESTED = ("validator",)
"""Objects within a namespace that may have the key, too."""
_UPSTREAM = "upstream."


def node_of(config: EndpointConfig | None, document: Document) -> EndpointNode | None:
    """An endpoint's object in the file."""
    if config is None:
        return None
    for node in document.endpoints:
        if node.served and node.config.path == config.path and node.config.method == config.method:
            return node
    return None


def owner_of_code(code: str, components: Sequence[Component]) -> Component | None:
    """The component that gives a reason; None where the gateway's core does."""
    return next((one for one in components if any(reason.code == code for reason in one.reasons)), None)


def namespace_of(component: Component, node: EndpointNode | None, document: Document) -> Namespace | None:
    """The nearest namespace of a component that holds for an endpoint."""
    return next((space for _, space in _spaces(component, _nodes(node, document))), None)


def place_of(code: str, component: Component | None, node: EndpointNode | None, document: Document) -> str:
    """The path of what decides; empty where nothing in the file does."""
    if component is None:
        return _core_place(code, node, document)
    nodes = _nodes(node, document)
    if code in _OF_SERVICE:
        nodes = [document.service, *nodes[:-1]]
    elif code in _OF_BACKENDS and node is not None:
        nodes = [*node.backends, *nodes]
    if code == "token.claim-needed" and node is not None:
        found = next((one for one in node.backends if "{JWT." in str(one.config.url_pattern)), None)
        if found is not None:
            return found.at("url_pattern")
    spaces = list(_spaces(component, nodes))
    for key in _KEYS.get(code, ()):
        for _, space in spaces:
            path, _ = key_in(space, key)
            if path:
                return path
    return spaces[0][1].path if spaces else "" if node is None else node.at("endpoint")


def _nodes(node: EndpointNode | None, document: Document) -> list[Node]:
    own: list[Node] = [] if node is None else [node, *node.backends]
    return [*own, document.service]


def _spaces(component: Component, nodes: Sequence[Node]) -> Iterator[tuple[Node, Namespace]]:
    names = [space.name for space in component.namespaces]
    for node in nodes:
        for name in names:
            if name in node.namespaces:
                yield node, node.namespaces[name]


def key_in(space: Namespace, key: str) -> tuple[str, Any]:
    """The path and value of a key in a namespace, however the file writes it; an empty path where it has none.

    Version 2 has `maxRate` or `max-rate` where version 3 has `max_rate`.
    """
    objects = [(space.path, space.value)]
    if isinstance(space.value, Mapping):
        objects += [(child(space.path, name), space.value.get(name)) for name in _NESTED]
    for path, value in objects:
        if isinstance(value, Mapping):
            for name in [key, *(one for one in value if _folded(one) == _folded(key))]:
                if value.get(name) is not None:
                    return child(path, name), value[name]
    return "", None


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _core_place(code: str, node: EndpointNode | None, document: Document) -> str:
    server = document.service.namespaces.get("crossgate/server")
    for known, key in (
        ("request.head-too-large", "max_head_bytes"),
        ("request.head-too-large", "max_header_bytes"),
        ("request.target-too-long", "max_target_bytes"),
        ("request.body-too-large", "max_body_bytes"),
        ("request.timeout", "read_timeout"),
        ("gateway.connections", "max_connections"),
    ):
        if code == known:
            path = key_in(server, key)[0] if server is not None else ""
            path = path or (document.service.at(key) if document.service.has(key) else "")
            if path:
                return path
    if node is None:
        return ""
    if code == "route.not-run":
        return _unsupported(node) or node.at("endpoint")
    if code == "route.only-shadows":
        return next((one.at("shadow") for one in node.backends if one.has("shadow")), node.at("backend"))
    if code in ("path.unsafe-value", "path.invalid-url") and node.backends:
        return node.backends[0].at("url_pattern")
    if code == "endpoint.timeout":
        return node.at("timeout") if node.has("timeout") else node.at("endpoint")
    if code.startswith(_UPSTREAM) and node.backends:
        return node.backends[0].at("host") if node.backends[0].has("host") else document.service.at("host")
    return node.at("endpoint")


def _unsupported(node: EndpointNode) -> str:
    """Where the first guard stands that is not run."""
    places: list[tuple[Node, tuple[str, ...]]] = [(node, node.config.unsupported)]
    places += [(one, one.config.unsupported) for one in node.backends]
    for one, unsupported in places:
        for name in unsupported:
            extra = one.raw.get(one.keys.get("extra_config", "extra_config"))
            if isinstance(extra, Mapping) and name in extra:
                return child(one.at("extra_config"), name)
    return ""
