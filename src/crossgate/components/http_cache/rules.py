"""What `check` says of caches that do nothing, or not what is written. The page is `diagnostics/pages/CFG315.md`."""

from collections.abc import Iterator

from crossgate.components.http_cache.config import NAME
from crossgate.config.document import BackendNode, Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.path import child
from crossgate.diagnostics.rule import Rule

_KRAKEND = "does the same silently"


def check(document: Document) -> Iterator[Diagnostic]:
    """At the backend's namespace, or at the bound that stands alone."""
    for endpoint in document.endpoints:
        for backend in endpoint.backends:
            yield from _of_backend(backend)


def _of_backend(backend: BackendNode) -> Iterator[Diagnostic]:
    namespace = backend.namespaces.get(NAME)
    if namespace is None or "method" in backend.broken:
        return
    method = backend.config.method
    if method not in ("GET", "HEAD"):
        message = f"nothing is kept of this backend: it is called with {method}"
        hint = 'remove the cache, or write "method": "GET" if that will do'
        yield Diagnostic("CFG315", Severity.WARNING, namespace.path, message, hint=hint, krakend=_KRAKEND)
    bounds = namespace.value if isinstance(namespace.value, dict) else {}
    for name, other in (("max_items", "max_size"), ("max_size", "max_items")):
        if bounds.get(name) and not bounds.get(other):
            path = child(namespace.path, name)
            message, hint = f'"{name}" is ignored without "{other}"', f'write "{other}", too'
            yield Diagnostic("CFG315", Severity.WARNING, path, message, hint=hint, krakend=_KRAKEND)


RULE: Rule[Document] = Rule("CFG315", check, "")
