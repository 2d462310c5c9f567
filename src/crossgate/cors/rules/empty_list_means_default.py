"""Empty list that means KrakenD's default.

## What it does

Notes an empty `allow_methods` or `allow_headers`.

## Why is this bad?

It reads as "none", and KrakenD's default takes its place: for methods GET, POST and HEAD, for headers any header in a
`version: 3` file, and Origin, Accept, Content-Type and X-Requested-With in a `version: 2` file.

## Example

```json
{"allow_origins": ["https://app.example.com"], "allow_headers": []}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"], "allow_headers": ["Content-Type"]}
```

Or leave the key out, if the default is meant.

## KrakenD

Fills its default in.

## Sources

rs/cors `cors.go`, `New`. krakend-cors v1.4.0 and v3 `cors.go`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the empty list."""
    if policy.dialect == "python":
        return
    headers = "Origin, Accept, Content-Type and X-Requested-With" if policy.old_semantics else "any header"
    for key, default in (("allow_methods", "GET, POST and HEAD"), ("allow_headers", headers)):
        value = policy.values.get(key)
        if isinstance(value, list | tuple) and not value:
            yield Diagnostic(
                "COR336",
                Severity.NOTE,
                policy.path_of(key),
                f"an empty {key} means the default: {default}",
                hint="list what is needed, or leave the key out",
                krakend=f"fills in its default: {default}",
            )


RULE = Rule("COR336", check, __doc__)
