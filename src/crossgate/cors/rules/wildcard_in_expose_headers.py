"""Wildcard in `expose_headers`.

## What it does

Looks for `*` in `expose_headers`: a warning together with `allow_credentials`, else a note.

## Why is this bad?

On a request that includes credentials `*` is a header's name, not a wildcard, so it exposes nothing. Without
credentials it exposes every header of every backend, internal ones too.

## Example

```json
{"expose_headers": ["*"], "allow_credentials": true}
```

## Use instead

```json
{"expose_headers": ["X-Request-Id", "X-Total-Count"], "allow_credentials": true}
```

## KrakenD

Sends it as it is.

## Sources

Fetch standard, "extract header list values" and "CORS filtered response": `*` counts only without credentials.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    credentials = policy.flag("allow_credentials")
    for entry in policy.entries("expose_headers"):
        if entry.text == "*":
            yield Diagnostic(
                "COR334",
                Severity.WARNING if credentials else Severity.NOTE,
                entry.path,
                "`*` exposes nothing on requests that include credentials: it is not a wildcard there"
                if credentials
                else "`*` exposes every response header, internal ones too",
                hint="list the headers that scripts need to read",
                krakend="sends it as it is",
            )


RULE = Rule("COR334", check, __doc__)
