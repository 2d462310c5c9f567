"""Backend timeout that has no effect.

## What it does

Looks for a `timeout` in a backend that differs from its endpoint's.

## Why is this bad?

A backend has no timeout of its own: the endpoint's holds for all of them. The number in the file is not what happens.

## Example

```json
{"endpoint": "/a", "timeout": "2s", "backend": [{"url_pattern": "/b", "timeout": "10s"}]}
```

## Use instead

```json
{"endpoint": "/a", "timeout": "10s", "backend": [{"url_pattern": "/b"}]}
```

## KrakenD

Reads the duration, refuses to start if it is none, and then takes the endpoint's.

## Sources

lura `config/config.go`, `initBackendDefaults`.
"""

from collections.abc import Iterator

from crossgate.config.document import Document
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule
from crossgate.golang.duration import DurationError, parse_duration


def check(document: Document) -> Iterator[Diagnostic]:
    """At the backend's timeout."""
    for endpoint in document.endpoints:
        if "timeout" in endpoint.broken:
            continue
        for backend in endpoint.backends:
            written = backend.raw.get(backend.keys["timeout"]) if backend.has("timeout") else None
            seconds = _seconds(written)
            if seconds is None or seconds == endpoint.config.timeout_seconds:
                continue
            yield Diagnostic(
                "CFG308",
                Severity.WARNING,
                backend.at("timeout"),
                f"this timeout has no effect: that of the endpoint ({endpoint.config.timeout_seconds:g} s) counts",
                hint="set the timeout of the endpoint, and remove this one",
                krakend="reads it, then uses the endpoint's",
                cause="backend timeout",
            )


def _seconds(written: object) -> float | None:
    if not isinstance(written, str):
        return None
    try:
        return parse_duration(written) / 1_000_000_000
    except DurationError:
        return None


RULE = Rule("CFG308", check, __doc__, only_warns=True)
