"""An empty list of origins allows every origin.

## What it does

Looks for `"allow_origins": []`.

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

Allows any origin.

## Sources

rs/cors `cors.go`, `New`: an empty `AllowedOrigins` becomes all origins.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the empty list."""
    if policy.plain_wildcards and policy.values.get("allow_origins") == []:
        yield Diagnostic(
            "COR211",
            Severity.WARNING,
            policy.path_of("allow_origins"),
            "an empty list allows every origin, not none",
            hint='list the origins; write "*" if everybody is meant, remove the CORS block if nobody is',
            krakend="takes the list for absent and allows any origin",
        )


RULE = Rule("COR211", check, __doc__)
