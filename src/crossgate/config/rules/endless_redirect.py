"""Endpoint whose requests are redirected for ever.

## What it does

Looks for paths that an endpoint's parameters match and that the router nevertheless redirects to themselves, or to and
fro between the path with its slash at the end and without. It tries parameters with the texts that other endpoints have
in their place, some thousands of paths at most, and reports one for each endpoint.

## Why is this bad?

These requests never get to the endpoint: clients follow the redirect until they give up, browsers with
`ERR_TOO_MANY_REDIRECTS`. In the example, `/users/7` is such a path. The router follows the text `users` and the
parameter behind it to where only `/orders` could come, and does not go back to `/{kind}/{id}`. When it then looks for
the path that was meant, it finds that very path.

## Example

```json
{"endpoints": [{"endpoint": "/{kind}/{id}"}, {"endpoint": "/users/{id}/orders"}]}
```

## Use instead

```json
{"endpoints": [{"endpoint": "/{kind}/{id}"}, {"endpoint": "/users/{id}/orders"}, {"endpoint": "/users/{id}"}]}
```

Or begin the path with text of its own: `/things/{kind}/{id}`. `router.disable_redirect_fixed_path` and
`router.disable_redirect_trailing_slash` turn the redirects into a 404.

## KrakenD

Starts, and redirects such a path to itself.

## Sources

gin `tree.go`, `getValue` and `findCaseInsensitivePathRec`; `gin.go`, `handleHTTPRequest`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import RouterConfig
from crossgate.config.rules.route_overlaps import Overlap, RouteOverlaps
from crossgate.config.rules.route_text import Owner, refused_routes, route_trees, routed_endpoints
from crossgate.config.url_paths import joined_path
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule
from crossgate.golang.route_folding import search_folded
from crossgate.golang.route_search import search
from crossgate.golang.route_tree import WILDCARD_TEXT, RouteTree

_WRITTEN_AS_IT_IS = re.compile(r"(/:[0-9A-Za-z_-]+|/[^/:*]*)+")
"""A pattern whose parameters are whole segments, which a file can always have."""


def check(document: Document) -> Iterator[Diagnostic]:
    """At the path of the endpoint that is not reached."""
    router = document.config.router
    if refused_routes(document) or (router.disable_redirect_fixed_path and router.disable_redirect_trailing_slash):
        return
    by_method: defaultdict[str, list[tuple[EndpointNode, str]]] = defaultdict(list)
    for endpoint, route in routed_endpoints(document):
        by_method[endpoint.config.method].append((endpoint, joined_path(route)))
    for method, routes in by_method.items():
        tree = route_trees(document)[method]
        overlaps = RouteOverlaps(routes)
        for endpoint, pattern in routes:
            for overlap in overlaps.of(pattern):
                if _is_endless(tree, overlap.path.encode("utf-8", "surrogateescape"), router):
                    yield _diagnostic(endpoint, overlap)
                    break


def _is_endless(tree: RouteTree[Owner], path: bytes, router: RouterConfig) -> bool:
    """Whether the redirects that begin with a clean path come back to one of them."""
    root = tree.root
    seen: set[bytes] = set()
    while root is not None and path not in seen:
        seen.add(path)
        match, recommends_slash = search(root, path)
        if match is not None or path == b"/":
            return False
        if recommends_slash and not router.disable_redirect_trailing_slash:
            path = path[:-1] if path.endswith(b"/") else path + b"/"
            continue
        fixed = None if router.disable_redirect_fixed_path else search_folded(root, path)
        if fixed is None:
            return False
        path = fixed
    return True


def _diagnostic(endpoint: EndpointNode, overlap: Overlap) -> Diagnostic:
    config = endpoint.config
    message = f"{config.method} {overlap.path} is redirected to itself for ever instead of getting here"
    hint = "begin the path with text of its own"
    if overlap.taker is not None:
        taker = overlap.taker.config
        message += f": endpoints[{taker.index}] ({taker.path}) takes it first and leads no further"
    if _WRITTEN_AS_IT_IS.fullmatch(overlap.pattern):
        added = WILDCARD_TEXT.sub(lambda match: f"{{{match[0][1:]}}}", overlap.pattern)
        hint += f", or add an endpoint {added} for these requests"
    return Diagnostic(
        "CFG319",
        Severity.WARNING,
        endpoint.at("endpoint"),
        message,
        hint=hint,
        krakend="starts, and redirects such requests for ever",
    )


RULE = Rule("CFG319", check, __doc__, only_warns=True)
