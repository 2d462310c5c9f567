"""Origin pattern that leaves the end of the host open.

## What it does

Looks for patterns that end the host with `*`: `https://example.*`, `https://example.com*`, `http://192.168.1.*`.

## Why is this bad?

A host is owned from its end. `https://example.*` matches `https://example.attacker.net` and `https://example.com*`
matches `https://example.com.attacker.net`: anybody can have a matching origin.

## Example

```json
{"allow_origins": ["https://example.*"]}
```

## Use instead

```json
{"allow_origins": ["https://example.com", "https://example.org"]}
```

## KrakenD

Accepts it (its own schema gives such a pattern as an example) and compares the fixed part as a plain prefix.

## Sources

rs/cors `utils.go`, `wildcard.match`. URL standard, "host registrable domain".
"""

from collections.abc import Iterator

from crossgate.cors.rules.scheme_wildcard import matches_every_host
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.wildcard_host is None or origin.wildcard_host[1] or matches_every_host(origin):
            continue
        before = origin.wildcard_host[0]
        victim = f"{origin.scheme or 'https'}://{before}{'' if before.endswith('.') else '.'}attacker.net"
        yield Diagnostic(
            "COR204",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` also matches `{victim}`: anything may follow the wildcard",
            hint="list the exact origins; a wildcard is safe only in front, as in https://*.example.com",
            krakend="accepts it and allows every origin that begins so, whoever owns the name",
        )


RULE = Rule("COR204", check, __doc__)
