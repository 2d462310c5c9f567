"""What `check` says of limits by address where clients may say which address they have. The page is CFG318.md."""

from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.components.rate_limit.keys import ROUTER, SERVICE, TIERED
from crossgate.config.document import Document, Node
from crossgate.config.model import RouterConfig
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.path import child
from crossgate.diagnostics.rule import Rule
from crossgate.pipeline.addresses import parse_network

_NAMES = (ROUTER, f"{ROUTER}/redis", SERVICE, f"{SERVICE}/redis")


def check(document: Document) -> Iterator[Diagnostic]:
    """At each limit of clients that are told apart by their address."""
    router = document.config.router
    trust = 'list your proxies in "trusted_proxies" of "router"'
    if document.version == 2:
        trust += ", which files of version 3 have"
    believed = " or ".join(router.remote_ip_headers) if _believes_everybody(router) else ""
    for node in (document.service, *document.endpoints):
        for path, limit in _limits(node):
            key = limit.get("key")
            fields = key if key and isinstance(key, str) else believed
            rate, strategy = limit.get("client_max_rate") or limit.get("clientMaxRate"), limit.get("strategy")
            if not fields or not rate or not isinstance(strategy, str) or strategy.lower() != "ip":
                continue
            hint = f'remove "key", and {trust}' if fields == key else f'{trust}; "127.0.0.1" where there are none'
            yield Diagnostic(
                "CFG318",
                Severity.NOTE,
                path,
                f"clients escape this limit: whoever sends {fields} chooses the address that is counted",
                hint=hint,
                krakend="believes everybody, too",
                cause=f"limit by the address in {fields}, which clients choose",
            )


def _limits(node: Node) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those of a service or an endpoint with their paths, tiers' included."""
    for name in _NAMES:
        namespace = node.namespaces.get(name)
        if namespace is not None and isinstance(namespace.value, dict):
            yield namespace.path, namespace.value
    tiered = node.namespaces.get(TIERED)
    tiers = tiered.value.get("tiers") if tiered is not None and isinstance(tiered.value, dict) else None
    for position, tier in enumerate(tiers if isinstance(tiers, list) else ()):
        for key in ("ratelimit", "ratelimit_redis"):
            if tiered is not None and isinstance(tier, dict) and isinstance(tier.get(key), dict):
                yield child(child(child(tiered.path, "tiers"), position), key), tier[key]


def _believes_everybody(router: RouterConfig) -> bool:
    if not router.forwarded_by_client_ip or not router.remote_ip_headers:
        return False
    return any(parse_network(proxy).prefixlen == 0 for proxy in router.trusted_proxies)


RULE: Rule[Document] = Rule("CFG318", check, "")
