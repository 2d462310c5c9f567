"""Parameter followed by text in its segment.

## What it does

Looks for backends that use a parameter which has text after its brace in the endpoint's path: `/files/{name}.json`.

## Why is this bad?

The router takes the rest of the segment for a part of the name: the parameter is called `name.json`, its value is the
whole segment, and `{name}` in the backend's path is never replaced. `disable_rest` changes nothing about that.

## Example

```json
{"endpoint": "/files/{name}.json", "backend": [{"url_pattern": "/files/{name}"}]}
```

## Use instead

```json
{"endpoint": "/files/{name}", "backend": [{"url_pattern": "/files/{name}"}]}
```

## KrakenD

Starts. The backend gets the unreplaced text, escaped.

## Sources

lura `config/uri.go`, `GetEndpointPath`. gin `tree.go`, `findWildcard`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.config.url_paths import backend_placeholders, router_pattern
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the url_pattern that uses the parameter."""
    for endpoint in document.endpoints:
        route = router_pattern(endpoint.config.path, endpoint.config.params)
        unset = set(endpoint.placeholders) - set(_router_names(route))
        if not unset or "endpoint" in endpoint.broken:
            continue
        for backend in endpoint.backends:
            for name in backend_placeholders(backend.config.url_pattern):
                if name in unset:
                    yield Diagnostic(
                        "CFG310",
                        Severity.WARNING,
                        backend.at("url_pattern"),
                        f"{{{name}}} is never replaced: in {endpoint.config.path} the parameter's name goes on after "
                        f"the brace, up to the next slash",
                        hint=f"end the segment after the brace: /{{{name}}}"
                        + ("; disable_rest does not help here" if document.disable_rest else ""),
                        krakend="starts; the backend gets the unreplaced text, escaped",
                    )


def _router_names(route: str) -> Iterator[str]:
    """What the router calls the parameters of a route: all that follows the colon in its segment."""
    for segment in route.split("/"):
        _, colon, name = segment.partition(":")
        if colon:
            yield name


RULE = Rule("CFG310", check, __doc__, only_warns=True)
