"""Origin pattern that spans a public suffix.

## What it does

Looks for patterns whose fixed end is a public suffix, a name below which anybody can get a host of their own:
`https://*.github.io`, `https://preview-*.vercel.app`, `https://*.com`.

## Why is this bad?

The pattern allows every customer of that registry or hosting service, not just you. An attacker only has to open an
account there.

## Example

```json
{"allow_origins": ["https://*.vercel.app"]}
```

## Use instead

```json
{"allow_origins": ["https://my-project.vercel.app"]}
```

Or give your deployments a domain of your own and allow `https://*.preview.example.com`.

## KrakenD

Accepts it; KrakenD knows no public suffixes.

## Sources

The Public Suffix List, both of its parts, by the Python package `publicsuffixlist`. The list changes; a suffix that is
newer than the installed package is not found.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.origins:
        suffix = origin.open_domain
        if suffix is None or not policy.lookups.is_public_suffix(suffix):
            continue
        yield Diagnostic(
            "COR206",
            Severity.WARNING,
            origin.path,
            f"anybody can get a host below the public suffix `{suffix}`, and `{origin.text}` allows them all",
            hint=f'list your own hosts: "{origin.scheme or "https"}://your-name.{suffix}"',
            krakend="accepts it and allows every host below that suffix",
        )


RULE = Rule("COR206", check, __doc__)
