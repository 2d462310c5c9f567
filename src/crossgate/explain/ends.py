"""What else may become of a request that passes here: limits used up, breakers open, backends that fail, and the like.

All that depends on load, time, what came before, or what others answer: one request that is explained meets none of it.
Knows documents as written; does not know requests.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossgate.config.document import BackendNode, Document, EndpointNode, Namespace, Node
from crossgate.diagnostics.path import child
from crossgate.explain.keyed import key_in
from crossgate.explain.token_places import token_guard
from crossgate.plan.stages import is_no_op

_SERVICE, _ROUTER, _PROXY, _KEYS = (
    "qos/ratelimit/service",
    "qos/ratelimit/router",
    "qos/ratelimit/proxy",
    "auth/api-keys",
)
_RATES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    _SERVICE: (
        ("max_rate", "limit.service", " of all clients together"),
        ("client_max_rate", "limit.service-client", " of each client"),
    ),
    _ROUTER: (
        ("max_rate", "limit.total", " of all clients together"),
        ("client_max_rate", "limit.client", " of each client"),
    ),
    _PROXY: (("max_rate", "limit.backend", " of calls to the backend"),),
    _KEYS: (("client_max_rate", "limit.key", " of each key"),),
}
_REDIS = "/redis"
_GENERAL = (
    "request.timeout",
    "request.body-broken",
    "response.not-read",
    "gateway.connections",
    "gateway.not-ready",
    "gateway.failed",
)


@dataclass(frozen=True, slots=True)
class End:
    """One way in which it may end: the reason codes, what it depends on in a clause, and the path of what has a say.

    `is_general`: it may happen to any request, whatever the file says.
    """

    reasons: tuple[str, ...]
    text: str
    path: str = ""
    is_general: bool = False


def possible_ends(node: EndpointNode | None, document: Document) -> Iterator[End]:
    """All of them, those of the service first. `node` is None where no endpoint takes the request."""
    service = document.service
    yield from _limits(service)
    overload = service.namespaces.get("crossgate/overload")
    if overload is not None:
        yield End(("overload.full",), "the gateway is overloaded", overload.path)
    yield from _scripts_and_plugins(service)
    if node is not None:
        yield from _of_endpoint(node, document)
        for backend in node.backends:
            yield from _of_backend(backend, service, is_passed_on=is_no_op(node.config.output_encoding))
        if node.backends:
            place = node.at("timeout") if node.has("timeout") else service.at("timeout")
            yield End(("endpoint.timeout",), "the backends take too long", place)
    yield End(_GENERAL, "the client, its connection or the gateway itself fails", is_general=True)


def _limits(node: Node) -> Iterator[End]:
    for name, rates in _RATES.items():
        for space in (node.namespaces.get(name), node.namespaces.get(name + _REDIS)):
            if space is None or not isinstance(space.value, Mapping):
                continue
            every = space.value.get("every", "second")
            every = f" in {every}" if every not in ("second", "1s") else " per second"
            for key, code, whose in rates:
                path, rate = key_in(space, key)
                if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
                    yield End((code,), f"rate limit of {rate:g}{every}{whose}", path)
            if space.name.endswith(_REDIS) and space.value.get("on_failure_allow") is not True:
                yield End(("limit.unknown",), "Redis does not answer", space.path)
    tiered = node.namespaces.get("qos/ratelimit/tiered")
    if tiered is not None:
        rates = _RATES[_ROUTER if isinstance(node, EndpointNode) else _SERVICE]
        yield End(tuple(code for _, code, _ in rates), "rate limits by tier", tiered.path)


def _of_endpoint(node: EndpointNode, document: Document) -> Iterator[End]:
    yield from _limits(node)
    basic = node.namespaces.get("auth/basic")
    if basic is not None:
        yield End(("basic.too-many",), "too many passwords wait to be checked", basic.path)
    if "jwt" in node.config.components:
        revoker = document.service.namespaces.get("auth/revoker")
        if revoker is not None:
            yield End(("token.revoked",), "the token was revoked", revoker.path)
        guard = token_guard(node, document)
        for issuer in () if guard is None else guard.issuers:
            path, _ = key_in(issuer, "jwk_url")
            if not path:
                continue
            yield End(("token.key",), "the key set cannot be fetched, or lacks the token's key", path)
    signer = node.namespaces.get("auth/signer")
    if signer is not None:
        codes = ("signer.failed", "signer.no-key") if key_in(signer, "jwk_url")[0] else ("signer.failed",)
        yield End(codes, "the response cannot be signed", signer.path)
    yield from _scripts_and_plugins(node)


def _of_backend(node: BackendNode, service: Node, *, is_passed_on: bool) -> Iterator[End]:
    yield from _limits(node)
    breaker = node.namespaces.get("qos/circuit-breaker")
    if breaker is not None:
        _, errors = key_in(breaker, "max_errors")
        text = f"the circuit breaker has opened after {errors} failures of the backend"
        yield End(("breaker.open", "breaker.probing"), text, breaker.path)
    yield from _scripts_and_plugins(node)
    hosts = node.at("host") if node.has("host") else service.at("host")
    overload = service.namespaces.get("crossgate/overload")
    if overload is not None and isinstance(overload.value, Mapping) and overload.value.get("hosts"):
        yield End(("upstream.busy",), "all connections to the host are in use", child(overload.path, "hosts"))
    codes = ["upstream.connect", "upstream.closed", "upstream.malformed", "upstream.timeout"]
    if any(not _is_address(host) for host in node.config.hosts):
        codes.insert(0, "upstream.name")
    if any(host.startswith("https://") for host in node.config.hosts):
        codes.append("upstream.tls")
    if node.config.sd == "dns":
        codes.append("upstream.no-host")
    if not (is_passed_on or is_no_op(node.config.encoding)):
        codes += ["upstream.status", "upstream.undecodable"]
    yield End(tuple(codes), "the backend fails", hosts)


def _scripts_and_plugins(node: Node) -> Iterator[End]:
    """What runs other people's code, and expressions about responses."""
    for name, space in node.namespaces.items():
        if name.startswith("modifier/lua-"):
            yield End(("lua.timeout", "lua.failed"), "the script takes too long, or fails", space.path)
        elif name.startswith("plugin/"):
            yield End(("plugin.failed", "plugin.busy", "plugin.stuck"), "the plugin fails, or is busy", space.path)
        elif name == "validation/cel" and _looks_at_responses(space):
            yield End(("cel.response",), "an expression rejects the response", space.path)


def _looks_at_responses(space: Namespace) -> bool:
    items: Any = space.value
    return isinstance(items, list) and any("resp_" in str(item) for item in items)


def _is_address(host: str) -> bool:
    name = host.partition("://")[2].rpartition(":")[0] or host.partition("://")[2]
    return name.startswith("[") or name.replace(".", "").isdigit()
