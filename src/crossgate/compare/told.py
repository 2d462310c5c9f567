"""What validators and API keys tell of users, as far as somebody gets to see it. Knows what passes to backends."""

from collections.abc import Iterable
from dataclasses import replace

from crossgate.compare.forwarded import forwarded
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.jwt.model import Validator
from crossgate.plan import EndpointPlan, Plan

_LOOKS_AT_FIELDS = frozenset(("cel", "lua", "plugins", "rate_limit"))
"""Components of endpoints that may look at fields which no backend gets."""


def seen_claims(validator: Validator, endpoint: EndpointPlan) -> Validator:
    """The same without claims for fields that nobody sees: the last of each field, in no order."""
    told = {one.field.lower(): one for one in validator.propagated if passes(one.field, endpoint)}
    propagated = tuple(replace(told[name], field=name) for name in sorted(told))
    return replace(validator, propagated=propagated, preserves_arrays=validator.preserves_arrays and bool(told))


def seen_ring(ring: KeyRing, plans: Iterable[Plan]) -> KeyRing:
    """The same without the roles that no endpoint asks for, and the field that nobody sees."""
    asking = [
        (endpoint, demand)
        for plan in plans
        for endpoint in plan.endpoints
        if isinstance(demand := endpoint.config.components.get("api_keys"), KeyDemand)
    ]
    wanted = frozenset(role for _, demand in asking for role in demand.roles)
    roles = {digest: tuple(one for one in each if one in wanted) for digest, each in ring.roles.items()}
    is_seen = bool(ring.role_field) and any(passes(ring.role_field, endpoint) for endpoint, _ in asking)
    return replace(ring, roles=roles, role_field=ring.role_field if is_seen else "")


def passes(field: str, endpoint: EndpointPlan) -> bool:
    """Whether somebody behind the gates of the endpoint sees that field."""
    config = endpoint.config
    if _LOOKS_AT_FIELDS & config.components.keys():
        return True
    for backend in (*endpoint.backends, *endpoint.shadows):
        names = forwarded(config.input_headers, (), backend.config.input_headers, None).fields.names
        if names is None or field.lower() in names:
            return True
    return False
