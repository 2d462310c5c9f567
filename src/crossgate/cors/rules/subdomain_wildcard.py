"""Origin pattern that allows every subdomain.

## What it does

Notes patterns such as `https://*.example.com` and `https://preview-*.example.com`.

## Why is this bad?

It need not be: such a pattern is often what is meant. But it allows every host below the domain, at any depth, so the
policy is only as strong as the weakest of them: a forgotten DNS entry that somebody else can claim, or a page of user
content, is enough.

## Example

```json
{"allow_origins": ["https://*.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "https://admin.example.com"]}
```

## KrakenD

Accepts it; the wildcard stands for any text, dots included, also for none (`https://.example.com`).

## Sources

rs/cors `utils.go`, `wildcard.match`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.origins:
        domain = origin.open_domain
        if domain is None or origin.scheme is None or policy.lookups.is_public_suffix(domain):
            continue
        yield Diagnostic(
            "COR209",
            Severity.NOTE,
            origin.path,
            f"`{origin.text}` allows every such host below `{domain}`: it is only as safe as the weakest of them",
            hint="list the hosts if they are few",
            krakend="accepts it; its wildcard stands for any text, dots included",
        )


RULE = Rule("COR209", check, __doc__)
