"""Plain-http origin together with credentials.

## What it does

Looks for `http://` origins, loopback hosts apart, in a policy that allows credentials.

## Why is this bad?

Who can change the traffic between a user and that site (a public network suffices) can put a script into its pages and
so read your API in the user's name, though the API itself is on https.

## Example

```json
{"allow_origins": ["http://app.example.com"], "allow_credentials": true}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"], "allow_credentials": true}
```

## KrakenD

Accepts it.

## Sources

Secure Contexts, "potentially trustworthy origin": loopback hosts are trustworthy without TLS.
"""

from collections.abc import Iterator

from crossgate.cors.rules.scheme_wildcard import matches_every_host
from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    if not policy.flag("allow_credentials"):
        return
    for origin in policy.origins:
        if (origin.scheme or "").lower() != "http" or origin.is_loopback or matches_every_host(origin):
            continue
        if origin.never_matches:
            continue
        yield Diagnostic(
            "COR208",
            Severity.WARNING,
            origin.path,
            f"`{origin.text}` is plain http: whoever tampers with its traffic can use your users' credentials",
            hint=f'serve that site over https and write "https{origin.text.strip()[4:]}"',
            krakend="accepts it and sends Access-Control-Allow-Credentials: true to that origin",
        )


RULE = Rule("COR208", check, __doc__)
