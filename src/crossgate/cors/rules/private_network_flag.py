"""Private network access is allowed.

## What it does

Notes `"allow_private_network": true`.

## Why is this bad?

It does nothing any more. It belongs to Private Network Access, which browsers have given up: no header of a response
lets a public site call a server in a private network. Its successor, Local Network Access, asks the user. The page has
to be a secure context (https) and the user has to agree: Chromium since 142, since 145 with separate permissions for
the local network and for loopback, since 147 for WebSockets too; Firefox since 151/152.

## Example

```json
{"allow_private_network": true}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

and serve the page over https, so that the browser can ask its user.

## KrakenD

Answers `Access-Control-Allow-Private-Network: true` where a preflight asks, and names the request field in `Vary`.
crossgate does the same.

## Sources

Local Network Access (WICG). Chrome 142 release notes.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the flag."""
    # In version 2 files the key is unknown, and the decoder says so.
    if policy.config_version == 3 and policy.turns_on("allow_private_network"):
        yield Diagnostic(
            "COR351",
            Severity.NOTE,
            policy.path_of("allow_private_network"),
            "no browser asks for it any more: Local Network Access asks the user instead, and no header grants it",
            hint="serve the calling page over https, so that the browser can ask its user; then remove the key",
            krakend="answers Access-Control-Allow-Private-Network: true where a preflight asks",
        )


RULE = Rule("COR351", check, __doc__)
