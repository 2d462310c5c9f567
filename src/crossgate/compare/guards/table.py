"""Which comparison is for which component, and what is said of components that nobody knows more about.

Unknown ones are guards: one that is gone, or is told other things, may let in what it did not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from crossgate.compare.difference import Example, Kind
from crossgate.compare.guards.change import Change, as_it_is, stronger
from crossgate.compare.guards.credentials import compare_demands, compare_rings, compare_users
from crossgate.compare.guards.limits import (
    compare_backend_limits,
    compare_breakers,
    compare_limits,
    compare_overload,
)
from crossgate.compare.guards.requests import (
    compare_bots,
    compare_checks,
    compare_place_plugins,
    compare_policies,
    compare_schemas,
    compare_service_plugins,
)
from crossgate.compare.guards.tokens import compare_revocation, compare_signers, compare_validators
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.bot_detector.config import BotRules
from crossgate.components.cel.config import Checks
from crossgate.components.circuit_breaker.config import BreakerConfig
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.jwt.model import ServiceAuth, Validator
from crossgate.components.overload.config import OverloadConfig
from crossgate.components.plugins.config import PlacePlugins, ServicePlugins
from crossgate.components.rate_limit.model import BackendLimit, ServiceLimits
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.components.signer.config import SignerConfig

_Compare = Callable[[Any, Any], Iterator[Change]]

_PRECISE: Mapping[type, _Compare] = {
    Validator: compare_validators,
    KeyDemand: compare_demands,
    KeyRing: compare_rings,
    BotRules: compare_bots,
    Checks: compare_checks,
    BodySchema: compare_schemas,
    SecurityPolicy: compare_policies,
    PlacePlugins: compare_place_plugins,
    ServicePlugins: compare_service_plugins,
    SignerConfig: compare_signers,
    BackendLimit: compare_backend_limits,
    BreakerConfig: compare_breakers,
    OverloadConfig: compare_overload,
}

_PRECISE_BY_NAME: Mapping[str, _Compare] = {"rate_limit": compare_limits, "basic_auth": compare_users}

_NAMES: Mapping[str, str] = {
    "jwt": "the validator of tokens",
    "api_keys": "the demand for an API key",
    "basic_auth": "the demand for a password",
    "bot_detector": "the bot detector",
    "security_http": "security/http",
    "cel": "the check by expressions",
    "json_schema": "the check of request bodies by a schema",
    "rate_limit": "the limit of requests",
    "circuit_breaker": "the circuit breaker",
    "lua": "the script",
    "plugins": "the plugin",
    "http_cache": "the cache of answers",
    "client_credentials": "the token that the gateway gets for itself",
    "graphql": "the GraphQL query",
    "martian": "the modifier of requests and answers",
    "signer": "the signer of tokens",
    "overload": "the bound of what is under way",
    "opentelemetry": "the passing on of traces",
    "explain": "the showing of reasons in answers",
}

_KINDS: Mapping[str, Kind] = {
    "http_cache": Kind.DATA,
    "client_credentials": Kind.CALLS,
    "graphql": Kind.CALLS,
    "martian": Kind.CALLS,
    "signer": Kind.DATA,
    "overload": Kind.LIMIT,
    "rate_limit": Kind.LIMIT,
    "circuit_breaker": Kind.LIMIT,
    "opentelemetry": Kind.FIELDS,
    "explain": Kind.STATUS,
}
"""Of components that are no guards."""

_OPEN: Mapping[type, Any] = {
    BotRules: BotRules(),
    Checks: Checks(),
    SecurityPolicy: SecurityPolicy(),
    BodySchema: BodySchema(True, 3),
}
"""What lets everything through, as a value: what is compared where there is no value."""

_EMPTY: Mapping[type, Any] = {PlacePlugins: PlacePlugins(), ServicePlugins: ServicePlugins()}
"""As above, of what is told one by one."""

_NEVER_OPEN = frozenset(("http_cache", "opentelemetry", "client_credentials", "graphql", "signer"))
_TELLING = frozenset(("explain",))
_REMEMBERING = frozenset(("http_cache", "overload", "rate_limit", "circuit_breaker"))


def compare_component(name: str, old: Any, new: Any) -> Iterator[Change]:
    """What became of a component's value, which means something else now; None where there was or is none."""
    called = _NAMES.get(name, name.replace("_", " "))
    either = new if old is None else old
    if name == "rate_limit" and isinstance(either, ServiceLimits | tuple):
        before, after = (one.limits if isinstance(one, ServiceLimits) else one or () for one in (old, new))
        yield from compare_limits(before, after)
        return
    if isinstance(either, ServiceAuth):
        yield from compare_revocation(old, new)
        return
    opened = _OPEN.get(type(either))
    if opened is not None and (old is None or new is None):
        yield from _from_nothing(called, old, new, opened)
        return
    empty = _EMPTY.get(type(either))
    if empty is not None and (old is None or new is None):
        yield from _PRECISE[type(either)](empty if old is None else old, empty if new is None else new)
        return
    compare = _PRECISE.get(type(new)) or _PRECISE_BY_NAME.get(name)
    if new is None:
        opens = name not in _NEVER_OPEN | _TELLING
        yield _change(name, Kind.GUARD_GONE, f"{called} is gone", opens=opens)
    elif old is None:
        yield _change(name, Kind.GUARD_STRONGER, f"there is {called} now", opens=name in _TELLING)
    elif compare is not None and type(old) is type(new) and (found := list(compare(old, new))):
        yield from found
    else:
        opens = name not in _KINDS
        yield _change(name, Kind.GUARD_CHANGED, f"{called} is another", opens=opens)


def _change(name: str, kind: Kind, sentence: str, *, opens: bool) -> Change:
    shown_by: Literal["request", "repeats"] = "repeats" if name in _REMEMBERING else "request"
    is_text = kind is Kind.GUARD_CHANGED and name not in _KINDS
    adapt = _refused if name in _TELLING else as_it_is
    return Change(_KINDS.get(name, kind), sentence, opens, adapt, shown_by, is_text)


def _refused(example: Example) -> Example:
    return Example("GET", "/not/there", client_host=example.client_host)


def _from_nothing(called: str, old: Any, new: Any, opened: Any) -> Iterator[Change]:
    """A guard that is gone or new, shown by what it kept out; nothing where it kept nothing out."""
    found = list(_PRECISE[type(opened)](opened if old is None else old, opened if new is None else new))
    if found and new is None:
        yield Change(Kind.GUARD_GONE, f"{called} is gone", True, found[0].adapt, found[0].shown_by)
    elif found:
        yield replace(stronger(f"there is {called} now", found[0].adapt), shown_by=found[0].shown_by)
