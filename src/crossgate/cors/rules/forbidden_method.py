"""Forbidden method.

## What it does

Looks for CONNECT, TRACE and TRACK in `allow_methods`.

## Why is this bad?

No browser lets a script use these methods, so the entry never matches.

## Example

```json
{"allow_methods": ["GET", "TRACE"]}
```

## Use instead

```json
{"allow_methods": ["GET"]}
```

## KrakenD

Accepts it; no browser ever asks for it.

## Sources

Fetch standard, "forbidden method".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

FORBIDDEN = frozenset({"connect", "trace", "track"})


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for entry in policy.entries("allow_methods"):
        if entry.text.lower() in FORBIDDEN:
            yield Diagnostic(
                "COR323",
                Severity.WARNING,
                entry.path,
                f"`{entry.text}` never matches: browsers do not let scripts use this method",
                hint="remove it",
                krakend="accepts it; no browser ever asks for it",
                cause="methods that browsers forbid",
            )


RULE = Rule("COR323", check, __doc__)
