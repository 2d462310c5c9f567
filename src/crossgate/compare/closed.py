"""Endpoints that nobody gets through, and how far a request comes there: what is behind that is seen by nobody.

Finds what follows from a configuration alone: keys that nobody has, credentials that exclude each other, expressions
that never hold. Knows guards; does not know requests.
"""

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from crossgate.compare.answered_names import names_of_backend, names_of_endpoint
from crossgate.compare.difference import Place
from crossgate.compare.expressions import Absent, may_be_there, never_hold
from crossgate.compare.forwarded import endpoint_fields
from crossgate.compare.schemas import takes_nothing
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.cel.config import Checks
from crossgate.components.graphql.config import Operation
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.jwt.model import Validator
from crossgate.components.plugins.config import PlacePlugins
from crossgate.components.rate_limit.model import RouterLimit, ServiceLimits
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.config.model import BackendConfig, EndpointConfig
from crossgate.pipeline.hosts import parse_host
from crossgate.plan import Plan
from crossgate.plan.stages import regular_backends
from crossgate.plan.url_template import internal_name

_AUTHORIZATION = "authorization"
REMAKING = frozenset(("lua", "martian", "plugins"))
"""Components that may make something else of calls and of answers."""
_ADDS_FIELDS = frozenset(("lua", "plugins"))
_PARAMETER = re.compile(r"\{[^}]*\}")
_ADDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-via", "user-agent", "content-length", "host")
_GATES = frozenset(("security_http", "bot_detector", "api_keys", "basic_auth", "jwt", "rate_limit"))


class Depth(IntEnum):
    """How far a request gets. Whatever stops it at one depth may do so before anything else that is there."""

    GATES = 0
    AROUND = 1  # plugins and scripts
    EXPRESSIONS = 2
    SCHEMAS = 3
    BACKENDS = 4


def depth_of(place: Place) -> Depth:
    """Where what stands in that place of a file is met."""
    if place.backend >= 0 or not place.is_component:
        return Depth.BACKENDS
    if place.key in _GATES:
        return Depth.GATES
    return {"cel": Depth.EXPRESSIONS, "json_schema": Depth.SCHEMAS}.get(place.key, Depth.AROUND)


def closed_at(endpoint: EndpointConfig, plan: Plan) -> Depth | None:
    """Where nobody gets through; None: somebody may."""
    if not regular_backends(endpoint):
        return Depth.GATES  # nothing is built of it behind those
    if _redirects_all(plan.components) or is_nameless(endpoint, plan) or _lacks_credentials(endpoint, plan):
        return Depth.GATES
    absent = absent_at(endpoint, plan)
    checks, schema = endpoint.components.get("cel"), endpoint.components.get("json_schema")
    if isinstance(checks, Checks) and never_hold(checks.claims, endpoint.method, absent):
        return Depth.GATES
    if isinstance(checks, Checks) and never_hold(checks.before, endpoint.method, absent):
        return Depth.EXPRESSIONS
    if isinstance(schema, BodySchema) and takes_nothing(schema.schema):
        return Depth.SCHEMAS
    return None


def absent_at(endpoint: EndpointConfig, plan: Plan, backends: Sequence[BackendConfig] | None = None) -> Absent:
    """What no request has any more where an endpoint's expressions look at it, or those of one of its `backends`."""
    is_whole = _is_whole(endpoint, backends)
    answered = _answered(endpoint, backends)
    grouped = _grouped(endpoint, backends)
    owners = [endpoint.components, *(one.components for one in backends or ())]
    if any("lua" in some or _is_changed_by_plugins(some.get("plugins")) for some in owners):
        return may_be_there
    names = endpoint_fields(endpoint.input_headers).names
    queries = frozenset(endpoint.input_query_strings)
    told = set(_ADDED)
    validator, ring = endpoint.components.get("jwt"), plan.components.get("api_keys")
    if isinstance(validator, Validator):
        told |= {one.field.lower() for one in validator.propagated}
    if isinstance(ring, KeyRing):
        told.add(ring.role_field.lower())

    params = {internal_name(match[1:-1]) for match in _PARAMETER.findall(endpoint.path)}
    is_told_params = isinstance(validator, Validator) and bool(validator.params)

    def is_absent(variable: str, member: str) -> bool | None:
        if not member:
            return variable == "req_querystring" and not queries
        if variable == "resp_completed":
            return is_whole
        if variable == "resp_data":
            return None if member == grouped else answered is not None and member not in answered
        if variable == "req_params":
            return not is_told_params and member not in params
        if variable == "req_headers":
            return names is not None and member.lower() not in names and member.lower() not in told
        return variable == "req_querystring" and "*" not in queries and member not in queries

    return is_absent


def _is_changed_by_plugins(value: Any) -> bool:
    """Whether they may give a request something; a filter of addresses does not."""
    if not isinstance(value, PlacePlugins):
        return value is not None
    return value.client is not None or any(one.origin != "own" or one.name != "ip-filter" for one in value.modifiers)


