"""CORS debugging left on.

## What it does

Looks for `"debug": true` in the CORS block.

## Why is this bad?

It logs several lines for each request, with what clients sent, and helps nobody who does not read them at the time.

## Example

```json
{"allow_origins": ["https://app.example.com"], "debug": true}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

`crossgate cors explain` says why a call is refused, without a log.

## KrakenD

Logs lines that begin with `[CORS]`, at level DEBUG.

## Sources

krakend-cors `cors.go`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the flag."""
    if policy.turns_on("debug"):
        yield Diagnostic(
            "COR352",
            Severity.WARNING,
            policy.path_of("debug"),
            "CORS debugging is on: several log lines for each request",
            hint="remove it in production; `crossgate cors explain` says why a call is refused",
            krakend="logs lines that begin with [CORS]",
        )


RULE = Rule("COR352", check, __doc__)
