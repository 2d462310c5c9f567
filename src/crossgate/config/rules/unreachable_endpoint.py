"""Endpoint that no request reaches.

## What it does

Looks for endpoints whose path holds what a request's path never has when the router compares it: `?`, `#`, a
percent-escape, `.` and `..` segments, and with `router.remove_extra_slash` a double slash.

## Why is this bad?

The router compares the decoded path, without the query. The endpoint exists and answers nobody.

## Example

```json
{"endpoint": "/search?q={q}"}
```

## Use instead

```json
{"endpoint": "/search", "input_query_strings": ["q"]}
```

## KrakenD

Starts; requests for that path are answered 404.

## Sources

net/http `Request.URL.Path`. gin `gin.go`, `handleHTTPRequest`.
"""

import re
from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.config.rules.route_text import routed_endpoints
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_PERCENT_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def check(document: Document) -> Iterator[Diagnostic]:
    """At the path."""
    for endpoint, _ in routed_endpoints(document):
        found = _why_unreachable(endpoint.config.path, remove_extra_slash=document.config.router.remove_extra_slash)
        if found:
            why, hint = found
            yield Diagnostic(
                "CFG304",
                Severity.WARNING,
                endpoint.at("endpoint"),
                f"no request reaches this endpoint: {why}",
                hint=hint,
                krakend="starts, and answers 404",
                failing=(endpoint.path,),
            )


def _why_unreachable(path: str, *, remove_extra_slash: bool) -> tuple[str, str] | None:
    if "?" in path:
        return "a query is no part of a path", "list the names under input_query_strings"
    if "#" in path:
        return "a fragment is never sent", "remove it"
    if _PERCENT_ESCAPE.search(path):
        return "paths are decoded before they are compared", "write the character itself"
    if any(segment in (".", "..") for segment in path.split("/")):
        return "browsers and most clients resolve dot segments before they send a path", "write the resolved path"
    if remove_extra_slash and "//" in path:
        return "router.remove_extra_slash makes one slash of two", "write one slash"
    return None


RULE = Rule("CFG304", check, __doc__)
