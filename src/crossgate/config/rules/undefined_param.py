"""Placeholder without a parameter.

## What it does

Looks for `{placeholders}` of a backend's `url_pattern` that no part of the endpoint's path defines.

## Why is this bad?

There is nothing to put in its place. Names are compared with their letter case, and only a placeholder directly after a
slash of the endpoint's path defines a parameter.

## Example

```json
{"endpoint": "/users/{id}", "backend": [{"host": ["http://users:8080"], "url_pattern": "/v1/{user}"}]}
```

## Use instead

```json
{"endpoint": "/users/{id}", "backend": [{"host": ["http://users:8080"], "url_pattern": "/v1/{id}"}]}
```

## KrakenD

Refuses to start: `undefined output param 'user'! endpoint: GET /users/:id, backend: 0. input: [id], output: [user]`.

## Sources

lura `config/config.go`, `initBackendURLMappings`.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from crossgate.config.document import Document
from crossgate.config.url_paths import backend_placeholders, router_pattern
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_SEQUENTIAL_OR_CLAIM = re.compile(r"(?:resp[0-9]+_.+)?(?:JWT\.[\w\-.:/]+)?")


def check(document: Document) -> Iterator[Diagnostic]:
    """At the url_pattern."""
    for endpoint in document.endpoints:
        if "endpoint" in endpoint.broken:
            continue
        for backend in endpoint.backends:
            if "url_pattern" in backend.broken:
                continue
            used = [
                n for n in backend_placeholders(backend.config.url_pattern) if not _SEQUENTIAL_OR_CLAIM.fullmatch(n)
            ]
            if all(name in endpoint.placeholders for name in used):
                continue
            known = sorted(set(endpoint.placeholders))
            route = f"{endpoint.config.method} {router_pattern(endpoint.config.path, endpoint.config.params)}"
            params = f"input: [{' '.join(known)}], output: [{' '.join(sorted(used))}]"
            where = f"endpoint: {route}, backend: {backend.config.index}. {params}"
            for name in used:
                if name in endpoint.placeholders:
                    continue
                close = get_close_matches(name, known, n=1, cutoff=0.5) or known[:1]
                yield Diagnostic(
                    "CFG301",
                    Severity.ERROR,
                    backend.at("url_pattern"),
                    f"the endpoint {endpoint.config.path} has no parameter {{{name}}}",
                    hint=f"write {{{close[0]}}}" if close else f"put /{{{name}}} into the endpoint's path",
                    # Where names outnumber the parameters by two, the count is what KrakenD complains about.
                    krakend=f"refuses to start: input and output params do not match. {where}"
                    if len(used) - 1 > len(known)
                    else f"refuses to start: undefined output param '{name}'! {where}",
                )


RULE = Rule("CFG301", check, __doc__)
