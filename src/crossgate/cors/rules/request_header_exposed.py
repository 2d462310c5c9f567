"""Request header in `expose_headers`.

## What it does

Looks in `expose_headers` for headers that only requests have (`Origin`, `User-Agent`, `X-Requested-With`), and for the
`Access-Control-…` headers. `Authorization` gives a note: some applications answer with a token in it.

## Why is this bad?

`expose_headers` is about responses: it lists the headers that a page's script may read. Responses do not have these,
and the `Access-Control-…` headers are read by the browser, not by scripts. Most likely the entry belongs in
`allow_headers`.

## Example

```json
{"expose_headers": ["X-Total-Count", "X-Requested-With"]}
```

## Use instead

```json
{"allow_headers": ["X-Requested-With"], "expose_headers": ["X-Total-Count"]}
```

## KrakenD

Sends it as it is; browsers find no such header to expose.

## Sources

Fetch standard, "CORS protocol", "HTTP responses", and "CORS-safelisted response-header name". RFC 9110.
"""

from collections.abc import Iterator

from crossgate.cors.rules.response_header_allowed import CORS_RESPONSE_HEADERS
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_REQUEST_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cookie",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "origin",
        "referer",
        "user-agent",
        "x-requested-with",
    }
)
_CORS_REQUEST_HEADERS = frozenset({"access-control-request-headers", "access-control-request-method"})


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for entry in policy.entries("expose_headers"):
        name = entry.text.lower()
        if name == "authorization":
            yield Diagnostic(
                "COR338",
                Severity.NOTE,
                entry.path,
                f"`{entry.text}` is normally a request header; exposing it helps only if a backend answers with it",
                hint="to let scripts send it, list it under allow_headers",
                krakend="sends it as it is",
            )
        elif name in CORS_RESPONSE_HEADERS:
            yield _useless(entry.path, f"`{entry.text}` is for the browser itself, not for scripts", "remove it")
        elif name in _REQUEST_HEADERS or name in _CORS_REQUEST_HEADERS:
            can_be_set = name not in _CORS_REQUEST_HEADERS and name not in ("cookie", "host", "origin", "referer")
            yield _useless(
                entry.path,
                f"`{entry.text}` is a request header: responses have none that could be exposed",
                "remove it; to let scripts send it, list it under allow_headers" if can_be_set else "remove it",
            )


def _useless(path: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(
        "COR338", Severity.WARNING, path, message, hint=hint, krakend="sends it as it is; it has no effect"
    )


RULE = Rule("COR338", check, __doc__)
