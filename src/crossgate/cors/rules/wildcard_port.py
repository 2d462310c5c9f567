"""Origin pattern with a wildcard in its port.

## What it does

Looks for `http://localhost:*` and other patterns whose `*` stands after the port's colon.

## Why is this bad?

The wildcard stands for any text, not for digits: `http://localhost:*` matches `http://localhost:3000.evil.com`. It also
misses what it seems to include: `http://localhost` without a port does not match. And every program that listens on
some port of that host is allowed.

## Example

```json
{"allow_origins": ["http://localhost:*"]}
```

## Use instead

```json
{"allow_origins": ["http://localhost:3000", "http://localhost:5173"]}
```

In `crossgate/cors` an entry that ends in `:*` is safe: it means any port, digits only, and none.

## KrakenD

Accepts it and compares the fixed part as a plain prefix.

## Sources

rs/cors `utils.go`, `wildcard.match`. HTML standard, "serialization of an origin": a default port is left out.
"""

from collections.abc import Iterator

from crossgate.cors.rules.scheme_wildcard import matches_every_host
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if "*" not in (origin.port or "") or not origin.host or "*" in f"{origin.scheme}{origin.host}":
            continue
        if origin.never_matches or matches_every_host(origin):
            continue
        without_port = origin.text.lower().partition("*")[0]
        port = 3000 if origin.is_loopback else 8443
        yield Diagnostic(
            "COR205",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` matches any text there, such as `{without_port}1.evil.com`, but not the default port",
            hint=f'list the ports that are used: "{without_port.rpartition(":")[0]}:{port}"',
            krakend="accepts it and compares what stands before the wildcard as a plain prefix",
        )


RULE = Rule("COR205", check, __doc__)
