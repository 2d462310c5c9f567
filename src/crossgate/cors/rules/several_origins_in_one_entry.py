"""Several origins in one entry.

## What it does

Looks for entries that hold more than one origin, separated by commas or blanks.

## Why is this bad?

An entry is one origin. A browser sends one, and the text as a whole never matches.

## Example

```json
{"allow_origins": ["https://app.example.com, https://admin.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "https://admin.example.com"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

Fetch standard, "Origin header": one serialized origin or `null`.
"""

import json
from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.is_several:
            yield Diagnostic(
                "COR312",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` never matches: each entry is one origin",
                hint="write one entry each: " + json.dumps(origin.several, ensure_ascii=False)[1:-1],
                krakend="accepts it; the entry never matches",
            )


RULE = Rule("COR312", check, __doc__)
