"""What a component's value means for requests: what nobody can see is left out, parameters are told by their place.

Knows which values look at the names of parameters. A component that is not known here means what its value says.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from crossgate.compare.bound import Bound
from crossgate.compare.expressions import Form, form_of, joined
from crossgate.compare.modifiers import modifier_meaning
from crossgate.compare.networks import networks_of
from crossgate.compare.same import meaning
from crossgate.compare.schemas import is_of_any_version, schema_meaning
from crossgate.compare.told import seen_claims, seen_plugins, seen_policy
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.basic_auth.config import ServiceUsers
from crossgate.components.bot_detector.config import BotRules
from crossgate.components.bot_detector.gate import BotGate
from crossgate.components.cel.config import Checks
from crossgate.components.circuit_breaker.config import BreakerConfig
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.jwt.model import ServiceAuth, Validator
from crossgate.components.lua.config import EndpointScripts, Scripts
from crossgate.components.martian.config import MartianConfig
from crossgate.components.opentelemetry.model import OtelConfig
from crossgate.components.plugins.config import PlacePlugins, ServicePlugins
from crossgate.components.plugins.naming import Named
from crossgate.components.rate_limit.model import RouterLimit, ServiceLimits, TieredLimit
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.config.keys import is_comment

UNSEEN = frozenset(("openapi", "metrics", "redis"))
"""Components that no request meets: what they are for stands beside requests, or in values of others."""


def component_meaning(value: Any, bound: Bound | None) -> Any:
    """Of a value of an endpoint or backend as requests reach it; without `bound`, of the service."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        value = plain(value, bound)
    if isinstance(value, tuple):
        return ("list", tuple(component_meaning(item, bound) for item in value))
    return meaning(value)


def service_value(value: Any) -> Any:
    """A service's value, None where it says nothing but to endpoints, which have that themselves."""
    match value:
        case ServiceUsers():
            return None
        case ServiceAuth():
            return value if takes_revocations(value) else None
        case ServiceLimits():
            return value if value.limits else None
        case ServicePlugins():
            return value if value.server else None
        case OtelConfig():
            return value if value.traces else None
    return value


def _demand(value: KeyDemand, _: Bound | None) -> Any:
    """Names of fields are the same in any letters."""
    is_field = value.strategy == "header"
    where = value.identifier.lower() if is_field else value.identifier
    return ("demand", value.roles, value.strategy, where, meaning(value.limit))


def _ring(value: KeyRing, _: Bound | None) -> Any:
    """Where keys are looked for is said by each endpoint."""
    return ("ring", meaning(replace(value, strategy="header", identifier="")))


def takes_revocations(value: ServiceAuth) -> bool:
    """Whether anybody can revoke a token."""
    return value.revoker is not None and bool(value.revoker.host or value.revoked_over is not None)


def _bots(value: BotRules, _: Bound | None) -> Any:
    """Names say nothing where they are told what holds anyway."""
    patterns = frozenset(value.patterns)
    alone = BotGate(BotRules(patterns=value.patterns))
    refused = frozenset(name for name in value.deny - value.allow if not alone.is_bot(name))
    let_in = frozenset(name for name in value.allow if alone.is_bot(name))
    return ("bots", let_in, refused, patterns, value.refuses_empty)


def _checks(value: Checks, bound: Bound | None) -> Any:
    """All of each list have to hold."""
    return ("checks", tuple(joined(forms, is_all=True) for forms in forms_of(value, bound)))


def forms_of(value: Checks, bound: Bound | None) -> list[list[Form]]:
    """What is asked in each list, in order: which one does not hold is told where clients see error texts."""
    places = {} if bound is None else bound.values
    return [[form_of(text, "", places) for text in texts] for texts in (value.before, value.after, value.claims)]


def _breaker(value: BreakerConfig, _: Bound | None) -> Any:
    return ("breaker", value.interval_seconds, value.timeout_seconds, value.max_errors)


def _body_schema(value: BodySchema, _: Bound | None) -> Any:
    return ("body", schema_meaning(value.schema), 0 if is_of_any_version(value.schema) else value.version)


def _policy(value: SecurityPolicy, _: Bound | None) -> Any:
    return ("policy", meaning(seen_policy(value)))


