"""Origin pattern that matches every site.

## What it does

Looks for patterns whose wildcard swallows the whole host: `http*`, `https*`, `https://*`, `https://*:8443`.

## Why is this bad?

It looks like a restriction and is none: every site that has the scheme matches. Unlike a bare `*` the answer repeats
the caller's origin, so with `allow_credentials` any site may act in the name of your users.

## Example

```json
{"allow_origins": ["http*"], "allow_credentials": true}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "https://*.example.com"], "allow_credentials": true}
```

For an API that is open to everybody write `"*"`, without credentials.

## KrakenD

Accepts it: the entry is compared as a plain prefix, so `http*` reflects any origin, credentials included.

## Sources

Fetch standard, "CORS protocol and credentials". rs/cors `utils.go`, `wildcard.match`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.cors.rules.written_origin import WrittenOrigin
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def matches_every_host(origin: WrittenOrigin) -> bool:
    """Whether the pattern leaves no part of the host fixed."""
    if origin.pattern is None or origin.never_matches:
        return False
    before, after = origin.pattern
    if "://" in before and not before.endswith("://"):
        return False
    if after.startswith("://"):  # a wildcard in the scheme; what of the host?
        after = after.removeprefix("://")
    return after.removeprefix(".") == "" or after.startswith(":")


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    credentials = policy.flag("allow_credentials")
    for origin in policy.krakend_origins:
        if matches_every_host(origin):
            yield Diagnostic(
                "COR202",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` matches every site" + (", and each may use your users' credentials" * credentials),
                hint='list the exact origins, or write "*" without credentials if everybody is meant',
                krakend="accepts it and repeats any matching origin in its answer"
                + (", together with Access-Control-Allow-Credentials: true" * credentials),
            )


RULE = Rule("COR202", check, __doc__)
