"""Whom either file takes for the client: compared by what is believed of whom, and requests that show it.

Follows `pipeline/client_ip`. Knows the router's options and who looks at addresses; does not know guards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crossgate.compare.closed import closed_at
from crossgate.compare.difference import Example
from crossgate.compare.expressions import members_read
from crossgate.compare.forwarded import forwarded
from crossgate.compare.networks import Network, beyond, networks_of
from crossgate.compare.requested import on_condition, with_field
from crossgate.components.cel.config import Checks
from crossgate.config.model import RouterConfig
from crossgate.plan import EndpointPlan, Plan

_APP_ENGINE = "X-Appengine-Remote-Addr"
_TOLD = "x-forwarded-for"
_NAMED = "203.0.113.9"
_NAMED_TOO = "203.0.113.10"
_LOOK_AT_ADDRESSES = frozenset(("rate_limit", "plugins", "lua"))


def believed(router: RouterConfig) -> object:
    """What says who the client is, as something that can be compared."""
    names, proxies = _names(router), tuple(_proxies(router))
    return (router.app_engine, names if proxies else (), proxies if names else ())


def are_seen(plan: Plan) -> bool:
    """Whether a backend or a component may get to see a client's address."""
    if _LOOK_AT_ADDRESSES & plan.components.keys():
        return True
    return any(_sees_it(endpoint, plan) for endpoint in plan.endpoints)


def _sees_it(endpoint: EndpointPlan, plan: Plan) -> bool:
    config = endpoint.config
    backends = [one.config for one in (*endpoint.backends, *endpoint.shadows)]
    if any(_LOOK_AT_ADDRESSES & part.keys() for part in (config.components, *(one.components for one in backends))):
        return True
    checks = config.components.get("cel")  # which sees what no backend gets
    if isinstance(checks, Checks):
        members = members_read((*checks.before, *checks.after), "req_headers")
        if members is None or _TOLD in {one.lower() for one in members}:
            return True
    told = [forwarded(config.input_headers, (), one.input_headers, None).added for one in backends]
    return any(_TOLD in names for names in told) and closed_at(config, plan) is None


def showing(old: RouterConfig, new: RouterConfig, plain: Example) -> Iterator[Example]:
    """Requests of which the two think otherwise where they come from; `plain` reaches what sees it."""
    if old.app_engine != new.app_engine:
        yield with_field(plain, _APP_ENGINE, _NAMED)
        return
    before, after = _proxies(old), _proxies(new)
    names = [_names(old), _names(new)]
    for network in [*beyond(after, before), *beyond(before, after)][:2]:
        host = network.partition("/")[0]
        for name in dict.fromkeys([*names[0][:1], *names[1][:1]]):
            told = replace(with_field(plain, _titled(name), _NAMED), client_host=host)
            yield on_condition(told, f"from the address {host}")
    if names[0] != names[1]:
        host = next((str(one[0]) for one in (*after, *before)), plain.client_host)
        number = next(n for n in range(len(names[0]) + len(names[1])) if names[0][n : n + 1] != names[1][n : n + 1])
        told = replace(plain, client_host=host) if not _trusts(after, plain) or not _trusts(before, plain) else plain
        for name, value in zip(
            (*names[1][number : number + 1], *names[0][number : number + 1]), (_NAMED, _NAMED_TOO), strict=False
        ):
            told = with_field(told, _titled(name), value)
        yield on_condition(told, f"from the address {host}") if told.client_host != plain.client_host else told


def _names(router: RouterConfig) -> tuple[str, ...]:
    """The fields that are read, each where it is read first."""
    names = router.remote_ip_headers if router.forwarded_by_client_ip else ()
    return tuple(dict.fromkeys(name.lower() for name in names))


def _proxies(router: RouterConfig) -> list[Network]:
    return networks_of({"CIDR": router.trusted_proxies})


def _trusts(networks: Sequence[Network], plain: Example) -> bool:
    return not beyond(networks_of({"CIDR": [plain.client_host]}), networks)


def _titled(name: str) -> str:
    return name.title().replace("-Ip", "-IP")
