"""White space in an origin.

## What it does

Looks for spaces, tabs and line breaks in an entry, at its ends too.

## Why is this bad?

No origin has white space, and KrakenD does not trim it away: the entry never matches.

## Example

```json
{"allow_origins": [" https://app.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

URL standard, "forbidden host code point". rs/cors `cors.go`, `New`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.is_several or not origin.text.strip() or not any(c.isspace() for c in origin.text):
            continue
        yield Diagnostic(
            "COR307",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` never matches: an origin has no white space",
            hint=policy.proposal(origin),
            krakend="accepts it without trimming it; the entry never matches",
        )


RULE = Rule("COR307", check, __doc__)
