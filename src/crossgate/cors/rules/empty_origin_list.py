"""No origin listed means every origin.

## What it does

Looks for `"allow_origins": []` (a warning) and for a CORS block without the key (a note).

## Why is this bad?

It reads as "nobody" and means "everybody": KrakenD takes an empty list for one that was not given, and its default is
any origin.

## Example

```json
{"allow_origins": []}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

To allow nobody, remove the whole CORS block. To allow everybody, say so: `["*"]`.

## KrakenD

Allows any origin. (KrakenD 1.4 takes a block that is empty altogether for absent, and CORS is then off.)

## Sources

rs/cors `cors.go`, `New`: an empty `AllowedOrigins` becomes all origins.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the empty list, or at the block."""
    value = policy.values.get("allow_origins", [])
    if not policy.plain_wildcards or value or not isinstance(value, list | tuple):
        return
    absent = "allow_origins" not in policy.values
    yield Diagnostic(
        "COR211",
        Severity.NOTE if absent else Severity.WARNING,
        policy.path if absent else policy.path_of("allow_origins"),
        "without allow_origins every origin is allowed" if absent else "an empty list allows every origin, not none",
        hint='list the origins; write "*" if everybody is meant, remove the CORS block if nobody is',
        krakend="allows any origin",
        on_key=absent,
    )


RULE = Rule("COR211", check, __doc__)
