"""Response header in `allow_headers`.

## What it does

Looks in `allow_headers` for headers that only responses have: `Access-Control-Allow-Origin` and the like,
`Strict-Transport-Security`, `WWW-Authenticate`.

## Why is this bad?

`allow_headers` is about requests: it lists the headers that a page's script may set. No request needs one of these, so
the entry does nothing. The gateway sends the `Access-Control-…` response headers by itself.

A script that sets `Access-Control-Allow-Origin` on its requests makes every one of them need a preflight, and gains
nothing: remove it there too.

## Example

```json
{"allow_headers": ["Content-Type", "Access-Control-Allow-Origin"]}
```

## Use instead

```json
{"allow_headers": ["Content-Type"]}
```

## KrakenD

Accepts it; it allows a script to set that request header.

## Sources

Fetch standard, "CORS protocol", "HTTP responses". RFC 9110, RFC 6797.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

CORS_RESPONSE_HEADERS = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-allow-private-network",
        "access-control-expose-headers",
        "access-control-max-age",
    }
)
_OTHERS = frozenset(
    {
        "allow",
        "content-security-policy",
        "etag",
        "location",
        "referrer-policy",
        "retry-after",
        "server",
        "strict-transport-security",
        "vary",
        "www-authenticate",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-xss-protection",
    }
)


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for entry in policy.entries("allow_headers"):
        name = entry.text.lower()
        if name not in CORS_RESPONSE_HEADERS and name not in _OTHERS:
            continue
        ours = name in CORS_RESPONSE_HEADERS
        yield Diagnostic(
            "COR337",
            Severity.WARNING,
            entry.path,
            f"`{entry.text}` does nothing here: allow_headers is about requests, and "
            + ("the gateway sends this response header by itself" if ours else "this is a response header"),
            hint="remove it; if a script sets it on its requests, remove it there too"
            if ours
            else "remove it; if scripts should read it, list it under expose_headers",
            krakend="accepts it; it has no effect on responses",
            cause=f"response headers{' of CORS' * ours}",
        )


RULE = Rule("COR337", check, __doc__)
