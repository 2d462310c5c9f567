"""What an endpoint lets through, as lists: what no request can show, since a request shows only that something passes.

Knows plans; does not know requests.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossgate.components.api_keys.config import KeyDemand
from crossgate.components.jwt.model import Validator
from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig
from crossgate.plan import EndpointPlan, Plan
from crossgate.testing.compare import Difference


def lets_through(plan: Plan, endpoint: EndpointPlan) -> dict[str, Any]:
    """By the names of KrakenD's keys; lists are sorted where their order means nothing."""
    config = endpoint.config
    policy = config.cors or plan.cors
    return {
        "input_headers": sorted(config.input_headers),
        "input_query_strings": sorted(config.input_query_strings),
        **(_policy(policy.config) if isinstance(policy, CorsPolicy) else {}),
        **_credentials(config.components),
    }


def _credentials(components: Mapping[str, Any]) -> dict[str, Any]:
    """Whose tokens and keys count."""
    found: dict[str, Any] = {}
    validator, demand = components.get("jwt"), components.get("api_keys")
    if isinstance(validator, Validator):
        found["token_issuers"] = sorted(issuer.issuer for issuer in validator.issuers)
        found["token_audience"] = sorted({name for issuer in validator.issuers for name in issuer.audience})
        found["token_roles"] = sorted(validator.roles.words) if validator.roles else []
        found["token_scopes"] = sorted(validator.scopes.words) if validator.scopes else []
    if isinstance(demand, KeyDemand):
        found["key_roles"] = sorted(demand.roles)
    return found


def _policy(config: CorsConfig) -> dict[str, Any]:
    found: dict[str, Any] = {
        "allow_origins": ["*"] if config.any_origin else sorted(config.allow_origins),
        "allow_methods": ["*"] if config.any_method else sorted(config.allow_methods),
        "allow_headers": ["*"] if config.any_header else sorted(config.allow_headers),
        "expose_headers": sorted(config.expose_headers),
        "allow_credentials": config.allow_credentials,
        "max_age_seconds": config.max_age_seconds,
    }
    if config.allow_private_network:
        found["allow_private_network"] = True
    if config.rules:
        found["rules"] = [_policy(rule) for rule in config.rules]
    return found


def lock_differences(expected: Mapping[str, Any], plan: Plan, endpoint: EndpointPlan) -> list[Difference]:
    """Where it lets through something else."""
    actual = lets_through(plan, endpoint)
    found = []
    for name, wanted in expected.items():
        got = actual.get(name)
        if _comparable(wanted) == _comparable(got):
            continue
        if got is not None and _is_texts(wanted) and _is_texts(got):
            more = [f"+ {item}" for item in got if item not in wanted]
            less = [f"- {item}" for item in wanted if item not in got]
            found.append(Difference(name, ", ".join(wanted) or "nothing", f"{', '.join(more + less)}"))
        else:
            found.append(Difference(name, str(wanted), str(got)))
    return found


def _is_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(item, str) for item in value)


def _comparable(value: Any) -> Any:
    return sorted(value) if _is_texts(value) else value
