"""`max_age` beyond what Chromium keeps.

## What it does

Notes a `max_age` over 7200 seconds (two hours) that Firefox still keeps.

## Why is this bad?

It does no harm. Chromium and what is built on it keep a preflight's answer for two hours at most, so their users send
preflights more often than the number says.

## Example

```json
{"max_age": "12h"}
```

## Use instead

```json
{"max_age": "2h"}
```

## KrakenD

Sends the number as it is.

## Sources

Fetch standard, "CORS-preflight cache": a user agent may impose a limit. Chromium `preflight_cache.cc`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

CHROMIUM_CAP_SECONDS = 7_200
FIREFOX_CAP_SECONDS = 86_400


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the value."""
    age = policy.max_age_nanoseconds
    if age is not None and CHROMIUM_CAP_SECONDS < age // 1_000_000_000 <= FIREFOX_CAP_SECONDS:
        yield Diagnostic(
            "COR341",
            Severity.NOTE,
            policy.path_of("max_age"),
            f"Chromium remembers a preflight for {CHROMIUM_CAP_SECONDS} s (2 hours) at most, whatever is written here",
            hint=f"write {policy.duration(CHROMIUM_CAP_SECONDS)} if all browsers should behave alike",
            krakend="sends the number as it is",
        )


RULE = Rule("COR341", check, __doc__)
