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

from crossgate.config.document import Document, EndpointNode, Node
from crossgate.config.fields import unit_hint
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

SHORTEST_SECONDS = 0.001


def check(document: Document) -> Iterator[Diagnostic]:
    """At the timeout. The service's is reported once, not at each endpoint that inherits it."""
    write_timeout = document.config.limits.write_timeout_seconds if document.service.has("write_timeout") else 0.0
    found: dict[str, list[EndpointNode]] = {}
    owners: dict[str, Node] = {}
    for endpoint in document.endpoints:
        owner: Node = endpoint if endpoint.has("timeout") else document.service
        if "timeout" in owner.broken or not owner.has("timeout"):
            continue
        timeout = endpoint.config.timeout_seconds
        if timeout < SHORTEST_SECONDS or 0 < write_timeout < timeout:
            owners[owner.path] = owner
            found.setdefault(owner.path, []).append(endpoint)
    for path, endpoints in found.items():
        yield _diagnostic(owners[path], endpoints, write_timeout)


def _diagnostic(owner: Node, endpoints: list[EndpointNode], write_timeout: float) -> Diagnostic:
    timeout = endpoints[0].config.timeout_seconds
    place = owner.at("timeout")
    if timeout >= SHORTEST_SECONDS:
        return Diagnostic(
            "CFG307",
            Severity.WARNING,
            place,
            f"write_timeout closes the connection after {write_timeout:g} s, and this timeout is {timeout:g} s",
            hint="make write_timeout longer than every endpoint's timeout",
            krakend="closes the connection without an answer",
            cause="write_timeout is shorter",
        )
    written = owner.raw[owner.keys["timeout"]]
    number = isinstance(written, int) and not isinstance(written, bool) and written > 0
    why = (
        f"a number without a unit counts nanoseconds, and {written} ns are over at once"
        if number
        else ("the timeout is negative" if timeout < 0 else f"a timeout of {timeout * 1e9:.0f} ns is over at once")
    )
    return Diagnostic(
        "CFG307",
        Severity.WARNING,
        place,
        f"every request fails: {why}",
        hint=unit_hint(written) if number else 'write a duration with its unit, such as "2s"',
        krakend="starts; each request fails with `context deadline exceeded`, status 500",
        cause="over at once",
        failing=tuple([endpoint.path for endpoint in endpoints]),
    )


RULE = Rule("CFG307", check, __doc__, only_warns=True)
