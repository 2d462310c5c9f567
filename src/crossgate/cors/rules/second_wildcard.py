"""Second wildcard in an origin.

## What it does

Looks for entries with more than one `*`.

## Why is this bad?

Only the first `*` is a wildcard; a second one stands for itself. No real origin has a `*` in it, so the entry never
matches.

## Example

```json
{"allow_origins": ["https://*.*.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://*.example.com"]}
```

The one wildcard stands for any number of labels already.

## KrakenD

Accepts it and compares the second `*` literally.

## Sources

rs/cors `cors.go`, `New`: an entry is split at its first `*`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.text.count("*") < 2 or origin.is_several:
            continue
        domain = origin.host.rpartition("*")[2]
        scheme = "https" if "*" in (origin.scheme or "*") else origin.scheme
        yield Diagnostic(
            "COR309",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` never matches: only its first `*` is a wildcard",
            hint=f'write "{scheme}://*{domain}"'
            if domain.startswith(".")
            else "keep one wildcard, in front of a domain: https://*.example.com",
            krakend="accepts it and compares the second `*` literally",
        )


RULE = Rule("COR309", check, __doc__)
