"""Unicode host in an origin.

## What it does

Looks for characters beyond ASCII.

## Why is this bad?

A browser sends the ASCII form of an internationalised host (`xn--…`), so the entry never matches.

## Example

```json
{"allow_origins": ["https://bücher.example"]}
```

## Use instead

```json
{"allow_origins": ["https://xn--bcher-kva.example"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

URL standard, "domain to ASCII". UTS 46.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.text.isascii():
            continue
        known = policy.ascii_host(origin) is not None
        yield Diagnostic(
            "COR308",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` never matches: browsers send the ASCII form of a host",
            hint=policy.proposal(origin) if known else "write the host in its xn-- form",
            krakend="accepts it; the entry never matches",
        )


RULE = Rule("COR308", check, __doc__)