def _validator(value: Validator, bound: Bound | None) -> Any:
    if bound is not None:
        value = seen_claims(value, bound.endpoint)
    issuers = frozenset(meaning(replace(one, audience=tuple(sorted(set(one.audience))))) for one in value.issuers)
    needs = tuple(
        None
        if need is None
        else (frozenset(need.words), need.key, need.is_nested, need.wants_all and len(set(need.words)) > 1)
        for need in (value.roles, value.scopes)
    )
    quiet = (value.field, value.cookie, value.propagated, value.preserves_arrays, frozenset(value.params))
    return ("validator", issuers, needs, meaning(quiet))


def _service_auth(value: ServiceAuth, _: Bound | None) -> Any:
    """Validators are the endpoints'."""
    return ("auth", meaning(value.revoker), meaning(value.revoked_over))


def _scripts(value: Scripts | EndpointScripts, bound: Bound | None) -> Any:
    """Scripts see parameters under their names."""
    return ("scripts", meaning(value), bound.named if bound is not None and _reads_params(value) else ())


def _reads_params(value: Scripts | EndpointScripts) -> bool:
    parts = (value,) if isinstance(value, Scripts) else (value.before, value.around)
    texts = [
        text
        for part in parts
        if part is not None
        for text in (part.script.pre, part.script.post, *(source for _, source in part.script.sources))
    ]
    return any(b"param" in text for text in texts)


def _place_plugins(value: PlacePlugins, bound: Bound | None) -> Any:
    """Plugins of other people see parameters under their names."""
    if bound is not None:
        value = seen_plugins(value, bound.endpoint)
    named = (*value.modifiers, *([] if value.client is None else [value.client]))
    sees = bound is not None and any(one.origin != "own" for one in named)
    return (
        "plugins",
        tuple(_named(one) for one in value.modifiers),
        None if value.client is None else _named(value.client),
        bound.named if sees and bound is not None else (),
    )


def _service_plugins(value: ServicePlugins, _: Bound | None) -> Any:
    """What they are made of is known by each place that names one."""
    return ("plugins", tuple(_named(one) for one in value.server), value.timeout_seconds if value.server else 0)


def _named(value: Named) -> Any:
    """A plugin of ours reads what stands under its name, others see the whole block."""
    block = json.loads(value.block)
    told = block.get(value.name) if value.origin == "own" and value.place != "backend" else block
    if isinstance(told, dict):
        told = {key: member for key, member in told.items() if not is_comment(key)}
        if value.name == "ip-filter":
            told["CIDR"] = [str(one) for one in networks_of(told)]
            if isinstance(trusted := told.get("trusted_proxies"), list):
                told["trusted_proxies"] = [str(one) for one in networks_of({"CIDR": trusted})]
    return (value.name, value.target, value.origin, meaning(told), value.folder)


def _modifier(value: MartianConfig, _: Bound | None) -> Any:
    return ("modifier", modifier_meaning(value.modifier))


def _limit(value: RouterLimit, bound: Bound | None) -> Any:
    client = value.client
    if client is not None and client.strategy == "param" and bound is not None:
        name = client.key[:1].upper() + client.key[1:]
        client = replace(client, key=bound.values.get(name, client.key))
    if client is not None and client.strategy == "header":
        client = replace(client, key=client.key.lower())
    return ("limit", meaning(value.total), meaning(client), meaning(value.over))


def _tiers(value: TieredLimit, bound: Bound | None) -> Any:
    tiers = tuple((tier, None if limit is None else _limit(limit, bound)) for tier, limit in value.tiers)
    return ("tiers", value.field, tiers)


def _service_limits(value: ServiceLimits, bound: Bound | None) -> Any:
    return ("limits", tuple(component_meaning(limit, bound) for limit in value.limits))


def _telemetry(value: OtelConfig, _: Bound | None) -> Any:
    """Backends see whether there are traces, and whether a client's go on; nothing else of it meets a request."""
    return ("telemetry", value.propagates)


_PLAIN: Mapping[type, Callable[[Any, Bound | None], Any]] = {
    KeyDemand: _demand,
    KeyRing: _ring,
    BotRules: _bots,
    Checks: _checks,
    BreakerConfig: _breaker,
    BodySchema: _body_schema,
    SecurityPolicy: _policy,
    Validator: _validator,
    ServiceAuth: _service_auth,
    Scripts: _scripts,
    EndpointScripts: _scripts,
    PlacePlugins: _place_plugins,
    ServicePlugins: _service_plugins,
    MartianConfig: _modifier,
    RouterLimit: _limit,
    TieredLimit: _tiers,
    ServiceLimits: _service_limits,
    OtelConfig: _telemetry,
}
