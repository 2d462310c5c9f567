"""Text that is not a header name.

## What it does

Looks for entries of `allow_headers` and `expose_headers` that are not HTTP tokens: with spaces, commas or colons in
them, or empty.
In a `version: 2` file also for names with a character that KrakenD 1 drops when it reads the request.

## Why is this bad?

An entry is one name. `"Content-Type, Authorization"` is not two names, and `"X-Id:"` is none: the entry never matches.
In `expose_headers` such text ends up in a response field that browsers then ignore as a whole.

## Example

```json
{"allow_headers": ["Content-Type, Authorization"]}
```

## Use instead

```json
{"allow_headers": ["Content-Type", "Authorization"]}
```

## KrakenD

Silently accepts it; the entry never matches, or goes into `Access-Control-Expose-Headers` as it is.

## Sources

RFC 9110 sections 5.1 and 5.6.2. rs/cors 1.6 `utils.go`, `parseHeaderList`: letters, digits, `-` and `_` only.
"""

import re
from collections.abc import Iterator

from crossgate.cors.rules.token import is_token, pieces_hint, shown
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_KEPT_BY_1_4 = re.compile(r"[A-Za-z0-9_-]+|\*")


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for key in ("allow_headers", "expose_headers"):
        for entry in policy.entries(key):
            if not is_token(entry.text):
                yield Diagnostic(
                    "COR331",
                    Severity.WARNING,
                    entry.path,
                    f"{shown(entry.text)} is not a header name",
                    hint=pieces_hint(entry.text),
                    krakend="accepts it; the entry never matches"
                    if key == "allow_headers"
                    else "accepts it and sends it; browsers ignore a field with such text",
                )
            elif key == "allow_headers" and policy.old_semantics and not _KEPT_BY_1_4.fullmatch(entry.text):
                yield Diagnostic(
                    "COR331",
                    Severity.WARNING,
                    entry.path,
                    f"`{entry.text}` never matches: in a version 2 file only letters, digits, - and _ count",
                    hint="rename the header, or move to a version 3 file",
                    krakend="KrakenD 1 drops other characters from the requested names before it compares",
                )


RULE = Rule("COR331", check, __doc__)
