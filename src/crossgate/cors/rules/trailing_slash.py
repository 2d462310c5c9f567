"""Trailing slash in an origin.

## What it does

Looks for origins that end in a slash.

## Why is this bad?

A browser sends an origin without a slash, and origins are compared as text: the entry never matches anything. This is
the most reported mistake in CORS configurations, because the URL in the address bar has the slash.

## Example

```json
{"allow_origins": ["https://app.example.com/"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

HTML standard, "serialization of an origin". krakend-cors issue 12.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.tail and not origin.tail.strip("/\\") and origin.host:
            yield Diagnostic(
                "COR301",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` never matches: an origin has no trailing slash",
                hint=policy.proposal(origin),
                krakend="accepts it; the entry never matches",
            )


RULE = Rule("COR301", check, __doc__)
