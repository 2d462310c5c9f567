"""User name or password in an origin.

## What it does

Looks for an `@` before the host.

## Why is this bad?

A browser leaves user name and password out of the origin, so the entry never matches. A password in a configuration
file is also one that leaks.

## Example

```json
{"allow_origins": ["https://user:secret@app.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

HTML standard, "serialization of an origin".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.userinfo is not None:
            yield Diagnostic(
                "COR303",
                Severity.WARNING,
                origin.path,
                "the entry never matches: an origin has no user name or password",
                hint=policy.proposal(origin),
                krakend="accepts it; the entry never matches",
            )


RULE = Rule("COR303", check, __doc__)
