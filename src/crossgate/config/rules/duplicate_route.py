"""Route defined twice.

## What it does

Looks for endpoints with the same method and path as an earlier one, and for endpoints on the path of the health check.
Paths are compared without empty and dot segments, as KrakenD registers them.

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

gin `tree.go`, `addRoute`, `routergroup.go`. lura `router/gin/router.go`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document, EndpointNode
from crossgate.config.rules.route_text import RefusedRoute, refused_routes
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule
from crossgate.golang.route_tree import Fault


def check(document: Document) -> Iterator[Diagnostic]:
    """At the later endpoint's path."""
    for refused in refused_routes(document):
        if refused.error.fault is Fault.TAKEN:
            yield Diagnostic(
                "CFG302",
                Severity.ERROR,
                refused.endpoint.at("endpoint"),
                f"{refused.method} {refused.endpoint.config.path} is taken: {_by_what(refused)}",
                hint="remove one of the two, or change its method or path",
                krakend=f"panics at start: {refused.error}",
            )


def _by_what(refused: RefusedRoute) -> str:
    owner = refused.error.owner
    if not isinstance(owner, EndpointNode):
        return f"the health check answers there ({owner})"
    place = f"endpoints[{owner.config.index}]"
    if owner.config.path == refused.endpoint.config.path:
        return f"{place} has the same method and path"
    across = " and router.auto_options gives both an OPTIONS route" if refused.method == "OPTIONS" else ""
    return f"{place} ({owner.config.path}) comes to the same path{across and ',' + across}"


RULE = Rule("CFG302", check, __doc__)
