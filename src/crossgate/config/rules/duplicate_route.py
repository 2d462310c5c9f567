"""Route defined twice.

## What it does

Looks for endpoints with the same method and path as an earlier one, and for endpoints on the path of the health check.

## Why is this bad?

One of the two could never answer. Most often a block was copied and its path left as it was.

## Example

```json
{"endpoints": [{"endpoint": "/users"}, {"endpoint": "/users", "method": "get"}]}
```

## Use instead

```json
{"endpoints": [{"endpoint": "/users"}, {"endpoint": "/users", "method": "POST"}]}
```

## KrakenD

Panics at start: `handlers are already registered for path '/users'`. Only a running KrakenD or `check -t` shows that.

## Sources

gin `tree.go`, `addRoute`. lura `router/gin/router.go`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.config.rules.route_text import routed_endpoints
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the later endpoint's path."""
    router = document.config.router
    seen: dict[tuple[str, str], str] = {}
    if not router.disable_health:
        seen["GET", router.health_path] = "the health check answers there (router.health_path)"
    for endpoint, route in routed_endpoints(document):
        method = endpoint.config.method
        first = seen.get((method, route))
        if first is None:
            seen[method, route] = f"endpoints[{endpoint.config.index}] has the same method and path"
            continue
        yield Diagnostic(
            "CFG302",
            Severity.ERROR,
            endpoint.at("endpoint"),
            f"{method} {endpoint.config.path} is taken: {first}",
            hint="remove one of the two, or change its method or path",
            krakend=f"panics at start: handlers are already registered for path '{route}'",
        )


RULE = Rule("CFG302", check, __doc__)
