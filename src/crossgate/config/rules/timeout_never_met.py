"""Timeout that cannot be met.

## What it does

Looks for endpoint timeouts, their own or the service's, that are negative or below a millisecond, and for endpoint
timeouts longer than the service's `write_timeout`.

## Why is this bad?

With too short a timeout every request fails. The usual cause is a number without a unit, which counts nanoseconds. With
a `write_timeout` below it, the connection is closed before the endpoint has used its time, and the client gets no
answer at all.

## Example

```json
{"timeout": "-2s", "write_timeout": "1s"}
```

## Use instead

```json
{"timeout": "2s", "write_timeout": "5s"}
```

## KrakenD

Starts. Each request fails with `context deadline exceeded`, status 500; or the connection is closed.

## Sources

lura `config/config.go`, `initEndpointDefaults`; net/http `Server.WriteTimeout`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document, Node
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

SHORTEST_SECONDS = 0.001


def check(document: Document) -> Iterator[Diagnostic]:
    """At the timeout. The service's is reported once, not at each endpoint that inherits it."""
    write_timeout = document.config.limits.write_timeout_seconds if document.service.has("write_timeout") else 0.0
    reported: set[str] = set()
    for endpoint in document.endpoints:
        owner: Node = endpoint if endpoint.has("timeout") else document.service
        if "timeout" in owner.broken or owner.path in reported:
            continue
        timeout = endpoint.config.timeout_seconds
        found = _why_never(timeout, write_timeout)
        if found and owner.has("timeout"):
            reported.add(owner.path)
            message, hint, krakend = found
            yield Diagnostic("CFG307", Severity.WARNING, owner.at("timeout"), message, hint=hint, krakend=krakend)


def _why_never(timeout: float, write_timeout: float) -> tuple[str, str, str] | None:
    if timeout < SHORTEST_SECONDS:
        amount = "a negative timeout" if timeout < 0 else f"a timeout of {timeout * 1e9:.0f} ns"
        return (
            f"with {amount} every request fails",
            'write a duration with its unit, such as "2s"',
            "starts; each request fails with `context deadline exceeded`, status 500",
        )
    if 0 < write_timeout < timeout:
        return (
            f"write_timeout closes the connection after {write_timeout:g} s, before these {timeout:g} s are over",
            "make write_timeout longer than every endpoint's timeout",
            "closes the connection without an answer",
        )
    return None


RULE = Rule("CFG307", check, __doc__)
