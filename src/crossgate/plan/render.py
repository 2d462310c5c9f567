"""Plans as text and as JSON: stable, so that two of them can be compared line by line.

Shows what is decided; values a reader of the configuration knows anyway (defaults that were not touched) are left out
of the text, not of the JSON.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec

from crossgate.cors import CorsPolicy
from crossgate.plan.plan import BackendPlan, EndpointPlan, Plan
from crossgate.plan.routes import RouteKind, RoutePlan

_SHOWN_OTHERWISE = frozenset(
    ("index", "path", "method", "backends", "params", "cors", "hosts", "url_pattern", "timeout_seconds", "shadow")
)


def render_json(plan: Plan) -> str:
    """The whole plan. Keys are sorted; policies are their configuration."""
    return json.dumps(_plain(plan), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def render_text(plan: Plan) -> str:
    """A page for people: routes in order, each with its stages, outermost first."""
    lines = [f"gateway: X-Krakend: Version {plan.identity.version}; User-Agent: {plan.identity.user_agent}"]
    lines.append(f"errors: {plan.error_style}")
    lines.append(f"cors: {_policy_text(plan.cors)}")
    if plan.unsupported:
        lines.append(f"refuses all but health: {', '.join(plan.unsupported)} not run")
    lines += [f"router: {text}" for text in _changed(plan.router, frozenset())]
    lines += [f"upstream: {text}" for text in _changed(plan.upstream, frozenset())]
    for route in plan.routes:
        lines += ["", *_route_lines(plan, route)]
    return "\n".join(lines) + "\n"


def _route_lines(plan: Plan, route: RoutePlan) -> Iterator[str]:
    heading = f"{route.method} {route.path}"
    if route.kind is not RouteKind.ENDPOINT:
        yield f"{heading}: {route.kind.value}" + (f", Allow: {route.allow}" if route.allow else "")
        return
    endpoint = plan.endpoints[route.endpoint]
    yield heading
    yield f"  stages: {' > '.join(stage.value for stage in endpoint.stages)}"
    yield f"  timeout: {endpoint.timeout_seconds:g}s"
    if endpoint.config.cors is not None:
        yield f"  cors: {_policy_text(endpoint.config.cors)}"
    yield from (f"  {text}" for text in _changed(endpoint.config, _SHOWN_OTHERWISE))
    yield from _backend_lines(endpoint)


def _backend_lines(endpoint: EndpointPlan) -> Iterator[str]:
    for word, backends in (("backend", endpoint.backends), ("shadow", endpoint.shadows)):
        for backend in backends:
            yield f"  {word} {backend.config.index}: {_call_text(backend)}"
            yield f"    stages: {' > '.join(stage.value for stage in backend.stages)}"
            yield from (f"    {text}" for text in _changed(backend.config, _SHOWN_OTHERWISE))


def _call_text(backend: BackendPlan) -> str:
    hosts = " | ".join(backend.config.hosts) or "(no hosts)"
    return f"{backend.method} {hosts} {backend.template.internal_pattern}"


def _changed(config: Any, left_out: frozenset[str]) -> Iterator[str]:
    """The fields of a dataclass that are not at their defaults."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        default = field.default
        if default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if field.name not in left_out and value != default:
            yield f"{field.name}: {json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)}"


def _policy_text(policy: CorsPolicy | None) -> str:
    if policy is None:
        return "off"
    return json.dumps(_plain(policy), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, CorsPolicy):
        return _plain(value.config)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # What a type does not show of itself (secrets) is not shown here either.
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted([_plain(item) for item in value], key=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, msgspec.Raw):
        return msgspec.json.decode(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
