"""A configuration and a request as they would be past a check that refused: for who asks what comes after it.

Of the configuration that check alone is left out; a token is made one that the check lets through. Knows what
refused; asks nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossgate.components.cel.config import Checks
from crossgate.components.lua.config import EndpointScripts
from crossgate.config.model import BackendConfig, EndpointConfig, ServiceConfig
from crossgate.explain.asked import AskedRequest
from crossgate.explain.past_token import past_token
from crossgate.testing.watched import Stood

_NO_LIMIT = 1 << 40
_SIZES = ("request.head-too-large", "request.target-too-long", "request.body-too-large")
_CEL = "cel"
_TRUE = "req_method == req_method"
"""In the place of an expression, so that the numbers of those behind it stay theirs."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Who is asked what."""

    config: ServiceConfig
    asked: AskedRequest


def of_endpoint(config: ServiceConfig, endpoint: EndpointConfig | None) -> ServiceConfig:
    """The same with that endpoint alone, which costs no time; all of them where there is none."""
    if endpoint is None:
        return config
    same = tuple(one for one in config.endpoints if (one.path, one.method) == (endpoint.path, endpoint.method))
    return replace(config, endpoints=same) if same else config


def past_core(situation: Situation, code: str) -> Situation | None:
    """Past a reason that is the gateway's own; None where nobody can say what the request would be like."""
    config, asked = situation.config, situation.asked
    if code in _SIZES:
        limits = replace(
            config.limits, max_head_bytes=0, max_headers=0, max_target_bytes=_NO_LIMIT, max_body_bytes=_NO_LIMIT
        )
        return replace(situation, config=replace(config, limits=limits))
    if code == "request.expectation":
        fields = tuple(field for field in asked.fields if field[0].lower() != "expect")
        return replace(situation, asked=replace(asked, fields=fields))
    if code == "route.not-run":
        return replace(situation, config=_with_endpoints(replace(config, unsupported=()), _all_run))
    if code == "route.only-shadows":
        return replace(situation, config=_with_endpoints(config, _without_shadows))
    return None


def past_component(
    situation: Situation, code: str, name: str, stood: Stood | None, claims: Mapping[str, Any], item: int | None
) -> Situation | None:
    """Past a component. `item` is the number of the expression that refused, where it is one."""
    if code.startswith("token."):
        if code == "token.refused":
            return replace(situation, config=_with_endpoints(situation.config, _without_claim_checks))
        found = past_token(situation.config, situation.asked, code, claims)
        return None if found is None else Situation(*found)
    if stood is None:
        return None
    config = situation.config
    if stood.level == "service":
        components = {key: value for key, value in config.components.items() if key != name}
        return replace(situation, config=replace(config, components=components))

    def without(endpoint: EndpointConfig) -> EndpointConfig:
        if stood.level == "endpoint":
            return _without_component(endpoint, name, _less(endpoint.components.get(name), stood, item))
        backends = tuple(
            _backend_without(one, name, _less(one.components.get(name), stood, item))
            if one.index == stood.backend
            else one
            for one in endpoint.backends
        )
        return replace(endpoint, backends=backends)

    return replace(situation, config=_with_endpoints(config, without))


def _less(value: Any, stood: Stood, item: int | None) -> Any:
    """A component's value without what refused; None where nothing is left of it."""
    if isinstance(value, tuple) and stood.hook == "gate":
        return (*value[: stood.position], *value[stood.position + 1 :]) or None
    if isinstance(value, Checks) and item is not None:
        return replace(value, before=(*value.before[:item], _TRUE, *value.before[item + 1 :]))
    if isinstance(value, EndpointScripts):
        value = replace(value, **{"before" if stood.hook == "gate" else "around": None})
        return value if value.before or value.around else None
    return None


def _without_component(endpoint: EndpointConfig, name: str, left: Any) -> EndpointConfig:
    if left is not None:
        return replace(endpoint, components={**endpoint.components, name: left})
    components = {key: value for key, value in endpoint.components.items() if key != name}
    return replace(
        endpoint,
        components=components,
        answered_by="" if endpoint.answered_by == name else endpoint.answered_by,
        wrapped_by=_but(endpoint.wrapped_by, name),
        modified_by=_but(endpoint.modified_by, name),
    )


def _backend_without(backend: BackendConfig, name: str, left: Any) -> BackendConfig:
    if left is not None:
        return replace(backend, components={**backend.components, name: left})
    components = {key: value for key, value in backend.components.items() if key != name}
    return replace(
        backend,
        components=components,
        wrapped_by=_but(backend.wrapped_by, name),
        guarded_by=_but(backend.guarded_by, name),
    )


def _but(names: tuple[str, ...], without: str) -> tuple[str, ...]:
    return tuple(name for name in names if name != without)


def _with_endpoints(config: ServiceConfig, change: Callable[[EndpointConfig], EndpointConfig]) -> ServiceConfig:
    return replace(config, endpoints=tuple(map(change, config.endpoints)))


def _all_run(endpoint: EndpointConfig) -> EndpointConfig:
    backends = tuple(replace(one, unsupported=()) for one in endpoint.backends)
    return replace(endpoint, unsupported=(), backends=backends)


def _without_shadows(endpoint: EndpointConfig) -> EndpointConfig:
    return replace(endpoint, backends=tuple(replace(one, shadow=False) for one in endpoint.backends))


def _without_claim_checks(endpoint: EndpointConfig) -> EndpointConfig:
    checks = endpoint.components.get(_CEL)
    if not isinstance(checks, Checks):
        return endpoint
    left = replace(checks, claims=())
    return _without_component(endpoint, _CEL, left if left != Checks() else None)
