"""Endpoint whose backends are all shadow backends.

## What it does

Looks for endpoints that have `"shadow": true` in the `proxy` namespace of every backend.

## Why is this bad?

The answer of a shadow backend is thrown away. With nothing but such there is no answer to give.

## Example

```json
{"endpoint": "/a", "backend": [{"url_pattern": "/b", "extra_config": {"proxy": {"shadow": true}}}]}
```

## Use instead

```json
{"endpoint": "/a", "backend": [{"url_pattern": "/a"},
                               {"url_pattern": "/b", "extra_config": {"proxy": {"shadow": true}}}]}
```

## KrakenD

Starts without being able to build the endpoint; each request is answered 500.

## Sources

lura `proxy/shadow.go`, `proxy/factory.go`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the list of backends."""
    for endpoint in document.endpoints:
        if endpoint.backends and all(backend.config.shadow for backend in endpoint.backends):
            yield Diagnostic(
                "CFG311",
                Severity.WARNING,
                endpoint.at("backend"),
                "every request fails: all backends are shadow backends, whose answers are thrown away",
                hint="remove `shadow` from the backend whose answer the client should get",
                krakend="answers every request with a 500",
                failing=(endpoint.path,),
            )


RULE = Rule("CFG311", check, __doc__, only_warns=True)
