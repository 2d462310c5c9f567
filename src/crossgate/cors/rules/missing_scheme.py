"""Origin without a scheme.

## What it does

Looks for hosts where an origin belongs: `app.example.com`, `//app.example.com`, `localhost:3000`.

## Why is this bad?

A browser sends the scheme, and origins are compared as text: the entry never matches.

## Example

```json
{"allow_origins": ["app.example.com", "localhost:3000"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "http://localhost:3000"]}
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
        if origin.lacks_scheme and not origin.is_several:
            yield Diagnostic(
                "COR305",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` never matches: an origin begins with a scheme, such as https://",
                hint=policy.proposal(origin),
                krakend="accepts it; the entry never matches",
            )


RULE = Rule("COR305", check, __doc__)
