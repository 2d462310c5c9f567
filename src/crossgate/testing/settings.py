"""What a file sets its guards, limits, caches and other parts to, in its own words: what no request shows whole.

Knows documents; does not know what becomes of the settings. Policies of CORS and what stands beside requests
(telemetry, documents) are not among them.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.config.document import Document, EndpointNode, Node
from crossgate.config.keys import is_comment
from crossgate.config.model import RouterConfig

SECRET = "(secret)"  # noqa: S105 # it stands in the place of one
_BESIDE = ("telemetry/", "documentation/", "crossgate/log", "crossgate/metrics", "crossgate/drain")
ROUTER = "router"
_OF_LOGS = ("disable_access_log", "logger_skip_paths")
_CORS = ("security/cors", "crossgate/cors")
_SECRETS = frozenset(("client_secret", "password", "secret", "salt", "token", "cypher_key", "secret_url"))
UNSHOWN_KEYS = (
    "allow_insecure_connections",
    "client_tls",
    "dialer_timeout",
    "disable_compression",
    "disable_keep_alives",
    "dns_cache_ttl",
    "expect_continue_timeout",
    "idle_connection_timeout",
    "idle_timeout",
    "max_idle_connections",
    "max_idle_connections_per_host",
    "max_header_bytes",
    "read_header_timeout",
    "read_timeout",
    "response_header_timeout",
    "tls",
    "use_h2c",
    "write_timeout",
)
"""Of the service, what only connections show."""
_SETS = frozenset(
    (
        *("CIDR", "allow", "allowed_hosts", "audience", "deny", "enum", "keys_to_sign", "patterns", "required"),
        *("roles", "scopes", "token_keys", "trusted_proxies"),
    )
)
"""Keys of lists whose order means nothing."""


def service_settings(document: Document) -> dict[str, Any]:
    """Of the service, by namespace, and by root key what connections are made with."""
    node = document.service
    keys = {name: _plain(node.raw[node.keys[name]]) for name in UNSHOWN_KEYS if node.has(name)}
    found = {**keys, **_namespaces(node)}
    found.pop(ROUTER, None)
    router = _not_default(document.config.router)
    return {**found, ROUTER: router} if router else found


def _not_default(router: RouterConfig) -> dict[str, Any]:
    """What the router does otherwise than by itself; the same whether defaults are written or not."""
    found = {}
    for field in dataclasses.fields(router):
        value = getattr(router, field.name)
        default = field.default if field.default is not dataclasses.MISSING else {}
        if value != default and field.name not in _OF_LOGS:
            found[field.name] = value if isinstance(value, bool | str) else json.loads(json.dumps(value))
    return found


def endpoint_settings(node: EndpointNode) -> dict[str, Any]:
    """Of an endpoint, by namespace; of its backends under `backend[0]` and so on."""
    found = _namespaces(node)
    for number, backend in enumerate(node.backends):
        if inner := _namespaces(backend):
            found[f"backend[{number}]"] = inner
    return found


def setting_differences(expected: Any, got: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two of them are not the same: the path, and both sides, None for what is absent."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for name in dict.fromkeys((*expected, *got)):
            yield from setting_differences(expected.get(name), got.get(name), f"{path}.{name}" if path else name)
    elif not _same(expected, got, path.rpartition(".")[2]):
        yield path, expected, got


def _same(expected: Any, got: Any, name: str) -> bool:
    if name in _SETS and isinstance(expected, list) and isinstance(got, list):
        return sorted(map(repr, expected)) == sorted(map(repr, got))
    return type(expected) is type(got) and bool(expected == got)


def _namespaces(node: Node) -> dict[str, Any]:
    return {
        name: _plain(namespace.value, name)
        for name, namespace in sorted(node.namespaces.items())
        if is_of_requests(name)
    }


def is_of_requests(namespace: str) -> bool:
    """Whether what stands there is among the settings: policies of CORS, and what stands beside requests, are not."""
    return not namespace.startswith(_BESIDE) and namespace not in _CORS


def _plain(value: Any, namespace: str = "", name: str = "") -> Any:
    """Without comments, and without what nobody is to read in a second place."""
    if isinstance(value, Mapping):
        if namespace == "auth/basic" and name == "users":
            return dict.fromkeys(value, SECRET)
        return {
            key: SECRET if _is_secret(key, member, namespace) else _plain(member, namespace, key)
            for key, member in value.items()
            if not is_comment(key)
        }
    if isinstance(value, list):
        return [_plain(item, namespace, name) for item in value]
    return value


def _is_secret(name: str, value: Any, namespace: str) -> bool:
    if not isinstance(value, str):
        return False
    return name in _SECRETS or (name == "key" and namespace == "auth/api-keys")
