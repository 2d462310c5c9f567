"""Request header that no script may set.

## What it does

Looks in `allow_headers` for headers that browsers set themselves and never leave to scripts: `Cookie`, `Host`,
`Content-Length`, `Sec-…`, `Proxy-…` and others (a warning), and `Origin` (a note, since so many files have it).

## Why is this bad?

Browsers never ask for these names, so the entry does nothing. Whoever lists `Cookie` most likely wants
`allow_credentials`.

## Example

```json
{"allow_headers": ["Content-Type", "Cookie", "Origin"]}
```

## Use instead

```json
{"allow_headers": ["Content-Type"], "allow_credentials": true}
```

## KrakenD

Accepts it. KrakenD 1's own default list has `Origin`, which is as useless there.

## Sources

Fetch standard, "forbidden request-header".
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

FORBIDDEN = frozenset(
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
PREFIXES = ("proxy-", "sec-")


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for entry in policy.entries("allow_headers"):
        name = entry.text.lower()
        if name in FORBIDDEN or name.startswith(PREFIXES):
            wanted_cookies = name in ("cookie", "cookie2") and not policy.flag("allow_credentials")
            yield Diagnostic(
                "COR332",
                # KrakenD's own documentation lists Origin, and so does every second file: harmless, and no mistake.
                Severity.NOTE if name == "origin" else Severity.WARNING,
                entry.path,
                f"`{entry.text}` need not be listed: browsers set this header themselves and never let scripts do it",
                hint="remove it" + ("; to let requests carry cookies, set allow_credentials to true" * wanted_cookies),
                krakend="accepts it; no browser ever asks for it",
                cause="cookies" if wanted_cookies else "headers that browsers set",
            )


RULE = Rule("COR332", check, __doc__)
