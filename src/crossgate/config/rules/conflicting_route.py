"""Routes that conflict.

## What it does

Looks for what KrakenD's router refuses: parameters with different names at the same position of two paths with the same
method, a `*` at the end of a path, two parameters in one segment, a backslash. With `router.auto_options` names must
agree across methods too, since every path then has an OPTIONS route as well.

A fixed text beside a parameter is no conflict: `/users/me` and `/users/{id}` get on, the fixed text wins. But beside
`/{a}/{b}`, `/users/{id}/orders` takes `/users/7` away: KrakenD does not come back from a parameter that leads no
further, and redirects such a path to itself (CFG319).

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

from collections.abc import Iterator

from crossgate.config.document import Document, EndpointNode
from crossgate.config.rules.route_text import RefusedRoute, refused_routes
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule
from crossgate.golang.route_tree import Fault

_LIST_PATHS = "list the paths, or use parameters: /files/{name}"


def check(document: Document) -> Iterator[Diagnostic]:
    """At the later endpoint's path."""
    for refused in refused_routes(document):
        if refused.error.fault is not Fault.TAKEN:
            message, hint = _explained(refused)
            yield Diagnostic(
                "CFG303",
                Severity.ERROR,
                refused.endpoint.at("endpoint"),
                message,
                hint=hint,
                krakend=f"panics at start: {refused.error}",
            )


def _explained(refused: RefusedRoute) -> tuple[str, str]:
    """Message and hint."""
    error = refused.error
    match error.fault:
        case Fault.TWO_IN_SEGMENT:
            return "a segment of a path can have only one parameter", "put a slash between the parameters"
        case Fault.NAMELESS if error.segment == "*":
            return "a path cannot end in `*`: wildcards are not supported, with or without a name", _LIST_PATHS
        case Fault.NAMELESS:
            return "a colon begins a parameter, and this one has no name", "write /{name}"
        case Fault.ESCAPE:
            return (
                "in a path only a colon can follow a backslash, which makes it plain text",
                "remove the backslash",
            )
    if not isinstance(error.owner, EndpointNode):
        return f"the path leads to where the gateway's own {error.owner} answers", "choose another path"
    other = error.owner.config
    across = ""
    if refused.method == "OPTIONS" and other.method != refused.endpoint.config.method:
        across = ", and router.auto_options gives both an OPTIONS route"
    mine, theirs = f"{{{error.segment[1:]}}}", f"{{{error.existing[1:]}}}"
    message = f"the parameter {mine} is where endpoints[{other.index}] ({other.path}) has {theirs}{across}"
    return message, f"call the parameter {theirs} here too"


RULE = Rule("CFG303", check, __doc__)
