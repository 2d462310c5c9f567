"""no-op backend behind an endpoint that encodes.

## What it does

Looks for a single backend with `"encoding": "no-op"` under an endpoint with another output encoding.

## Why is this bad?

A no-op backend is not decoded, so there is no data to encode: the client gets an empty object.

## Example

```json
{"endpoint": "/a", "backend": [{"url_pattern": "/b", "encoding": "no-op"}]}
```

## Use instead

```json
{"endpoint": "/a", "output_encoding": "no-op", "backend": [{"url_pattern": "/b"}]}
```

## KrakenD

Starts. Answers 200 with `{}` and `X-Krakend-Completed: false`.

## Sources

lura `proxy/http.go`, `router/gin/render.go`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the backend's encoding. Endpoints with several backends may use the raw body in sequence."""
    for endpoint in document.endpoints:
        if len(endpoint.backends) != 1 or endpoint.config.output_encoding == "no-op":
            continue
        backend = endpoint.backends[0]
        if backend.config.encoding == "no-op" and not {"encoding", "output_encoding"} & backend.broken:
            yield Diagnostic(
                "CFG312",
                Severity.WARNING,
                backend.at("encoding"),
                "the answer is always empty: a no-op backend gives no data to encode as "
                f"{endpoint.config.output_encoding}",
                hint='write "output_encoding": "no-op" in the endpoint, or "encoding": "json" here',
                krakend="answers 200 with an empty object",
            )


RULE = Rule("CFG312", check, __doc__, only_warns=True)
