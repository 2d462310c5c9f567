"""The origin `null` is allowed.

## What it does

Looks for the entry `null`.

## Why is this bad?

`null` is not one origin but what a browser sends whenever it will not name one: sandboxed frames, `data:` documents,
local files, some redirects. Any site can put a sandboxed frame on its page and is then allowed, with
`allow_credentials` even in the user's name.

## Example

```json
{"allow_origins": ["null"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

To work on local files, serve them on a loopback port and allow `http://localhost:8000`.

## KrakenD

Accepts it and answers `Access-Control-Allow-Origin: null`.

## Sources

HTML standard, "serialization of an origin" (opaque origins). Fetch standard, "CORS check".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    credentials = policy.flag("allow_credentials")
    for origin in policy.krakend_origins:
        if origin.is_null:
            yield Diagnostic(
                "COR207",
                Severity.WARNING,
                origin.path,
                "any site can send the origin `null` from a sandboxed frame"
                + (", and here it may then use your users' credentials" * credentials),
                hint="name the origins; serve local files on http://localhost:PORT and allow that",
                krakend="accepts it and allows every page whose origin is opaque",
            )


RULE = Rule("COR207", check, __doc__)
