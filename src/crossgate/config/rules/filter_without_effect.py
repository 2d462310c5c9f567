"""`allow` or `deny` that cannot match.

## What it does

Looks in the `allow` and `deny` lists of backends for entries that name nothing the answer can have: `*`, which is no
wildcard here; fields inside a collection (`is_collection`), since a list is not searched; any entry where the answer is
passed on unread (`no-op`).

## Why is this bad?

An `allow` list that matches nothing empties the answer. A `deny` list that matches nothing lets through what it was
meant to hold back.

## Example

```json
{"backend": [{"url_pattern": "/users", "is_collection": true, "deny": ["password"]}]}
```

## Use instead

```json
{"backend": [{"url_pattern": "/users", "is_collection": true,
              "extra_config": {"proxy": {"flatmap_filter": [{"type": "del", "args": ["collection.*.password"]}]}}}]}
```

The list of a collection as a whole is called `collection`.

## KrakenD

Starts. The entry never matches.

## Sources

lura `proxy/formatter.go`, `newAllowlistingFilter` and `newDenylistingFilter`; `encoding/json.go`.
"""

from collections.abc import Iterator

from crossgate.config.document import BackendNode, Document, EndpointNode
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_COLLECTION = "collection"


def check(document: Document) -> Iterator[Diagnostic]:
    """At the entry; at the list where none of it can match."""
    for endpoint in document.endpoints:
        for backend in endpoint.backends:
            # With both, KrakenD looks at allow alone; with flatmap operations, at neither.
            key = "allow" if backend.config.allow else "deny"
            if backend.config.flatmap or key in backend.broken:
                continue
            for path, entry in _written(backend, key):
                why = _why_never(entry, backend, endpoint)
                if why:
                    yield _diagnostic(key, path, entry, why, backend)


def _why_never(entry: str, backend: BackendNode, endpoint: EndpointNode) -> str:
    if backend.config.encoding == "no-op" and endpoint.config.output_encoding == "no-op":
        return "with no-op the answer is passed on unread"
    steps = entry.split(".")
    if "*" in steps:
        return "`*` is not a wildcard here"
    if not backend.config.is_collection or backend.config.target:
        return ""
    if steps[0] != _COLLECTION:
        return f"the answer is a collection, whose only field is `{_COLLECTION}`"
    return "the items of a collection are not searched" if len(steps) > 1 else ""


def _diagnostic(key: str, path: str, entry: str, why: str, backend: BackendNode) -> Diagnostic:
    effect = "keeps nothing" if key == "allow" else "holds nothing back"
    no_op = backend.config.encoding == "no-op"
    if no_op:
        effect, hint = (
            "has no effect",
            'write "output_encoding": "json" in the endpoint, and decode the backend\'s answer',
        )
    elif "*" in entry:
        hint = "leave the list out to keep all fields" if key == "allow" else "name the fields"
    elif key == "allow":
        hint = f"allow `{_COLLECTION}` as a whole, and delete fields with proxy.flatmap_filter"
    else:
        field = f"{_COLLECTION}.*.{entry.removeprefix(f'{_COLLECTION}.')}"
        hint = f'delete the field with proxy.flatmap_filter: {{"type": "del", "args": ["{field}"]}}'
    return Diagnostic(
        "CFG313",
        Severity.WARNING,
        path,
        f"`{entry}` in {key} {effect}: {why}",
        hint=hint,
        krakend="starts; the entry never matches",
        cause=f"{key}: {why}",
    )


def _written(backend: BackendNode, key: str) -> Iterator[tuple[str, str]]:
    """The entries with their places. A plain text counts as a list."""
    written = backend.raw.get(backend.keys[key]) if backend.has(key) else None
    if isinstance(written, str):
        for entry in written.split(","):
            yield backend.at(key), entry
    for index, entry in enumerate(written if isinstance(written, list) else ()):
        if isinstance(entry, str):
            yield backend.at(key, index), entry


RULE = Rule("CFG313", check, __doc__, only_warns=True)
