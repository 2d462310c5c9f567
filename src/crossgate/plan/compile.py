"""Typed model to plan. Total: a valid model always has a plan."""

from dataclasses import replace

from crossgate.config.model import BackendConfig, EndpointConfig, ServiceConfig
from crossgate.plan.identity import Identity
from crossgate.plan.plan import BackendPlan, EndpointPlan, Plan
from crossgate.plan.routes import compile_routes
from crossgate.plan.stages import backend_is_no_op, backend_stages, endpoint_stages
from crossgate.plan.url_template import parse_url_template


def compile_plan(config: ServiceConfig, *, identity: Identity, like: Plan | None = None) -> Plan:
    """The plan of a service. Cost is linear in the configuration.

    Endpoints that another plan is made of, too, are taken over from that.
    """
    # Decoded lists of backends are not copied: what has the same one is the same endpoint, if anything is.
    known = {} if like is None else {id(one.config.backends): one for one in like.endpoints if one.config.backends}
    return Plan(
        identity=identity,
        routes=compile_routes(config),
        endpoints=tuple(
            [
                _compile_endpoint(endpoint) if (one := known.get(id(endpoint.backends))) is None else _of(one, endpoint)
                for endpoint in config.endpoints
            ]
        ),
        router=config.router,
        upstream=config.upstream,
        cors=config.cors,
        error_style=config.error_style,
        components=config.components,
        unsupported=config.unsupported,
        name=config.name,
    )


def _of(known: EndpointPlan, endpoint: EndpointConfig) -> EndpointPlan:
    """The plan of an endpoint, given one that has its backends: the same, but for its place in the file."""
    if known.config is endpoint:
        return known
    is_same = replace(known.config, index=endpoint.index) == endpoint
    return replace(known, config=endpoint) if is_same else _compile_endpoint(endpoint)


def _compile_endpoint(endpoint: EndpointConfig) -> EndpointPlan:
    compiled = [(backend.shadow, _compile_backend(endpoint, backend)) for backend in endpoint.backends]
    return EndpointPlan(
        config=endpoint,
        stages=endpoint_stages(endpoint),
        backends=tuple(backend for is_shadow, backend in compiled if not is_shadow),
        shadows=tuple(backend for is_shadow, backend in compiled if is_shadow),
        timeout_seconds=endpoint.timeout_seconds,
    )


def _compile_backend(endpoint: EndpointConfig, backend: BackendConfig) -> BackendPlan:
    return BackendPlan(
        config=backend,
        stages=backend_stages(endpoint, backend),
        template=parse_url_template(backend.url_pattern),
        method=(backend.method or endpoint.method).upper(),
        no_op=backend_is_no_op(endpoint, backend),
    )
