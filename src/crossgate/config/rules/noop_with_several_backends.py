"""no-op endpoint with several backends.

## What it does

Looks for endpoints whose output encoding is `no-op`, their own or the service's, with more than one backend.

## Why is this bad?

no-op passes one backend's answer on as it is. Several answers cannot be merged without decoding them.

## Example

```json
{"endpoint": "/a", "output_encoding": "no-op", "backend": [{"url_pattern": "/b"}, {"url_pattern": "/c"}]}
```

## Use instead

```json
{"endpoint": "/a", "output_encoding": "json", "backend": [{"url_pattern": "/b"}, {"url_pattern": "/c"}]}
```

## KrakenD

Refuses to start: `can not use NoOp encoding with more than one backends connected to the same endpoint`.

## Sources

lura `config/config.go`, `validate`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the output encoding, or at the endpoint where that is the service's."""
    for endpoint in document.endpoints:
        if endpoint.config.output_encoding == "no-op" and len(endpoint.backends) > 1:
            inherited = "" if endpoint.has("output_encoding") else ", which the service sets for all endpoints,"
            yield Diagnostic(
                "CFG306",
                Severity.ERROR,
                endpoint.at("output_encoding"),
                f"no-op{inherited} passes on the answer of one backend, and this endpoint has {len(endpoint.backends)}",
                hint='write "output_encoding": "json", or one endpoint for each backend',
                krakend="refuses to start: can not use NoOp encoding with more than one backends connected to the "
                "same endpoint",
            )


RULE = Rule("CFG306", check, __doc__)
