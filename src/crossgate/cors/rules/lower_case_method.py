"""Method in lower case.

## What it does

Looks for well-known methods that are not written in capitals.

## Why is this bad?

Methods are case-sensitive. Browsers send DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals whatever a script writes,
and endpoints are served under the capitals: the entry matches no request that succeeds.

## Example

```json
{"allow_methods": ["get", "Post"]}
```

## Use instead

```json
{"allow_methods": ["GET", "POST"]}
```

## KrakenD

KrakenD 2 (`version: 3`) compares exactly; the entry never matches. KrakenD 1 (`version: 2`) upper-cased both sides, and
there this rule is silent.

## Sources

Fetch standard, "normalize a method". rs/cors 1.11 `cors.go`, `isMethodAllowed`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

WELL_KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    if policy.old_semantics:
        return
    for entry in policy.entries("allow_methods"):
        capitals = entry.text.upper()
        if entry.text != capitals and capitals in WELL_KNOWN and entry.text.isascii():
            yield Diagnostic(
                "COR321",
                Severity.WARNING,
                entry.path,
                f"`{entry.text}` does not allow {capitals}: the letter case of methods matters",
                hint=f'write "{capitals}"',
                krakend=f"accepts it, compares exactly, and refuses {capitals}",
                cause="letter case of methods",
            )


RULE = Rule("COR321", check, __doc__)
