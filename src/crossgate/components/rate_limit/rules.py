"""What `check` says of limits that count in each gateway where others are shared. The page is CFG317.md."""

from collections.abc import Iterator

from crossgate.components.rate_limit.keys import PROXY, ROUTER, SERVICE
from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule
from crossgate.redis.config import OWN
from crossgate.redis.enterprise import POOLS

_ENTERPRISE_HAS = {ROUTER: "qos/ratelimit/router/redis", SERVICE: "qos/ratelimit/service/redis"}


def check(document: Document) -> Iterator[Diagnostic]:
    """At each limit of a file with a Redis that it is not shared by."""
    service = document.service.namespaces
    if OWN not in service and POOLS not in service:
        return
    own = service[OWN].value if OWN in service else None
    shared = own.get("share", ["limits"]) if isinstance(own, dict) else []
    nodes = [document.service]
    if not isinstance(shared, list) or "limits" not in shared:
        for endpoint in document.endpoints:
            nodes += [endpoint, *endpoint.backends]
    for node in nodes:
        for name in (ROUTER, PROXY, SERVICE):
            namespace = node.namespaces.get(name)
            if namespace is None or not isinstance(namespace.value, dict):
                continue
            if name != SERVICE and own is not None:
                hint = f'add "limits" to "share" of "{OWN}"'
            elif name in _ENTERPRISE_HAS:
                hint = f'write "{_ENTERPRISE_HAS[name]}" to have one limit for all gateways'
            else:
                hint = f'add "{OWN}" to have one limit for all gateways'
            message = "there is a Redis, and this limit counts in each gateway for itself all the same"
            yield Diagnostic("CFG317", Severity.NOTE, namespace.path, message, hint=hint, krakend="does the same")


RULE: Rule[Document] = Rule("CFG317", check, "")
