"""Preflight status that browsers refuse.

## What it does

Looks for an `options_success_status` of 300 or more. (Below 200 and above 599 is an error of its own.)

## Why is this bad?

A browser accepts a preflight's answer only with a status from 200 to 299. With any other every call that needs a
preflight is blocked.

## Example

```json
{"options_success_status": 304}
```

## Use instead

```json
{"options_success_status": 204}
```

## KrakenD

Answers every preflight with that status.

## Sources

Fetch standard, "CORS-preflight fetch", step 7, and "ok status".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the value."""
    status = policy.values.get("options_success_status")
    # In version 2 files the key is unknown, and the decoder says so.
    if policy.config_version == 3 and isinstance(status, int) and 300 <= status <= 599:
        yield Diagnostic(
            "COR353",
            Severity.WARNING,
            policy.path_of("options_success_status"),
            f"browsers take {status} for a refusal and block every call that needs a preflight: they want 200 to 299",
            hint="write 204, or 200 for very old browsers; or leave the key out",
            krakend="answers every preflight with that status",
        )


RULE = Rule("COR353", check, __doc__)
