"""Endpoint whose method CORS leaves out.

## What it does

Looks for endpoints whose method is not in the `allow_methods` that hold for them. Without that list these are GET, POST
and HEAD. Methods in the wrong letter case (COR321) and `*` (COR322) are reported where they are written, and not again
here.

## Why is this bad?

No page of another origin can use the endpoint. With PUT, PATCH and DELETE the preflight is refused; with GET and POST
the call is made and its answer hidden, since KrakenD checks the method of actual requests too.

## Example

```json
{"endpoints": [{"endpoint": "/users/{id}", "method": "DELETE"}],
 "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"]}}}
```

## Use instead

```json
{"endpoints": [{"endpoint": "/users/{id}", "method": "DELETE"}],
 "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"],
                                    "allow_methods": ["GET", "POST", "DELETE"]}}}
```

Nothing is wrong if no page is meant to call the endpoint.

## KrakenD

Answers the request without CORS headers.

## Sources

rs/cors `cors.go`, `handleActualRequest`: the Fetch standard has no such check for actual requests.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.cors import CorsConfig
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(document: Document) -> Iterator[Diagnostic]:
    """At the endpoint's method, or at the endpoint where it is the default."""
    for endpoint in document.endpoints:
        policy = endpoint.config.cors or document.config.cors
        method = endpoint.config.method
        if policy is None or not endpoint.served or "method" in endpoint.broken:
            continue
        configs = (policy.config, *policy.config.rules)
        if any(allows_method(config, method) or _is_said(config, method) for config in configs):
            continue
        listed = ", ".join(policy.config.allow_methods)
        yield Diagnostic(
            "COR402",
            Severity.WARNING,
            endpoint.at("method"),
            f"no page of another origin can use {method} {endpoint.config.path}: "
            f"allow_methods has {listed or 'no method at all'}",
            hint=f'add "{method}" to allow_methods',
            krakend="answers without CORS headers, so the browser hides the answer from the page",
            cause=f"{method} is not among {listed}",
        )


def _is_said(config: CorsConfig, method: str) -> bool:
    """Whether another rule says so where the method is written: in the wrong letter case, or as `*`."""
    return "*" in config.allow_methods or method in {listed.upper() for listed in config.allow_methods}


def allows_method(config: CorsConfig, method: str) -> bool:
    """Whether a page may use that method."""
    if config.any_method:
        return True
    if config.dialect == "krakend-1.4":
        return method in {listed.upper() for listed in config.allow_methods}
    return method in config.allow_methods


RULE = Rule("COR402", check, __doc__, only_warns=True)
