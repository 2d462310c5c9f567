"""Entry that another one covers.

## What it does

Looks for origins that a pattern of the same list matches anyway, and for entries of `allow_origins` and `allow_headers`
beside a bare `*`.

## Why is this bad?

The entry does nothing, and it misleads: somebody who removes it believes that the origin is no longer allowed. Beside a
bare `*` the rest of the list is discarded, so a list that looks restrictive allows everybody.

## Example

```json
{"allow_origins": ["*", "https://app.example.com"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com"]}
```

## KrakenD

Accepts it. A bare `*` anywhere in the list discards all other entries.

## Sources

rs/cors `cors.go`, `New`.
"""

from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry that does nothing."""
    yield from _beside_star(policy, "allow_origins", "any origin")
    yield from _beside_star(policy, "allow_headers", "any header")
    for origin in policy.origins:
        other = policy.cover_of(origin)
        if other is not None and not other.is_any:
            yield Diagnostic(
                "COR311",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` has no effect: `{other.text}` at allow_origins[{other.index}] covers it",
                hint="remove it, or narrow the pattern",
                krakend="accepts it; removing the entry would change nothing",
            )


def _beside_star(policy: WrittenPolicy, key: str, meaning: str) -> Iterator[Diagnostic]:
    entries = list(policy.entries(key))
    if all(entry.text != "*" for entry in entries):
        return
    for entry in entries:
        # `Authorization` beside `*` has a rule of its own: the reader has a reason for it there.
        if entry.text == "*" or (key == "allow_headers" and entry.text.lower() == "authorization"):
            continue
        yield Diagnostic(
            "COR311",
            Severity.WARNING,
            entry.path,
            f"`{entry.text}` has no effect: `*` in the same list allows {meaning}",
            hint="remove the `*` if the list is meant, or the other entries if it is not",
            krakend="discards all entries beside a bare `*`",
            cause=f"beside `*` in {key}",
        )


RULE = Rule("COR311", check, __doc__)
