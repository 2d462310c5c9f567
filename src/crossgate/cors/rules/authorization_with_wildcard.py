"""`Authorization` together with a wildcard.

## What it does

Looks for `Authorization` in `allow_headers` where the same list has `*` (a warning), or where any origin is allowed
(a note).

## Why is this bad?

By the Fetch standard `*` does not cover `Authorization`; it has to be named. Here the entry looks as if it had that
effect and does not: KrakenD and crossgate repeat the names that were asked for, so their `*` includes `Authorization`,
named or not. And where any origin is allowed, any page that holds a token may call with it: right for a public API,
wrong for one of your own front ends.

## Example

```json
{"allow_headers": ["*", "Authorization"]}
```

## Use instead

```json
{"allow_headers": ["Authorization", "Content-Type"]}
```

## KrakenD

Discards what stands beside `*` and allows every header, `Authorization` included.

## Sources

Fetch standard, "CORS non-wildcard request-header name". rs/cors `cors.go`, `New`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry `Authorization`."""
    entries = list(policy.entries("allow_headers"))
    beside_star = any(entry.text == "*" for entry in entries)
    for entry in entries:
        if entry.text.lower() != "authorization":
            continue
        if beside_star:
            yield Diagnostic(
                "COR333",
                Severity.WARNING,
                entry.path,
                f"`{entry.text}` has no effect: `*` beside it allows every header, this one included",
                hint="remove the `*` and list the headers that are needed",
                krakend="discards what stands beside `*` and allows every header",
            )
        elif policy.allows_any_origin:
            yield Diagnostic(
                "COR333",
                Severity.NOTE,
                entry.path,
                "pages of any site may send a token: every origin is allowed, and so is `Authorization`",
                hint="list the origins, unless the API is meant for everybody's pages",
                krakend="accepts it",
            )


RULE = Rule("COR333", check, __doc__)
