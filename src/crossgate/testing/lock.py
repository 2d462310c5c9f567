"""What an endpoint, or the service, lets through, as lists and settings: what no request can show, since a request
shows only that something passes.

Knows plans and documents; does not know requests.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crossgate.components.api_keys.config import KeyDemand
from crossgate.components.jwt.model import Validator
from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import BackendConfig
from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.testing.compare import Difference
from crossgate.testing.settings import endpoint_settings, service_settings, setting_differences

_LISTS = ("allow", "deny")
UNTESTED = "untested"
"""Of an endpoint's lists, the one that is only worth telling where no request gets to its backends."""


def all_through(plan: Plan, document: Document | None) -> dict[str, Any]:
    """Of the service as a whole: its endpoints, and what its parts are set to."""
    found: dict[str, Any] = {
        "endpoints": sorted(f"{endpoint.config.method} {endpoint.config.path}" for endpoint in plan.endpoints),
        **_policy_of(plan.cors),
    }
    return found if document is None else {**found, "settings": service_settings(document)}


def lets_through(plan: Plan, endpoint: EndpointPlan, node: EndpointNode | None) -> dict[str, Any]:
    """By the names of KrakenD's keys; lists are sorted where their order means nothing. `node` is where it stands."""
    found = _lists(plan, endpoint)
    return found if node is None else {**found, "settings": endpoint_settings(node)}


def _lists(plan: Plan, endpoint: EndpointPlan) -> dict[str, Any]:
    config = endpoint.config
    policy = config.cors or plan.cors
    return {
        "input_headers": _names(config.input_headers),
        "input_query_strings": _names(config.input_query_strings),
        **_policy_of(policy),
        **_credentials(config.components),
        "backends": [_backend(backend, config.input_query_strings) for backend in endpoint.backends],
        UNTESTED: _untested(endpoint),
    }


_BY_ITSELF = {"timeout_seconds": 0.0, "output_encoding": "json", "cache_ttl_seconds": 0.0, "concurrent_calls": 1}


def _untested(endpoint: EndpointPlan) -> dict[str, Any]:
    """What requests show of an endpoint where they get to its backends; what is as it is by itself is left out."""
    config = endpoint.config
    found = {
        "timeout_seconds": endpoint.timeout_seconds,
        "output_encoding": config.output_encoding,
        "cache_ttl_seconds": config.cache_ttl_seconds,
        "concurrent_calls": config.concurrent_calls,
    }
    kept = {name: value for name, value in found.items() if value != _BY_ITSELF.get(name)}
    return {**kept, "backends": [_call(backend.config) for backend in endpoint.backends]}


def _call(config: BackendConfig) -> dict[str, Any]:
    found = {
        "encoding": config.encoding,
        "is_collection": config.is_collection,
        "target": config.target,
        "group": config.group,
    }
    kept = {name: value for name, value in found.items() if value not in ("", "json", False)}
    return {"method": config.method, "host": sorted(set(config.hosts)), "url_pattern": config.url_pattern, **kept}


def _backend(backend: BackendPlan, queries: Sequence[str]) -> dict[str, Any]:
    """What of requests and answers passes to and from a backend, where that is less than the endpoint lets through."""
    config = backend.config
    found: dict[str, Any] = {}
    if not backend.no_op:
        found |= {name: sorted(set(value)) for name in _LISTS if (value := getattr(config, name))}
        found |= {"mapping": dict(config.mapping)} if config.mapping else {}
    if config.input_headers is not None:
        found["input_headers"] = _names(config.input_headers)
    if config.input_query_strings is not None:
        own = config.input_query_strings
        passed = own if "*" in queries else queries if "*" in own else [name for name in own if name in queries]
        if _names(passed) != _names(queries):
            found["input_query_strings"] = _names(passed)
    return found


def _names(texts: Sequence[str]) -> list[str]:
    return ["*"] if "*" in texts else sorted(set(texts))


def _credentials(components: Mapping[str, Any]) -> dict[str, Any]:
    """Whose tokens and keys count."""
    found: dict[str, Any] = {}
    validator, demand = components.get("jwt"), components.get("api_keys")
    if isinstance(validator, Validator):
        found["token_issuers"] = sorted({issuer.issuer for issuer in validator.issuers})
        found["token_audience"] = sorted({name for issuer in validator.issuers for name in issuer.audience})
        found["token_roles"] = sorted(set(validator.roles.words)) if validator.roles else []
        found["token_scopes"] = sorted(set(validator.scopes.words)) if validator.scopes else []
    if isinstance(demand, KeyDemand):
        found["key_roles"] = sorted(set(demand.roles))
    return found


def _policy_of(policy: Any) -> dict[str, Any]:
    return _policy(policy.config) if isinstance(policy, CorsPolicy) else {"allow_origins": []}


def _policy(config: CorsConfig) -> dict[str, Any]:
    found: dict[str, Any] = {
        "allow_origins": ["*"] if config.any_origin else sorted(set(config.allow_origins)),
        "allow_methods": ["*"] if config.any_method else sorted(set(config.allow_methods)),
        "allow_headers": ["*"] if config.any_header else sorted(set(config.allow_headers)),
        "expose_headers": sorted(set(config.expose_headers)),
        "allow_credentials": config.allow_credentials,
        "max_age_seconds": config.max_age_seconds,
    }
    if config.allow_private_network:
        found["allow_private_network"] = True
    if config.rules:
        found["rules"] = [_policy(rule) for rule in config.rules]
    return found


def lock_differences(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[Difference]:
    """Where something else is let through. What is not expected in so many words is not compared."""
    found = []
    for name, wanted in expected.items():
        got = actual.get(name)
        if _comparable(wanted) == _comparable(got):
            continue
        if name in ("settings", UNTESTED):
            found += [
                Difference(f"{name} {path}", _shown(before), _shown(now))
                for path, before, now in setting_differences(wanted, got)
            ]
            continue
        if got is not None and _is_texts(wanted) and _is_texts(got):
            more = [f"+ {item}" for item in got if item not in wanted]
            less = [f"- {item}" for item in wanted if item not in got]
            found.append(Difference(name, ", ".join(wanted) or "nothing", f"{', '.join(more + less)}"))
        else:
            found.append(Difference(name, str(wanted), str(got)))
    return found


def _shown(value: Any) -> str:
    return "absent" if value is None else json.dumps(value, ensure_ascii=False)


def _is_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(item, str) for item in value)


def _comparable(value: Any) -> Any:
    return sorted(value) if _is_texts(value) else value
