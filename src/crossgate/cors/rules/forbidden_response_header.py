"""Response header that no script may read.

## What it does

Looks for `Set-Cookie` and `Set-Cookie2` in `expose_headers`.

## Why is this bad?

Browsers hide these headers from scripts whatever the server says. The cookie itself is stored without any exposing, if
the request includes credentials.

## Example

```json
{"expose_headers": ["Set-Cookie"]}
```

## Use instead

```json
{"allow_credentials": true}
```

and `credentials: "include"` in the page's call.

## KrakenD

Sends it; browsers ignore it.

## Sources

Fetch standard, "forbidden response-header name".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

FORBIDDEN = frozenset({"set-cookie", "set-cookie2"})


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for entry in policy.entries("expose_headers"):
        if entry.text.lower() in FORBIDDEN:
            yield Diagnostic(
                "COR335",
                Severity.WARNING,
                entry.path,
                f"`{entry.text}` cannot be exposed: browsers hide it from every script",
                hint="remove it; browsers store cookies without it",
                krakend="sends it; browsers ignore it",
            )


RULE = Rule("COR335", check, __doc__)
