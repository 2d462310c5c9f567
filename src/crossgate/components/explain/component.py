"""`crossgate/explain` as a component: who may see why a request was refused."""

import hmac
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.explain.config import NAMESPACE, ExplainConfig, decode_explain
from crossgate.config.section import Section
from crossgate.http.message import Request
from crossgate.plan import Plan

TOKEN_FIELD = b"x-crossgate-explain"


class ExplainPart(Part):
    """One worker's."""

    def __init__(self, config: ExplainConfig) -> None:
        self._token = b"" if config.token is None else config.token.reveal().encode()
        self._loopback = config.loopback_only

    def may_see_reasons(self) -> Callable[[Request], bool]:
        """Whether a request's client may."""
        return self._may_see

    def _may_see(self, request: Request) -> bool:
        """By what it shows, or by where its connection comes from: never by what fields say about that."""
        if self._token and hmac.compare_digest(request.first(TOKEN_FIELD) or b"", self._token):
            return True
        return self._loopback and _is_loopback(request.peer_host)


class Explain(Component):
    """The component."""

    name = "explain"
    namespaces = (NAMESPACE,)

    def decode_service(self, section: Section) -> Any:
        """An ExplainConfig, or None."""
        return decode_explain(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's part."""
        return ExplainPart(plan.components[self.name])


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
