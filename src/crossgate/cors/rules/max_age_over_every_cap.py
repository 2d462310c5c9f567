"""`max_age` beyond what any browser keeps.

## What it does

Looks for a `max_age` over 86400 seconds (one day).

## Why is this bad?

Firefox keeps a preflight's answer for a day at most, Chromium for two hours. The number promises what no browser does.

## Example

```json
{"max_age": "720h"}
```

## Use instead

```json
{"max_age": "24h"}
```

## KrakenD

Sends the number as it is.

## Sources

Fetch standard, "CORS-preflight cache". Firefox `nsCORSListenerProxy.cpp`. Chromium `preflight_cache.cc`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.max_age_over_chromium_cap import CHROMIUM_CAP_SECONDS, FIREFOX_CAP_SECONDS
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the value."""
    age = policy.max_age_nanoseconds
    if age is not None and age // 1_000_000_000 > FIREFOX_CAP_SECONDS:
        yield Diagnostic(
            "COR342",
            Severity.WARNING,
            policy.path_of("max_age"),
            f"no browser remembers a preflight for longer than {FIREFOX_CAP_SECONDS} s (24 hours; Chromium: 2 hours)",
            hint=f"write {policy.duration(FIREFOX_CAP_SECONDS)}, "
            f"or {policy.duration(CHROMIUM_CAP_SECONDS)} if all browsers should behave alike",
            krakend="sends the number as it is",
        )


RULE = Rule("COR342", check, __doc__)
