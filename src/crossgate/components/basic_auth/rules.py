"""What `check` says of endpoints that the plugin `basic-auth` is to guard and that are not there.

The page is `diagnostics/pages/CFG406.md`.
"""

from collections.abc import Iterator

from crossgate.components.basic_auth.config import PLUGIN, PLUGINS, ServiceUsers
from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.path import child
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the path that no endpoint has: the one that was meant would be open."""
    said: ServiceUsers | None = document.config.components.get("basic_auth")
    namespace = document.service.namespaces.get(PLUGINS)
    if said is None or said.everywhere is None or namespace is None:
        return
    known = {endpoint.config.path for endpoint in document.endpoints} | {"*"}
    paths = child(child(namespace.path, PLUGIN), "endpoints")
    for position, written in enumerate(namespace.value[PLUGIN].get("endpoints") or ()):
        if written not in known:
            message = f'"{written}" is to be guarded, and no endpoint has that path'
            hint = "write it as the endpoint does, with its {placeholders}"
            path = child(paths, position)
            yield Diagnostic("CFG406", Severity.ERROR, path, message, hint=hint, krakend="guards nothing there")


RULE: Rule[Document] = Rule("CFG406", check, "")
