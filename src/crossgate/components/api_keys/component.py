"""API keys as a component: a gate for each endpoint that asks for one.

A key is looked up by its digest, so that how long that takes says nothing about keys.
"""

from typing import Any

from crossgate.components.api_keys.config import NAMESPACE, KeyDemand, KeyRing, decode_demand, decode_ring, hashed
from crossgate.components.component import Component, Credential, Part, Surroundings
from crossgate.config.section import Section
from crossgate.golang.url import parse_query
from crossgate.http.gate import Gate, GateView
from crossgate.http.message import Fields, Response
from crossgate.metrics.decisions import AuthDecisions
from crossgate.plan import EndpointPlan, Plan


class ApiKeys(Component):
    """The component."""

    name = "api_keys"
    namespaces = (NAMESPACE,)

    def decode_service(self, section: Section) -> Any:
        """A KeyRing, or None."""
        return decode_ring(section)

    def decode_endpoint(self, section: Section) -> Any:
        """A KeyDemand, or None."""
        return decode_demand(section)

    def credential(self, value: Any) -> Credential | None:
        """The field, where the key is in one."""
        return Credential(value.identifier) if value.strategy == "header" else None

    def secret_queries(self, value: Any) -> tuple[str, ...]:
        """The parameter, where the key is in the query."""
        return (value.identifier,) if value.strategy == "query_string" and value.identifier else ()

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """The gates of one worker."""
        decisions = AuthDecisions(surroundings.metrics, self.name)
        return _ApiKeysPart(plan.components.get(self.name), decisions, is_honest=plan.error_style == "http")


class _ApiKeysPart(Part):
    def __init__(self, ring: KeyRing | None, decisions: AuthDecisions, *, is_honest: bool) -> None:
        self._ring = ring
        self._decisions = decisions
        self._is_honest = is_honest

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:  # noqa: ARG002
        return () if self._ring is None else (KeyGate(self._ring, value, self._decisions, is_honest=self._is_honest),)


class KeyGate:
    """401 without a key that is known, 403 where it lacks the role."""

    params: tuple[str, ...] = ()

    def __init__(self, ring: KeyRing, demand: KeyDemand, decisions: AuthDecisions, *, is_honest: bool) -> None:
        self._ring = ring
        self._decisions = decisions
        self._demand = demand
        self._name = demand.identifier.encode("latin-1", "replace")
        self._field = self._name.lower() if demand.strategy == "header" else b""
        self._role_field = ring.role_field.encode("latin-1", "replace")
        self._challenge: Fields = [(b"www-authenticate", b'ApiKey realm="crossgate"')] if is_honest else []
        self.reads = frozenset((self._field,)) if self._field else frozenset[bytes]()

    def __call__(self, view: GateView) -> Response | None:
        """Look for the key."""
        key = self._key(view)
        ring = self._ring
        roles = ring.roles.get(hashed(key, ring.algorithm, ring.salt)) if key else None
        if roles is None:
            self._decisions.refused("the key is not known" if key else "there is no key")
            return Response(401, list(self._challenge))
        if self._demand.roles and self._demand.roles.isdisjoint(roles):
            self._decisions.refused("the key lacks the role")
            return Response(403)
        if self._role_field:
            view.set_field(self._role_field, ",".join(roles).encode())
        self._decisions.allowed.value += 1
        return None

    def _key(self, view: GateView) -> bytes:
        if self._field:
            value = view.first(self._field) or b""
            scheme, blank, rest = value.partition(b" ")
            return rest.strip(b" ") if blank and scheme.lower() == b"bearer" else value
        return parse_query(view.query or b"").get(self._name, [b""])[0]
