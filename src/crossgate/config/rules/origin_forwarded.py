"""`Origin` is forwarded to a backend.

## What it does

Looks for `Origin` or `*` in an endpoint's `input_headers`, where the gateway itself does CORS.

## Why is this bad?

A backend with CORS rules of its own may refuse the request, because it does not know the gateway's origins. It may also
answer with CORS headers of its own; with two `Access-Control-Allow-Origin` headers every browser blocks a response, and
that is the most reported CORS problem of all gateways. crossgate prevents it: it replaces the backend's CORS headers.
So this is a note.

## Example

```json
{"endpoint": "/users", "input_headers": ["Authorization", "Origin"], "backend": [{"url_pattern": "/users"}]}
```

## Use instead

```json
{"endpoint": "/users", "input_headers": ["Authorization"], "backend": [{"url_pattern": "/users"}]}
```

Where `*` is meant, `input_headers` of the backend can leave `Origin` out. To leave CORS to the backend, set `upstream`
of `crossgate/cors` to `pass`; then this rule is silent.

## KrakenD

Forwards it. With no-op it adds the backend's CORS headers to its own.

## Sources

krakend-cors issue 18, krakend-ce issues 392 and 474.
"""

from collections.abc import Iterator

from crossgate.config.document import Document, EndpointNode
from crossgate.cors import Upstream
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the item of `input_headers`."""
    for endpoint in document.endpoints:
        policy = endpoint.config.cors or document.config.cors
        if policy is None or policy.config.upstream is not Upstream.STRIP or not _reaches_a_backend(endpoint):
            continue
        for path, name in _written_names(endpoint):
            if name.lower() not in ("origin", "*"):
                continue
            yield Diagnostic(
                "COR403",
                Severity.NOTE,
                path,
                "the backend gets `Origin`"
                + (" (`*` includes it)" if name == "*" else "")
                + ": if it has CORS rules of its own, it may refuse the request. crossgate replaces its CORS headers",
                hint='remove "Origin"' if name != "*" else "list the headers that the backend needs",
                krakend="forwards it; with no-op it adds the backend's CORS headers to its own, which browsers refuse",
                cause="Origin is forwarded",
            )


def _reaches_a_backend(endpoint: EndpointNode) -> bool:
    return any(
        backend.config.input_headers is None or {"Origin", "*"} & set(backend.config.input_headers)
        for backend in endpoint.backends
    )


def _written_names(endpoint: EndpointNode) -> Iterator[tuple[str, str]]:
    """The names in `input_headers` with their places. A plain text counts as a list, split at commas."""
    written = endpoint.raw.get(endpoint.keys["input_headers"]) if endpoint.has("input_headers") else None
    if isinstance(written, str):
        for name in written.split(","):
            yield endpoint.at("input_headers"), name
    for index, name in enumerate(written if isinstance(written, list) else ()):
        if isinstance(name, str):
            yield endpoint.at("input_headers", index), name


RULE = Rule("COR403", check, __doc__, only_warns=True)
