"""Upper-case letters in an origin.

## What it does

Looks for capital letters in scheme or host, where the entry has an effect.

## Why is this bad?

It works, but only because KrakenD lower-cases both sides. Browsers send lower case only, and other software that is
given the same list compares exactly.

## Example

```json
{"allow_origins": ["https://App.Example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Lower-cases the entry.

## Sources

URL standard, "host parsing" (domain to ASCII lower-cases). rs/cors `cors.go`, `New`.
"""

import json
from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Fix, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if policy.cover_of(origin) is not None:
            continue  # it has no effect, in whatever letters: COR311 says so
        written = f"{origin.scheme or ''}{origin.host}"
        if written.isascii() and written != written.lower() and not (origin.is_special or origin.never_matches):
            yield Diagnostic(
                "COR306",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` has capital letters; browsers send origins in lower case",
                hint=f'write "{origin.text.lower()}"',
                krakend="lower-cases the entry, so that it matches all the same",
                fix=Fix("value", json.dumps(origin.text.lower())),
            )


RULE = Rule("COR306", check, __doc__)
