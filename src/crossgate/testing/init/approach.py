"""How requests get past what stands before the whole service: the host they name, the agent, the client's address.

Knows the guards of services; does not ask the gateway.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from crossgate.components.bot_detector.config import BotRules
from crossgate.components.bot_detector.gate import BotGate
from crossgate.components.plugins.config import ServicePlugins
from crossgate.components.rate_limit.model import RouterLimit, ServiceLimits, TieredLimit
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.golang.header_name import canonical_header_name
from crossgate.golang.regex import compile_search
from crossgate.pipeline.addresses import parse_network
from crossgate.plan import Plan

LOOPBACK = "127.0.0.1"
_CLIENTS = (LOOPBACK, "203.0.113.7", "10.9.8.7", "192.168.77.7", "2001:db8::7")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


@dataclass(frozen=True, slots=True)
class Approach:
    """What the head of a suite says of its requests. Empty: nothing need be said. `strangers` are addresses of clients
    that are kept out, or that are another than `client`.
    """

    url: str = ""
    client: str = ""
    proxy_headers: dict[str, str] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()


def approach_of(plan: Plan) -> Approach:
    """The way into that service."""
    headers: dict[str, str] = {}
    url = ""
    policy = plan.components.get("security_http")
    if isinstance(policy, SecurityPolicy):
        headers |= {canonical_header_name(name): value for name, value in policy.https_fields}
        host = _host_of(policy)
        if host:
            url = f"https://{host}"
            headers |= dict.fromkeys(map(canonical_header_name, policy.host_fields), host)
    agent = agent_for(plan.components.get("bot_detector"))
    if agent:
        headers["User-Agent"] = agent
    headers |= client_headers(plan.components.get("rate_limit"))
    client, strangers = "", list[str]()
    for allows, networks, trusted in _filters(plan):
        inside = [str(each[0] if each.num_addresses < 3 else each[1]) for each in networks]
        outside = [text for text in _CLIENTS if not any(ip_address(text) in each for each in networks)]
        let_in = [*(inside if allows else outside)]
        let_in = [text for text in let_in if not any(ip_address(text) in each for each in trusted)] or let_in
        client = client or next(iter(let_in), "")
        beside = [text for each in networks for text in _beside(each, networks)]
        strangers += [*(outside[:1] if allows else inside), *inside[1:], *beside]
    return Approach(url, client, headers, tuple(dict.fromkeys(strangers)))


def agent_for(rules: Any) -> str:
    """An agent that is let in; empty where none need be named."""
    if not isinstance(rules, BotRules):
        return ""
    gate = BotGate(rules)
    known = ("", _AGENT, *[agent.decode("latin-1") for agent in sorted(rules.allow)])
    return next((agent for agent in known if not gate.is_bot(agent.encode("latin-1"))), "")


def client_headers(limits: Any) -> dict[str, str]:
    """Fields by which limits tell clients apart: who sends none is refused."""
    each = limits.limits if isinstance(limits, ServiceLimits) else limits if isinstance(limits, tuple) else (limits,)
    clients = [limit.client for limit in limits_in(each) if limit.client is not None]
    return {client.key: "client-1" for client in clients if client.strategy == "header" and client.key}


def limits_in(values: Iterable[Any]) -> Iterator[RouterLimit]:
    """The limits among values, those of tiers included."""
    for value in values:
        if isinstance(value, RouterLimit):
            yield value
        elif isinstance(value, TieredLimit):
            yield from (limit for _, limit in value.tiers if limit is not None)


def sample_of(pattern: str) -> str:
    """A text that a simple regular expression matches; what it gives for others need not match."""
    text = re.sub(r"\\[Az]|(?<!\\)[\^$]", "", pattern)
    text = re.sub(r"\(\?[a-zA-Z:<>P=!]*", "(", text)
    text = re.sub(r"\((?:[^()|]*\|)*([^()|]*)\)", r"\1", text).rpartition("|")[2]
    text = re.sub(r"(?:\[[^\]]*[a-z][^\]]*\]|\\w|(?<!\\)\.)(?:[*+?]|\{(\d+)[^}]*\})?", _repeated("a"), text)
    text = re.sub(r"(?:\[[^\]]*\]|\\d)(?:[*+?]|\{(\d+)[^}]*\})?", _repeated("1"), text)
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*+?]", "", text))


def _repeated(letter: str) -> Any:
    return lambda match: letter * int(match[1] or 1)


def _host_of(policy: SecurityPolicy) -> str:
    if policy.hosts:
        return min(policy.hosts)
    if policy.pattern:
        sample = sample_of(policy.pattern)
        return sample if compile_search(policy.pattern)(sample.encode()) else ""
    return ""


def _filters(plan: Plan) -> Iterator[tuple[bool, list[Any], list[Any]]]:
    """Of each `ip-filter` of the service: whether it lets in, its networks, and the proxies that it trusts."""
    plugins = plan.components.get("plugins")
    if not isinstance(plugins, ServicePlugins):
        return
    for named in plugins.server:
        if named.name != "ip-filter" or named.origin != "own":
            continue
        block = json.loads(named.block).get(named.name, {})
        yield bool(block.get("allow")), _networks(block.get("CIDR")), _networks(block.get("trusted_proxies"))


def _beside(network: Any, networks: list[Any]) -> Iterator[str]:
    """An address in the network's other half, had it a prefix one shorter: let in where the network is made wider."""
    if network.prefixlen:
        wider = network.supernet()
        other = next(each for each in wider.subnets() if each != network)
        if not any(other[0] in each for each in networks if each.version == other.version):
            yield str(other[0] if other.num_addresses < 3 else other[1])


def _networks(texts: Any) -> list[Any]:
    return [parse_network(text) for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
