"""Text that is not a method.

## What it does

Looks for entries of `allow_methods` that are not HTTP tokens: with blanks, commas or other separators, or empty.

## Why is this bad?

An entry is one method, compared as text. `"GET, POST"` is not two methods, and `" GET"` is not GET: the entry never
matches.

## Example

```json
{"allow_methods": ["GET, POST"]}
```

## Use instead

```json
{"allow_methods": ["GET", "POST"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

RFC 9110 sections 5.6.2 and 9.1.
"""

from collections.abc import Iterator

from crossgate.cors.rules.token import is_token, pieces_hint, shown
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for entry in policy.entries("allow_methods"):
        if not is_token(entry.text):
            yield Diagnostic(
                "COR324",
                Severity.WARNING,
                entry.path,
                f"{shown(entry.text)} never matches: it is not a method",
                hint=pieces_hint(entry.text),
                krakend="accepts it; the entry never matches",
            )


RULE = Rule("COR324", check, __doc__)
