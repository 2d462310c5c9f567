"""Which line of a configuration decides for which reason: a path into the file for each code. Knows documents.

A code belongs to the component that lists it. The path leads to the key that the reason is about where the file has
it, else to the namespace, else to the endpoint. Of a component at several places, it is the one that refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from crossgate.components.component import Component
from crossgate.config.document import BackendNode, Document, EndpointNode, Namespace, Node
from crossgate.config.model import EndpointConfig
from crossgate.config.url_paths import backend_placeholders
from crossgate.diagnostics.path import child
from crossgate.explain.keyed import key_in
from crossgate.explain.token_places import token_guard, token_place
from crossgate.testing.tokens import COMPONENT as TOKENS
from crossgate.testing.watched import Stood

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
_OF_ENDPOINT = ("limit.client", "limit.total", "limit.key")
_OF_BACKENDS = ("limit.backend", "breaker.open", "breaker.probing", "graphql.variables", "cache.only-if-cached")
_SERVICE_HAS = {"key.unknown": ("keys",)}
"""What endpoints ask for and the service lists."""
_ON_SERVER = {
    "request.target-too-long": ("max_target_bytes",),
    "request.body-too-large": ("max_body_bytes",),
    "request.timeout": ("read_timeout", "read_header_timeout"),
    "gateway.connections": ("max_connections",),
    "request.head-too-large": ("max_head_bytes", "max_header_bytes", "max_headers"),
}
_HEAD, _HEAD_BYTES, _HEAD_FIELDS = "request.head-too-large", ("max_head_bytes", "max_header_bytes"), ("max_headers",)
_HOOKS: Mapping[str, tuple[str, ...]] = {
    "modifier/lua-endpoint": ("gate",),
    "modifier/lua-proxy": ("around_endpoint",),
    "plugin/http-server": ("front",),
    "plugin/http-client": ("around_send",),
    "plugin/req-resp-modifier": ("around_merged", "around_call"),
}
"""By which method of Part what a namespace asks for joins, where a component has several at one object."""
_BASIC_PLUGIN, _FRONT = "basic-auth", "plugin/http-server"
_REVOKERS = ("auth/revoker", "crossgate/revoker")
_UPSTREAM = "upstream."


@dataclass(frozen=True, slots=True)
class Refused:
    """What is known of a refusal beside its code. `node` is its endpoint, `stood` where the component stands that
    refused, if that is known. `claims` are those of the token, as far as it is at hand, and `has_long_head` is True
    where a head has too many bytes, False where too many fields, None where nobody knows.
    """

    code: str
    node: EndpointNode | None
    stood: Stood | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    has_long_head: bool | None = None


def node_of(config: EndpointConfig | None, document: Document) -> EndpointNode | None:
    """An endpoint's object in the file."""
    if config is None:
        return None
    there = document.endpoints[config.index : config.index + 1]  # it is the place but where some are no objects
    for node in chain(there, document.endpoints):
        if node.served and node.config.path == config.path and node.config.method == config.method:
            return node
    return None


def owner_of_code(code: str, components: Sequence[Component]) -> Component | None:
    """The component that gives a reason; None where the gateway's core does."""
    return next((one for one in components if any(reason.code == code for reason in one.reasons)), None)


def namespace_of(
    component: Component, node: EndpointNode | None, document: Document, refused: Refused | None = None
) -> Namespace | None:
    """The namespace of a component that refused, or else the nearest that holds for an endpoint."""
    if component.name == TOKENS and node is not None:
        guard = token_guard(node, document)
        return None if guard is None else guard.validator
    nodes = _nodes(node, document) if refused is None else _deciding(component, refused, document)
    return next((space for _, space in _spaces(component, nodes, refused)), None)


def place_of(component: Component | None, refused: Refused, document: Document) -> str:
    """The path of what decides; empty where nothing in the file does."""
    node, code = refused.node, refused.code
    if component is None:
        return _core_place(refused, document)
    if component.name == TOKENS and node is not None:
        return _token_place(refused, node, document)
    stood = refused.stood
    if code.startswith("basic.") and stood is not None and stood.position == 0:
        path = _users_of_plugin(node, document)
        if path:
            return path
    spaces = list(_spaces(component, _deciding(component, refused, document), refused))
    if code == "limit.unnamed":
        spaces = [one for one in spaces if key_in(one[1], "client_max_rate")[0]] or spaces
    for key in _KEYS.get(code, ()):
        for _, space in spaces:
            path, _ = key_in(space, key)
            if path:
                return path
    for key in _SERVICE_HAS.get(code, ()):
        for _, space in _spaces(component, [document.service]):
            path, _ = key_in(space, key)
            if path:
                return path
    return spaces[0][1].path if spaces else "" if node is None else node.at("endpoint")


