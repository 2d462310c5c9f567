"""Backend without a host.

## What it does

Looks for backends that have no `host` where the service has none either.

## Why is this bad?

There is nobody to call: each request fails.

## Example

```json
{"endpoint": "/users", "backend": [{"url_pattern": "/v1/users"}]}
```

## Use instead

```json
{"endpoint": "/users", "backend": [{"host": ["http://users:8080"], "url_pattern": "/v1/users"}]}
```

A `host` list at the root of the file holds for all backends that have none.

## KrakenD

Starts. Each request fails with `no hosts available`, status 500.

## Sources

lura `config/config.go`, `initBackendDefaults`; `sd/loadbalancing.go`.
"""

from collections.abc import Iterator

from crossgate.config.document import BackendNode, Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_NEED_NO_HOST = ("amqp", "pubsub", "lambda")  # in the namespaces of either version


def check(document: Document) -> Iterator[Diagnostic]:
    """At the `host` key, or at the backend where there is none."""
    if "host" in document.service.broken:
        return
    for endpoint in document.endpoints:
        for backend in endpoint.backends:
            if backend.config.hosts or "host" in backend.broken or _needs_no_host(backend):
                continue
            yield Diagnostic(
                "CFG305",
                Severity.WARNING,
                backend.at("host"),
                "the backend has no host, and the file has none at its root",
                hint='write "host": ["http://name:port"], here or at the root',
                krakend="starts; each request fails with `no hosts available`, status 500",
            )


def _needs_no_host(backend: BackendNode) -> bool:
    return any(word in name for name in backend.config.unsupported for word in _NEED_NO_HOST)


RULE = Rule("CFG305", check, __doc__)
