"""Origin pattern whose wildcard ends inside a host's label.

## What it does

Looks for patterns where the text after `*` does not begin with a dot: `https://*example.com`.

## Why is this bad?

The wildcard stands for any text, not for whole labels, so `https://*example.com` also matches `https://evilexample.com`,
a name that anybody can register.

## Example

```json
{"allow_origins": ["https://*example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://example.com", "https://*.example.com"]}
```

## KrakenD

Accepts it: the entry is compared as a plain prefix and suffix.

## Sources

rs/cors `utils.go`, `wildcard.match`. GHSA-vhxv-fg4m-p2w8 is the same hole in another library.
"""

from collections.abc import Iterator

from crossgate.cors.rules.scheme_wildcard import matches_every_host
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.cors.rules.written_origin import WrittenOrigin
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def _fixed_end(origin: WrittenOrigin) -> str:
    """The host's fixed text after the wildcard, where that does not begin at a label's boundary; else empty."""
    if origin.wildcard_host is None or matches_every_host(origin):
        return ""
    after = origin.wildcard_host[1]
    return "" if after.startswith((".", "*")) else after


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if end := _fixed_end(origin):
            scheme = origin.scheme or "https"
            before = origin.wildcard_host[0] if origin.wildcard_host and origin.scheme else ""
            yield Diagnostic(
                "COR203",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` also matches `{scheme}://{before}evil{end}`: its wildcard ends inside a label",
                hint=f'write "{scheme}://{end}" and "{scheme}://*.{end}"'
                if end[0].isalnum() and before[-1:] in ("", ".")
                else "list the hosts; a wildcard stands for whole labels, as in https://*.example.com",
                krakend="accepts it and allows every origin that ends so, whoever owns the name",
            )


RULE = Rule("COR203", check, __doc__)
