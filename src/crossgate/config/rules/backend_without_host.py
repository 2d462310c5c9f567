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

from crossgate.config.document import BackendNode, Document, EndpointNode
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
            decides = not backend.config.shadow and _decides(backend, endpoint)
            yield Diagnostic(
                "CFG305",
                Severity.WARNING,
                backend.at("host"),
                "this backend has no host, and the root of the file names none either",
                hint='write "host": ["http://name:port"] here or at the root',
                krakend="starts; each call fails with `no hosts available`"
                + (", and every request gets a 500" if decides else ""),
                cause="no host",
                failing=(endpoint.path,) if decides else (),
            )


def _decides(backend: BackendNode, endpoint: EndpointNode) -> bool:
    """Whether the endpoint fails with this backend: none of the others has a host, or it is the first of a sequence."""
    answering = [other for other in endpoint.backends if not other.config.shadow]
    if endpoint.config.sequential and answering[0] is backend:
        return True
    return not any(other.config.hosts or _needs_no_host(other) for other in answering)


def _needs_no_host(backend: BackendNode) -> bool:
    return any(word in name for name in backend.config.unsupported for word in _NEED_NO_HOST)


RULE = Rule("CFG305", check, __doc__, only_warns=True)
