"""Endpoint that no request reaches.

## What it does

Looks for endpoints whose path holds what a request's path never has when the router compares it: `?`, `#`, a
percent-escape, `.` and `..` segments, a double slash.

## Why is this bad?

The router compares the decoded path, without the query. The endpoint exists and answers nobody. One with dot segments
or a double slash is registered without them: nobody reaches it where the file says it is.

## Example

```json
{"endpoint": "/search?q={q}"}
```

## Use instead

```json
{"endpoint": "/search", "input_query_strings": ["q"]}
```

## KrakenD

Starts; requests for that path are answered 404, or with a redirect to the path without dot segments and double slashes.

## Sources

net/http `Request.URL.Path`. gin `gin.go`, `handleHTTPRequest`; `utils.go`, `joinPaths`.
"""

import re
from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.config.rules.route_text import routed_endpoints
from crossgate.config.url_paths import joined_path
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_PERCENT_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def check(document: Document) -> Iterator[Diagnostic]:
    """At the path."""
    for endpoint, route in routed_endpoints(document):
        if found := _why_unreachable(endpoint.config.path):
            yield Diagnostic(
                "CFG304",
                Severity.WARNING,
                endpoint.at("endpoint"),
                f"no request reaches this endpoint: {found[0]}",
                hint=found[1],
                krakend="starts, and answers 404",
                failing=(endpoint.path,),
            )
        elif joined_path(route) != route:
            path = joined_path(endpoint.config.path)
            yield Diagnostic(
                "CFG304",
                Severity.WARNING,
                endpoint.at("endpoint"),
                f"the endpoint is at {path}: empty and dot segments are taken out of its path",
                hint=f"write {path}",
                krakend=f"starts, and serves the endpoint at {path}",
            )


def _why_unreachable(path: str) -> tuple[str, str] | None:
    if "?" in path:
        return "a query is not part of a path", "list the names under input_query_strings"
    if "#" in path:
        return "a fragment is never sent", "remove it"
    if _PERCENT_ESCAPE.search(path):
        return "paths are decoded before they are compared", "write the character itself"
    return None


RULE = Rule("CFG304", check, __doc__, only_warns=True)
