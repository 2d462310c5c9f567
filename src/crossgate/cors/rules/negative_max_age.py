"""Negative `max_age`.

## What it does

Looks for a `max_age` below zero.

## Why is this bad?

In a `version: 3` file it makes every call that needs a preflight send one each time, which doubles the time of each
call; if that is wanted, `-1s` is how to say so. In a `version: 2` file, and down to just above `-1s`, it does nothing,
and browsers use their default of five seconds.

## Example

```json
{"max_age": "-1h"}
```

## Use instead

```json
{"max_age": "10m"}
```

## KrakenD

KrakenD 2 sends `Access-Control-Max-Age: 0` from `-1s` on down, KrakenD 1 sends no field.

## Sources

Fetch standard, "CORS-preflight cache". rs/cors 1.11 `cors.go`, `New`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the value."""
    age = policy.max_age_nanoseconds
    if age is None or age >= 0:
        return
    sent = not policy.old_semantics and age <= -1_000_000_000
    yield Diagnostic(
        "COR344",
        Severity.WARNING,
        policy.path_of("max_age"),
        "a negative max_age makes browsers repeat the preflight before every call"
        if sent
        else "a negative max_age has no effect: browsers use their default of 5 s",
        hint='write a positive duration, such as "10m", or leave the key out',
        krakend="sends Access-Control-Max-Age: 0" if sent else "sends no Access-Control-Max-Age",
    )


RULE = Rule("COR344", check, __doc__)
