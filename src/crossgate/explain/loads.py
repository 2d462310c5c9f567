"""What refuses requests only under load, as sentences with their places: limits, breakers, how much is done at once.

One request that is explained meets none of them. Knows documents as written; does not know requests.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from crossgate.config.document import Document, EndpointNode, Namespace
from crossgate.diagnostics import Span
from crossgate.diagnostics.path import child

_RATES = (("max_rate", "of all clients together"), ("client_max_rate", "of each client"))
_LIMITS = (
    "qos/ratelimit/service",
    "qos/ratelimit/service/redis",
    "qos/ratelimit/router",
    "qos/ratelimit/router/redis",
    "qos/ratelimit/proxy",
    "auth/api-keys",
)


def loads_on(
    node: EndpointNode | None, document: Document, locate: Callable[[str], Span]
) -> Iterator[tuple[str, str, Span]]:
    """Of each thing that counts requests at an endpoint: a sentence, its path and its place."""
    own = () if node is None else (node, *node.backends)
    for owner in (document.service, *own):
        is_backend = owner is not document.service and owner is not node
        for name in _LIMITS:
            space = owner.namespaces.get(name)
            if space is not None:
                yield from _limit(space, locate, is_backend=is_backend)
        tiered = owner.namespaces.get("qos/ratelimit/tiered")
        if tiered is not None:
            yield _at("Rate limits by tier, which the request determines", tiered.path, locate)
        breaker = owner.namespaces.get("qos/circuit-breaker")
        if breaker is not None and isinstance(breaker.value, Mapping):
            errors = breaker.value.get("max_errors", breaker.value.get("maxErrors"))
            yield _at(f"A circuit breaker opens after {_number(errors)} failures of the backend", breaker.path, locate)
    overload = document.service.namespaces.get("crossgate/overload")
    if overload is not None:
        yield _at("The gateway refuses requests while it is overloaded", overload.path, locate)


def _limit(space: Namespace, locate: Callable[[str], Span], *, is_backend: bool) -> Iterator[tuple[str, str, Span]]:
    if not isinstance(space.value, Mapping):
        return
    every = space.value.get("every", "second")
    every = f" in {every}" if every not in ("second", "1s") else " per second"
    for key, of in _RATES:
        rate = space.value.get(key)
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            whose = (
                " of calls to the backend" if is_backend else " of each key" if "api-keys" in space.name else f" {of}"
            )
            yield _at(f"Rate limit of {_number(rate)}{every}{whose}", child(space.path, key), locate)


def _at(text: str, path: str, locate: Callable[[str], Span]) -> tuple[str, str, Span]:
    return text, path, locate(path)


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)[:40]


def under_load(found: Sequence[tuple[str, str, Span]]) -> list[str]:
    """The notes."""
    return [f"Only under load: {text[0].lower()}{text[1:]} at {span.file}:{span.line}." for text, _, span in found]
