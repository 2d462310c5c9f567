"""Routes that the router cannot hold together.

## What it does

Looks for what KrakenD's router refuses: parameters with different names at the same position of two paths with the same
method, a `*` at the end of a path, two parameters in one segment. With `router.auto_options` names must agree across
methods too, since every path then has an OPTIONS route as well.

A fixed text beside a parameter is no conflict: `/users/me` and `/users/{id}` get on, the fixed text wins.

## Why is this bad?

KrakenD does not come up, and nothing but starting it shows that.

## Example

```json
{"endpoints": [{"endpoint": "/users/{id}"}, {"endpoint": "/users/{name}/orders"}]}
```

## Use instead

```json
{"endpoints": [{"endpoint": "/users/{id}"}, {"endpoint": "/users/{id}/orders"}]}
```

## KrakenD

Panics at start: `':name' in new path '/users/:name/orders' conflicts with existing wildcard ':id' in existing prefix
'/users/:id'`.

## Sources

gin `tree.go`, `addRoute` and `insertChild`. lura `router/gin/router.go`.
"""

from collections.abc import Iterator, Mapping

from crossgate.config.document import Document, EndpointNode
from crossgate.config.rules.route_text import routed_endpoints
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_Wildcards = dict[tuple[str, str], tuple[str, EndpointNode]]
"""(method, route up to a wildcard) -> that wildcard and who brought it."""


def check(document: Document) -> Iterator[Diagnostic]:
    """At the later endpoint's path."""
    seen: _Wildcards = {}
    for endpoint, route in routed_endpoints(document):
        if reason := _malformed(route):
            yield _diagnostic(endpoint, *reason)
            continue
        wildcards = dict(_wildcards(route))
        methods = [endpoint.config.method] + ["OPTIONS"] * document.config.router.auto_options
        clash = _clash(seen, methods, route, wildcards)
        if clash is not None:
            yield _diagnostic(endpoint, *clash)
            continue
        for method in methods:
            for before, wildcard in wildcards.items():
                seen.setdefault((method, before), (wildcard, endpoint))


def _clash(
    seen: _Wildcards, methods: list[str], route: str, wildcards: Mapping[str, str]
) -> tuple[str, str, str] | None:
    """Message, hint and panic where another wildcard stands at the same place."""
    for method in methods:
        for before, wildcard in wildcards.items():
            other, owner = seen.get((method, before), (wildcard, None))
            if other == wildcard or owner is None:
                continue
            across = ", and router.auto_options gives both an OPTIONS route" if method == "OPTIONS" else ""
            other_place = f"endpoints[{owner.config.index}] ({owner.config.path})"
            segment = route[len(before) :].partition("/")[0]
            prefix = f"existing wildcard '{other}' in existing prefix '{before}{other}'"
            return (
                f"the parameter {{{wildcard[1:]}}} stands where {other_place} has {{{other[1:]}}}{across}",
                f"call the parameter {{{other[1:]}}} here too",
                f"'{segment}' in new path '{route}' conflicts with {prefix}",
            )
    return None


def _wildcards(route: str) -> Iterator[tuple[str, str]]:
    """Each parameter of a route with the text before it."""
    start = route.find(":")
    while start >= 0:
        end = route.find("/", start)
        end = len(route) if end < 0 else end
        yield route[:start], route[start:end]
        start = route.find(":", end)


def _malformed(route: str) -> tuple[str, str, str] | None:
    """Message, hint and panic where a route alone is refused."""
    for segment in route.split("/"):
        starts = [position for position in (segment.find(":"), segment.find("*")) if position >= 0]
        if not starts:
            continue
        wildcard = segment[min(starts) :]
        if any(sign in wildcard[1:] for sign in ":*"):
            return (
                "a segment of a path has one parameter at most",
                "put a slash between the parameters",
                f"only one wildcard per path segment is allowed, has: '{wildcard}' in path '{route}'",
            )
        if wildcard == "*":
            return (
                "a path must not end in *: a wildcard needs a name, and a named one is refused as well",
                "list the paths, or use parameters: /files/{name}",
                f"wildcards must be named with a non-empty name in path '{route}'",
            )
        if len(wildcard) == 1:
            return (
                "a colon begins a parameter, and this one has no name",
                "write /{name}",
                f"wildcards must be named with a non-empty name in path '{route}'",
            )
    return None


def _diagnostic(endpoint: EndpointNode, message: str, hint: str, panic: str) -> Diagnostic:
    return Diagnostic(
        "CFG303",
        Severity.ERROR,
        endpoint.at("endpoint"),
        message,
        hint=hint,
        krakend=f"panics at start: {panic}",
    )


RULE = Rule("CFG303", check, __doc__)
