"""Origin pattern that leaves the scheme open.

## What it does

Looks for patterns whose wildcard covers the scheme while the host is fixed: `*://example.com`, `http*://example.com`,
`*.example.com`.

## Why is this bad?

The pattern also allows `http://`, so whoever can tamper with unencrypted traffic can speak for that host. Without
`://` in the pattern it is also easy to misjudge what else ends like that.

## Example

```json
{"allow_origins": ["*.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://*.example.com"]}
```

## KrakenD

Accepts it and compares what follows the wildcard as a plain suffix.

## Sources

rs/cors `utils.go`, `wildcard.match`. Secure Contexts, "potentially trustworthy origin".
"""

from collections.abc import Iterator

from crossgate.cors.rules.scheme_wildcard import matches_every_host
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if origin.pattern is None or origin.never_matches or "://" in origin.pattern[0] or matches_every_host(origin):
            continue
        end = origin.pattern[1]
        host = end.partition("://")[2] or ("*" + end if end.startswith(".") else "")
        yield Diagnostic(
            "COR210",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` leaves the scheme open and so allows plain http too",
            hint=f'write "https://{host}"' if host else "write the scheme: https://",
            krakend="accepts it and allows every origin that ends so, with any scheme",
        )


RULE = Rule("COR210", check, __doc__)
