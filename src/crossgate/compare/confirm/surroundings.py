"""Where requests come from and what they say of themselves, as far as guards beside credentials ask for it.

Knows filters of addresses, allowed hosts, agents, and how limits tell clients apart; sends nothing.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import islice, product
from typing import Any

from crossgate.compare.confirm.patterns import plain_text_of
from crossgate.compare.difference import Example
from crossgate.compare.networks import beyond, networks_of
from crossgate.compare.requested import on_condition, with_field
from crossgate.components.bot_detector.config import BotRules
from crossgate.components.plugins.config import PlacePlugins, ServicePlugins
from crossgate.components.plugins.naming import Named
from crossgate.components.rate_limit.model import RouterLimit, ServiceLimits, TieredLimit
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.testing.init.approach import client_headers
from crossgate.testing.init.tiers import tier_samples

_MOST = 24
_MOST_VALUES = 6
_ELSEWHERE = ("203.0.113.9", "10.0.0.1", "192.168.0.1", "2001:db8::1")
_AGENT = "Mozilla/5.0"

_EVERYWHERE = (ip_network("1.0.0.0/8"), ip_network("0.0.0.0/0"), ip_network("2000::/3"))

Adapt = Callable[[Example], Example]


def surroundings(example: Example, values: Sequence[Any]) -> Iterator[Example]:
    """The example as clients may send it that such guards let in, as it is first. `values` are those of components."""
    dimensions = [_names(values), _hosts(values), _https(values), _agents(values), _addresses(values)]
    for chosen in islice(product(*dimensions), _MOST):
        changed = example
        for adapt in chosen:
            changed = adapt(changed)
        yield changed


def limits_of(values: Sequence[Any]) -> Iterator[RouterLimit | TieredLimit]:
    """The limits of requests among values of components."""
    for value in values:
        if isinstance(value, ServiceLimits):
            yield from value.limits
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, RouterLimit | TieredLimit))


def filters_of(values: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """What each `ip-filter` is told."""
    for value in values:
        named: Sequence[Named] = ()
        if isinstance(value, PlacePlugins):
            named = value.modifiers
        elif isinstance(value, ServicePlugins):
            named = value.server
        for one in named:
            told = json.loads(one.block).get(one.name)
            if one.name == "ip-filter" and isinstance(told, dict):
                yield told


def addresses_of(filters: Sequence[Mapping[str, Any]]) -> list[str]:
    """Addresses that the filters tell apart: of each part of a network that no other has, and of none."""
    networks = [networks_of(told) for told in filters]
    found = [str(network[0]) for some in networks for network in some]
    for some in networks:
        for others in networks:
            found += [text.partition("/")[0] for text in beyond(some, others)[:2]]
    known = [network for some in networks for network in some]
    outside = [text for text in _ELSEWHERE if not any(ip_address(text) in network for network in known)]
    outside += [text.partition("/")[0] for text in beyond(_EVERYWHERE, known)]
    return list(dict.fromkeys([*found[:_MOST_VALUES], *outside[:1]]))


def hosts_of(policy: SecurityPolicy) -> list[str]:
    """Hosts that a policy answers."""
    hosts = sorted(policy.hosts or ())[:_MOST_VALUES]
    if policy.pattern:
        hosts += [plain_text_of(part) for part in policy.pattern[3:-3].split("|")]
    return hosts


def from_address(example: Example, host: str) -> Example:
    """The same from another client."""
    return on_condition(replace(example, client_host=host), f"from the address {host}")


def _as_it_is(example: Example) -> Example:
    return example


def _field(name: str, value: str) -> Adapt:
    return lambda example: with_field(example, name, value)


def _names(values: Sequence[Any]) -> list[Adapt]:
    """What limits know clients by, where that is a field: all of them, or it is refused."""
    limits = list(limits_of(values))
    names = client_headers(tuple(limits))

    def named(example: Example) -> Example:
        there = {name.lower() for name, _ in example.fields}
        for name, value in names.items():
            if name.lower() not in there:
                example = with_field(example, name, value)
        return example

    found: list[Adapt] = [named]
    for one in limits:
        if isinstance(one, TieredLimit):
            for value, _ in islice(tier_samples(one), _MOST_VALUES):
                tier = _field(one.field.decode("latin-1").title(), value)
                found.append(lambda example, tier=tier: tier(named(example)))  # type: ignore[misc]
    return found


def _hosts(values: Sequence[Any]) -> list[Adapt]:
    policies = [one for one in values if isinstance(one, SecurityPolicy)]
    hosts = dict.fromkeys(host for one in policies for host in hosts_of(one))
    fields = dict.fromkeys(name.title() for one in policies for name in one.host_fields)
    return [_as_it_is, *[_field(name, host) for host in hosts for name in ("Host", *fields)][:_MOST_VALUES]]


def _https(values: Sequence[Any]) -> list[Adapt]:
    policies = [one for one in values if isinstance(one, SecurityPolicy)]
    fields = dict.fromkeys((name.title(), value) for one in policies for name, value in one.https_fields)
    return [_as_it_is, *[_field(name, value) for name, value in fields]]


def _agents(values: Sequence[Any]) -> list[Adapt]:
    rules = [one for one in values if isinstance(one, BotRules)]
    return [_field("User-Agent", _AGENT), _as_it_is] if any(one.refuses_empty for one in rules) else [_as_it_is]


def _addresses(values: Sequence[Any]) -> list[Adapt]:
    filters = list(filters_of(values))
    if not filters:
        return [_as_it_is]
    names = dict.fromkeys(str(name) for told in filters for name in told.get("client_ip_headers") or ())
    found: list[Adapt] = [_as_it_is]
    for host in addresses_of(filters):
        found.append(lambda example, host=host: from_address(example, host))  # type: ignore[misc]
        found += [_field(name, host) for name in names]
    return found
