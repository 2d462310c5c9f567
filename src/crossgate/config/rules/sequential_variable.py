"""Sequential variable without a value.

## What it does

Looks for `{respN_…}` in a backend's `url_pattern` where backend N does not answer before this one: it comes later, is
this one, does not exist, or the endpoint does not call its backends in sequence. Likewise for
`sequential_propagated_params` that name a backend the endpoint does not have.

## Why is this bad?

The placeholder is not replaced. The backend is called with the literal text in its path, and most likely answers 404.

## Example

```json
{"backend": [{"url_pattern": "/users/{resp1_id}"}, {"url_pattern": "/orders"}],
 "extra_config": {"proxy": {"sequential": true}}}
```

## Use instead

```json
{"backend": [{"url_pattern": "/orders"}, {"url_pattern": "/users/{resp0_id}"}],
 "extra_config": {"proxy": {"sequential": true}}}
```

Backends count from 0, shadow backends apart.

## KrakenD

Starts. The backend gets the unreplaced text, escaped.

## Sources

lura `proxy/merging.go`, `sequentialMerge`; `config/config.go`, `sequentialParamsPattern`.
"""

import re
from collections.abc import Iterator

from crossgate.config.document import BackendNode, Document, EndpointNode
from crossgate.config.url_paths import backend_placeholders
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_VARIABLE = re.compile(r"resp([0-9]+)_.+")
_PROPAGATED = re.compile(r"resp([0-9]+)(?:_.+)?")


def check(document: Document) -> Iterator[Diagnostic]:
    """At the url_pattern; at the item of `sequential_propagated_params`."""
    for endpoint in document.endpoints:
        for shadow in (False, True):
            group = [backend for backend in endpoint.backends if backend.config.shadow is shadow]
            for position, backend in enumerate(group):
                yield from _in_url_pattern(endpoint, backend, position, len(group))
        yield from _in_propagated_params(endpoint)


def _in_url_pattern(endpoint: EndpointNode, backend: BackendNode, position: int, count: int) -> Iterator[Diagnostic]:
    if "url_pattern" in backend.broken:
        return
    for name in backend_placeholders(backend.config.url_pattern):
        match = _VARIABLE.fullmatch(name)
        if match is None or name in endpoint.placeholders:
            continue
        why = _why_unset(match[1], position, count, sequential=endpoint.config.sequential and count > 1)
        if why:
            yield Diagnostic(
                "CFG309",
                Severity.WARNING,
                backend.at("url_pattern"),
                f"{{{name}}} is never replaced: {why}",
                hint='set "sequential": true in the endpoint\'s proxy namespace'
                if not endpoint.config.sequential
                else "name a backend that is called before this one; they count from 0",
                krakend="starts; the backend gets the unreplaced text, escaped",
            )


def _why_unset(digits: str, position: int, count: int, *, sequential: bool) -> str:
    """Why the answer of that backend is not known yet; empty where it is."""
    number = int(digits) if len(digits) < 10 else count
    if number >= count:
        return f"the endpoint has no backend {digits}" + (f", only 0 to {count - 1}" if count > 1 else "")
    if number == position:
        return f"this is backend {number} itself"
    if not sequential:
        return "the endpoint calls its backends at the same time"
    if number > position:
        return f"backend {number} is called later than this one, which is backend {position}"
    return ""


def _in_propagated_params(endpoint: EndpointNode) -> Iterator[Diagnostic]:
    namespace = endpoint.namespaces.get("proxy")
    if namespace is None or not isinstance(namespace.value, dict):
        return
    names = namespace.value.get("sequential_propagated_params")
    count = sum(not backend.config.shadow for backend in endpoint.backends)
    for index, name in enumerate(names if isinstance(names, list) else ()):
        match = _PROPAGATED.fullmatch(name) if isinstance(name, str) else None
        if match is None or int(match[1][:9]) < count:
            continue
        yield Diagnostic(
            "CFG309",
            Severity.WARNING,
            f"{namespace.path}.sequential_propagated_params[{index}]",
            f"{name} never has a value: the endpoint has {count} backends, and they count from 0",
            hint="name a backend that the endpoint has",
            krakend="starts; the parameter is never set",
        )


RULE = Rule("CFG309", check, __doc__, only_warns=True)
