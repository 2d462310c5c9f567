"""Values of components as far as they matter: what is told of users and looked for in requests, where somebody sees it.

Knows what passes to backends.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from crossgate.compare.forwarded import endpoint_fields, forwarded
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.jwt.model import Validator
from crossgate.components.plugins.config import PlacePlugins
from crossgate.components.plugins.naming import Named
from crossgate.components.plugins.own.ip_filter import HEADERS as FILTERED_BY
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.plan import EndpointPlan, Plan

_LOOKS_AT_FIELDS = frozenset(("cel", "lua", "plugins", "rate_limit"))
"""Components of endpoints that may look at fields which no backend gets."""


_FILTER = "ip-filter"
_SET_BY_THE_GATEWAY = frozenset(("x-forwarded-for", "x-forwarded-host", "x-forwarded-via", "user-agent"))


def seen_claims(validator: Validator, endpoint: EndpointPlan) -> Validator:
    """The same without claims for fields that nobody sees: the last of each field, in no order."""
    told = {one.field.lower(): one for one in validator.propagated if passes(one.field, endpoint)}
    propagated = tuple(replace(told[name], field=name) for name in sorted(told))
    return replace(validator, propagated=propagated, preserves_arrays=validator.preserves_arrays and bool(told))


def seen_policy(policy: SecurityPolicy) -> SecurityPolicy:
    """The same without what decides nothing in it."""
    asks_for_host = policy.hosts is not None or policy.pattern or (policy.redirects and not policy.redirect_host)
    https_fields = policy.https_fields if policy.redirects or (policy.sts and not policy.forces_sts) else ()
    is_forced = bool(policy.sts) and policy.forces_sts
    return replace(
        policy,
        host_fields=policy.host_fields if asks_for_host else (),
        redirect_host=policy.redirect_host if policy.redirects else "",
        https_fields=tuple(sorted(set(https_fields))),
        sts=policy.sts if is_forced or https_fields else "",
        forces_sts=is_forced,
    )


def seen_plugins(plugins: PlacePlugins, endpoint: EndpointPlan) -> PlacePlugins:
    """The same with filters of addresses that look for no field which does not get to them."""
    if not any(one.name == _FILTER and one.origin == "own" and one.place == "endpoint" for one in plugins.modifiers):
        return plugins
    names = None if "lua" in endpoint.config.components else endpoint_fields(endpoint.config.input_headers).names
    return replace(plugins, modifiers=tuple([_seen_filter(one, names) for one in plugins.modifiers]))


def _seen_filter(named: Named, names: frozenset[str] | None) -> Named:
    """`names` are those of the client's fields that pass, None: any."""
    block = json.loads(named.block)
    told = block.get(named.name)
    if named.name != _FILTER or named.origin != "own" or named.place != "endpoint" or not isinstance(told, dict):
        return named
    read = dict.fromkeys(str(name).lower() for name in told.get("client_ip_headers", FILTERED_BY))
    seen = [name for name in read if names is None or name in names or name in _SET_BY_THE_GATEWAY]
    if not told.get("trusted_proxies"):
        seen = [] if told.get("allow") else sorted(seen)  # then who is connected decides, or all that are named do
    return replace(named, block=json.dumps({**block, named.name: {**told, "client_ip_headers": seen}}))


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
