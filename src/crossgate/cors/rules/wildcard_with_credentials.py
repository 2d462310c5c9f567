"""Any origin together with credentials.

## What it does

Looks for a policy that allows every origin, by a bare `*` or by an empty or missing list, and sets `allow_credentials`.

## Why is this bad?

A browser refuses `Access-Control-Allow-Origin: *` on a request that includes credentials, so every call with cookies
fails. The workarounds that people find (`http*`, reflecting the origin) are worse: they hand the user's session to any
site.

## Example

```json
{"allow_origins": ["*"], "allow_credentials": true}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"], "allow_credentials": true}
```

Or leave `allow_credentials` out, if no cookie or other credential is needed.

## KrakenD

Starts. It answers `*` and `Access-Control-Allow-Credentials: true`, which no browser accepts for a request with
credentials.

## Sources

Fetch standard, "CORS check", step 4. krakend-cors issue 9. CVE-2024-25124 (fiber) is the reflecting variant.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At each bare `*`; where there is none, at the flag."""
    # The safe dialects refuse the pair outright: their decoder has said so.
    if not policy.plain_wildcards or not policy.flag("allow_credentials") or not policy.allows_any_origin:
        return
    stars = [origin.path for origin in policy.origins if origin.is_any]
    if not stars and policy.turns_on("allow_credentials"):
        stars = [policy.path_of("allow_credentials")]
    for path in stars:
        yield Diagnostic(
            "COR201",
            Severity.WARNING,
            path,
            "any origin together with credentials: a browser refuses `*` on a request that includes credentials",
            hint="list the exact origins that need credentials, or leave allow_credentials out",
            krakend="starts, sends `*` and `true`, and the browser then blocks every credentialed response",
        )


RULE = Rule("COR201", check, __doc__)