def _token_place(refused: Refused, node: EndpointNode, document: Document) -> str:
    code, guard = refused.code, token_guard(node, document)
    if guard is None:
        return node.at("endpoint")
    if code == "token.revoked":
        spaces = document.service.namespaces
        return next((spaces[name].path for name in _REVOKERS if name in spaces), guard.validator.path)
    if code == "token.claim-needed":
        return _backend_that_needs(node, refused.claims).at("url_pattern") if node.backends else node.at("endpoint")
    return token_place(code, guard, _KEYS.get(code, ()), refused.claims)


def _backend_that_needs(node: EndpointNode, claims: Mapping[str, Any]) -> BackendNode:
    """The first whose path has a claim that the token lacks, as far as that is known."""
    needing = [
        (one, name.removeprefix("JWT."))
        for one in node.backends
        for name in backend_placeholders(one.config.url_pattern)
        if name.startswith("JWT.")
    ]
    lacking = [one for one, name in needing if name not in claims]
    return next(iter(lacking), needing[0][0] if needing else node.backends[0])


def _users_of_plugin(node: EndpointNode | None, document: Document) -> str:
    """KrakenD's plugin for passwords, whose users are asked for before the endpoint's own; empty where it is not there
    or not asked for this endpoint."""
    front = document.service.namespaces.get(_FRONT)
    block = None if front is None else front.value.get(_BASIC_PLUGIN) if isinstance(front.value, Mapping) else None
    if front is None or node is None or not isinstance(block, Mapping):
        return ""
    paths = block.get("endpoints") or ["*"]
    is_asked = isinstance(paths, list) and ("*" in paths or node.raw.get("endpoint") in paths)
    return child(front.path, _BASIC_PLUGIN) if is_asked else ""


def _deciding(component: Component, refused: Refused, document: Document) -> list[Node]:
    """The objects one of which decides, the likeliest first; one alone where it is known."""
    node, stood, code = refused.node, refused.stood, refused.code
    if stood is not None and stood.component == component.name:
        if stood.level == "service" or node is None:
            return [document.service]
        if stood.level == "endpoint":
            return [node]
        return [one for one in node.backends if one.config.index == stood.backend]
    if code in _OF_SERVICE:
        return [document.service]
    if node is not None and code in _OF_ENDPOINT:
        return [node]
    if node is not None and code in _OF_BACKENDS:
        return list(node.backends)
    return _nodes(node, document)


def _nodes(node: EndpointNode | None, document: Document) -> list[Node]:
    own: list[Node] = [] if node is None else [node, *node.backends]
    return [*own, document.service]


def _spaces(
    component: Component, nodes: Sequence[Node], refused: Refused | None = None
) -> Iterator[tuple[Node, Namespace]]:
    names = [space.name for space in component.namespaces]
    stood = None if refused is None else refused.stood
    if stood is not None and stood.component == component.name:
        names = [name for name in names if stood.hook in _HOOKS.get(name, (stood.hook,))]
    for node in nodes:
        for name in names:
            if name in node.namespaces:
                yield node, node.namespaces[name]


def _core_place(refused: Refused, document: Document) -> str:
    node, code = refused.node, refused.code
    if code in _ON_SERVER:
        return _on_server(refused, document)
    if node is None:
        return ""
    if code == "route.not-run":
        return _unsupported(node) or node.at("endpoint")
    if code == "route.only-shadows":
        return next((one.at("shadow") for one in node.backends if one.has("shadow")), node.at("backend"))
    if code in ("path.unsafe-value", "path.invalid-url") and node.backends:
        with_values = (one for one in node.backends if backend_placeholders(one.config.url_pattern))
        return next(with_values, node.backends[0]).at("url_pattern")
    if code == "endpoint.timeout":
        return node.at("timeout") if node.has("timeout") else node.at("endpoint")
    if code.startswith(_UPSTREAM) and node.backends:
        return node.backends[0].at("host") if node.backends[0].has("host") else document.service.at("host")
    return node.at("endpoint")


def _on_server(refused: Refused, document: Document) -> str:
    """The service's limit that was exceeded; empty where the file leaves it at its default."""
    keys = _ON_SERVER[refused.code]
    if refused.code == _HEAD and refused.has_long_head is not None:
        keys = _HEAD_BYTES if refused.has_long_head else _HEAD_FIELDS
    server = document.service.namespaces.get("crossgate/server")
    found = []
    for key in keys:
        path = key_in(server, key)[0] if server is not None else ""
        path = path or (document.service.at(key) if document.service.has(key) else "")
        found += [path] if path else []
    if refused.code == _HEAD and refused.has_long_head is None and len(found) > 1 and server is not None:
        return server.path  # a log does not say which of them it was
    return found[0] if found else ""


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
