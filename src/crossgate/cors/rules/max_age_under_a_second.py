"""`max_age` of less than a second.

## What it does

Looks for a `max_age` of zero or of a fraction of a second.

## Why is this bad?

The field counts whole seconds, and with none left KrakenD sends no field at all. Browsers then keep a preflight's
answer for five seconds, their default: `0s` does not switch that off.

## Example

```json
{"max_age": "500ms"}
```

## Use instead

```json
{"max_age": "10m"}
```

Leave the key out for the browsers' default.

## KrakenD

Sends no `Access-Control-Max-Age`.

## Sources

Fetch standard, "CORS-preflight fetch": five seconds without the field. rs/cors `cors.go`, `New`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the value."""
    age = policy.max_age_nanoseconds
    if policy.dialect != "python" and age is not None and 0 <= age < 1_000_000_000:
        yield Diagnostic(
            "COR343",
            Severity.WARNING,
            policy.path_of("max_age"),
            "a max_age of less than a second has no effect: browsers use their default of 5 s",
            hint='write whole seconds, such as "10m", or leave the key out',
            krakend="sends no Access-Control-Max-Age",
        )


RULE = Rule("COR343", check, __doc__)
