"""Default port in an origin.

## What it does

Looks for `:443` after `https://` and `:80` after `http://`.

## Why is this bad?

A browser leaves a scheme's default port out, so the entry never matches.

## Example

```json
{"allow_origins": ["https://app.example.com:443"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Silently accepts it; the entry never matches.

## Sources

URL standard, "port state" and "serializing". HTML standard, "serialization of an origin".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.cors.rules.written_origin import DEFAULT_PORTS
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        scheme = (origin.scheme or "").lower()
        if origin.host and origin.port is not None and origin.port == DEFAULT_PORTS.get(scheme):
            yield Diagnostic(
                "COR304",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` never matches: {origin.port} is the default port of {scheme}, and browsers omit it",
                hint=policy.proposal(origin),
                krakend="accepts it; the entry never matches",
            )


RULE = Rule("COR304", check, __doc__)
