"""Entry written twice.

## What it does

Looks for equal entries in `allow_origins`, `allow_methods`, `allow_headers` and `expose_headers`: origins and header
names without regard to letter case, methods with it where the version has it.

## Why is this bad?

The second one does nothing. Often another entry was meant: a list that grew by copying has the wrong line twice.

## Example

```json
{"allow_origins": ["https://app.example.com", "https://app.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "https://admin.example.com"]}
```

## KrakenD

Accepts it.

## Sources

rs/cors `cors.go`, `New`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Fix, Severity
from crossgate.diagnostics.rule import Rule

KEYS = ("allow_origins", "allow_methods", "allow_headers", "expose_headers")


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the later of two."""
    for key in KEYS:
        exact = key == "allow_methods" and not policy.old_semantics
        seen: dict[str, int] = {}
        for entry in policy.entries(key):
            name = entry.text if exact else entry.text.lower()
            if seen.setdefault(name, entry.index) == entry.index:
                continue
            yield Diagnostic(
                "COR310",
                Severity.WARNING,
                entry.path,
                f"`{entry.text}` is in the list already, at {key}[{seen[name]}]",
                hint="remove it, or write what was meant",
                krakend="accepts it; the repetition has no effect",
                cause=f"repeated in {key}",
                fix=Fix("member"),
            )


RULE = Rule("COR310", check, __doc__)
