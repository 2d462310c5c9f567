"""Origin that no browser sends.

## What it does

Looks for entries that have the shape of an origin but are not what a browser would write: an empty entry, an impossible
port, an IP address in another spelling, schemes that have no origin (`file`, `data`) or are never one of a page (`ws`).

## Why is this bad?

Origins are compared as text. Where the text is not the one form that browsers send, the entry never matches.

## Example

```json
{"allow_origins": ["wss://app.example.com", "https://app.example.com:08443", "http://[0:0::1]:3000"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "https://app.example.com:8443", "http://[::1]:3000"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

HTML standard, "serialization of an origin". URL standard, "host parsing", "IPv4 parser", "IPv6 serializer".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        defect = origin.defect
        if defect is None:
            continue
        instead = origin.without_defect or "https://example.com:8443"
        yield Diagnostic(
            "COR313",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` never matches: {defect.why}",
            hint=f'write "{instead}"' if origin.without_defect else f'write scheme, host and port: "{instead}"',
            krakend="accepts it; the entry never matches",
        )


RULE = Rule("COR313", check, __doc__)
