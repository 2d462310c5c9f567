"""Path, query or fragment in an origin.

## What it does

Looks for origins that go on after host and port.

## Why is this bad?

An origin is scheme, host and port. A browser sends nothing else, so the entry never matches; nor can CORS tell the
pages of one host apart.

## Example

```json
{"allow_origins": ["https://app.example.com/admin?x=1"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

RFC 6454 section 6.2. HTML standard, "serialization of an origin".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if not origin.host or not origin.tail.strip("/\\") or origin.is_several:
            continue
        part = {"?": "query", "#": "fragment"}.get(origin.tail[0], "path")
        yield Diagnostic(
            "COR302",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` never matches: an origin has no {part}",
            hint=policy.proposal(origin),
            krakend="accepts it; the entry never matches",
        )


RULE = Rule("COR302", check, __doc__)
