"""Preflights are passed through, and nothing answers them.

## What it does

Looks for `"options_passthrough": true` in a file without `router.auto_options`.

## Why is this bad?

The preflight goes on to the router with its CORS headers set, and there is no OPTIONS endpoint: the answer is 405, or
404. A browser accepts a preflight's answer only with a status from 200 to 299, so every call that needs a preflight is
blocked. Also refused preflights go on, to whoever answers them.

## Example

```json
{"extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"], "options_passthrough": true}}}
```

## Use instead

```json
{"extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"]}}}
```

Or, if something behind CORS has to see preflights, add `"router": {"auto_options": true}`.

## KrakenD

Answers every preflight 405 (404 for unknown paths). Endpoints with the method OPTIONS do not exist in it.

## Sources

Fetch standard, "CORS-preflight fetch", step 7. rs/cors `cors.go`, `Handler`. lura `router/gin/router.go`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.path import child
from crossgate.diagnostics.rule import Rule

_FLAG = "options_passthrough"


def check(document: Document) -> Iterator[Diagnostic]:
    """At each flag that is true."""
    if document.config.router.auto_options:
        return
    for path in _flags(document):
        yield Diagnostic(
            "COR401",
            Severity.WARNING,
            path,
            "browsers block every call that needs a preflight: it is passed on, and no endpoint answers OPTIONS",
            hint='remove it, or set "auto_options": true in the router namespace',
            krakend="answers every preflight 405, with the CORS headers set",
        )


def _flags(document: Document) -> Iterator[str]:
    krakend = document.service.namespaces.get("security/cors")
    # Version 2 does not know the key, and the decoder says so.
    if krakend is not None and document.version == 3:
        yield from _turned_on(krakend.value, krakend.path)
    own = document.service.namespaces.get("crossgate/cors")
    if own is not None:
        yield from _turned_on(own.value, own.path)
        policies = own.value.get("policies") if isinstance(own.value, Mapping) else None
        for name, policy in policies.items() if isinstance(policies, Mapping) else ():
            yield from _turned_on(policy, child(child(own.path, "policies"), str(name)))
    for endpoint in document.endpoints:
        namespace = endpoint.namespaces.get("crossgate/cors")
        if namespace is not None:
            yield from _turned_on(namespace.value, namespace.path)


def _turned_on(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value.get(_FLAG) is True:
        yield child(path, _FLAG)


RULE = Rule("COR401", check, __doc__, only_warns=True)
