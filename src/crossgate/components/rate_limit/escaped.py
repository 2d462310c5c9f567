"""What `check` says of limits by address where clients may say which address they have. The page is CFG318.md."""

from collections.abc import Iterator

from crossgate.components.rate_limit.keys import ROUTER, SERVICE
from crossgate.config.document import Document
from crossgate.config.model import RouterConfig
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule
from crossgate.pipeline.addresses import parse_network

_NAMES = (ROUTER, f"{ROUTER}/redis", SERVICE, f"{SERVICE}/redis")


def check(document: Document) -> Iterator[Diagnostic]:
    """At each limit of clients that are told apart by their address."""
    router = document.config.router
    if not _believes_everybody(router):
        return
    for node in (document.service, *document.endpoints):
        for name in _NAMES:
            namespace = node.namespaces.get(name)
            if namespace is None or not isinstance(namespace.value, dict):
                continue
            if namespace.value.get("strategy") != "ip" or not namespace.value.get("client_max_rate"):
                continue
            fields = " or ".join(router.remote_ip_headers)
            yield Diagnostic(
                "CFG318",
                Severity.NOTE,
                namespace.path,
                f"clients escape this limit: whoever sends {fields} chooses the address that is counted",
                hint='list your proxies in "trusted_proxies" of "router"; "127.0.0.1" where there are none',
                krakend="believes everybody, too",
                cause="limit by an address that clients choose",
            )


def _believes_everybody(router: RouterConfig) -> bool:
    if not router.forwarded_by_client_ip or not router.remote_ip_headers:
        return False
    return any(parse_network(proxy).prefixlen == 0 for proxy in router.trusted_proxies)


RULE: Rule[Document] = Rule("CFG318", check, "")
