"""Wildcard as a method.

## What it does

Looks for `*` in `allow_methods`.

## Why is this bad?

In this list `*` is no wildcard. Alone it leaves no method but OPTIONS, so every call is blocked.

## Example

```json
{"allow_methods": ["*"]}
```

## Use instead

```json
{"allow_methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]}
```

## KrakenD

Compares it literally; it allows nothing.

## Sources

rs/cors `cors.go`, `isMethodAllowed`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    if policy.dialect == "python":
        return  # there it does mean any method
    for entry in policy.entries("allow_methods"):
        if entry.text == "*":
            yield Diagnostic(
                "COR322",
                Severity.WARNING,
                entry.path,
                "`*` allows no method: it is not a wildcard in this list",
                hint='list the methods: "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"',
                krakend="compares it literally, so that it allows nothing",
            )


RULE = Rule("COR322", check, __doc__)