def is_never_asked(endpoint: EndpointConfig, number: int, plan: Plan) -> bool:
    """Whether the backend of that number is asked for nothing: it has no host, or no call passes its expressions."""
    backend = endpoint.backends[number] if number < len(endpoint.backends) else None
    if backend is not None and backend.sd == "static" and all(parse_host(one).fault for one in backend.hosts):
        return True
    checks = None if backend is None else backend.components.get("cel")
    if backend is None or not isinstance(checks, Checks):
        return False
    absent = absent_at_backend(backend.components, endpoint, plan)
    return never_hold(checks.before, method_of(backend, endpoint), absent)


def passes_nothing(backend: BackendConfig, endpoint: EndpointConfig, plan: Plan) -> bool:
    """Whether no answer of that backend passes its expressions."""
    checks = backend.components.get("cel")
    return isinstance(checks, Checks) and never_hold(
        checks.after, method_of(backend, endpoint), absent_at_backend(backend.components, endpoint, plan)
    )


def method_of(backend: BackendConfig, endpoint: EndpointConfig) -> str:
    """The method that all calls of a backend have, empty where components may make it another."""
    if REMAKING & backend.components.keys():
        return ""
    operation = backend.components.get("graphql")
    return operation.method if isinstance(operation, Operation) else (backend.method or endpoint.method).upper()


def absent_at_backend(components: Mapping[str, Any], endpoint: EndpointConfig, plan: Plan) -> Absent:
    """What no call of a backend has where its expressions look; questions of GraphQL bring fields of their own. The
    same of an endpoint, given its components."""
    if "graphql" in components:
        return may_be_there
    if components is endpoint.components:
        return absent_at(endpoint, plan)
    return absent_at(endpoint, plan, [one for one in endpoint.backends if one.components is components])


def _answered(endpoint: EndpointConfig, backends: Sequence[BackendConfig] | None) -> frozenset[str] | None:
    """The names that data may have there; None: any."""
    if backends is None:
        found = any(REMAKING & one.components.keys() for one in endpoint.backends)
        return None if found else names_of_endpoint(endpoint)
    if len(backends) != 1 or backends[0].return_error_details or REMAKING & backends[0].components.keys():
        return None
    return names_of_backend(backends[0])


def _grouped(endpoint: EndpointConfig, backends: Sequence[BackendConfig] | None) -> str:
    """The name that data have in any case: that of the group of a single backend; empty where there is none."""
    asked = regular_backends(endpoint) if backends is None else backends
    if _answered(endpoint, backends) is None or len(asked) != 1:
        return ""
    return "" if asked[0].encoding == "no-op" else asked[0].group


def _is_whole(endpoint: EndpointConfig, backends: Sequence[BackendConfig] | None) -> bool:
    """Whether answers are complete where expressions look at them: of a single backend they are, unless it may tell of
    an error, or data may be laid over its failure."""
    if backends is None:
        if endpoint.static is not None:
            return False
        backends = regular_backends(endpoint)
    return (
        len(backends) == 1 and not backends[0].return_error_details and not _ADDS_FIELDS & backends[0].components.keys()
    )


def is_closed(plan: Plan) -> bool:
    """Whether no request gets to any endpoint."""
    return _redirects_all(plan.components)


def _redirects_all(components: Mapping[str, Any]) -> bool:
    policy = components.get("security_http")
    return isinstance(policy, SecurityPolicy) and policy.redirects and not policy.https_fields


def is_nameless(endpoint: EndpointConfig, plan: Plan) -> bool:
    """Whether a limit tells clients apart by a parameter that there is not."""
    service, own = plan.components.get("rate_limit"), endpoint.components.get("rate_limit", ())
    limits = service.limits if isinstance(service, ServiceLimits) else ()
    params = {part[1:-1] for part in endpoint.path.split("/") if part[:1] == "{"}
    return any(_asks_for_param(one, frozenset()) for one in limits) or any(_asks_for_param(one, params) for one in own)


def _asks_for_param(limit: object, params: set[str] | frozenset[str]) -> bool:
    client = limit.client if isinstance(limit, RouterLimit) else None
    return client is not None and client.strategy == "param" and client.key not in params


def _lacks_credentials(endpoint: EndpointConfig, plan: Plan) -> bool:
    """Whether no request has all that is asked for: a key with such a role, or one field with two credentials in it."""
    components = endpoint.components
    demand, validator, ring = components.get("api_keys"), components.get("jwt"), plan.components.get("api_keys")
    taken = []
    if isinstance(demand, KeyDemand):
        if isinstance(ring, KeyRing) and not any(_is_enough(roles, demand) for roles in ring.roles.values()):
            return True
        if demand.strategy == "header":
            taken.append(demand.identifier.lower())
    if "basic_auth" in components:
        taken.append(_AUTHORIZATION)
    if isinstance(validator, Validator) and all(one.refuses for one in validator.issuers):
        return True
    if isinstance(validator, Validator):  # which looks for a cookie only where there is no such field
        taken.append(validator.field.lower())
    return len(set(taken)) < len(taken)


def _is_enough(roles: tuple[str, ...], demand: KeyDemand) -> bool:
    return not demand.roles or bool(demand.roles & set(roles))
