"""API keys as a component: a gate for each endpoint that asks for one."""

from typing import Any

from crossgate.components.api_keys.config import NAMESPACE, KeyDemand, KeyRing, decode_demand, decode_ring
from crossgate.components.api_keys.gate import KeyGate, KeyLimit
from crossgate.components.api_keys.reasons import REASONS
from crossgate.components.component import Component, Credential, Part, Surroundings
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.http.gate import Gate
from crossgate.limits.of_clients import LocalClients, SharedClients
from crossgate.limits.shared_buckets import SharedBuckets
from crossgate.metrics.decisions import AuthDecisions
from crossgate.metrics.limits import LimitDecisions
from crossgate.plan import EndpointPlan, Plan

_MOST_BUCKETS = 1 << 16
"""Room for the buckets of so many pairs of a key and an endpoint; beyond that the oldest leave."""


class ApiKeys(Component):
    """The component."""

    name = "api_keys"
    reasons = REASONS
    namespaces = (NAMESPACE,)
    stands_alone = True

    def decode_service(self, section: Section) -> Any:
        """A KeyRing, or None."""
        return decode_ring(section)

    def decode_endpoint(self, section: Section) -> Any:
        """A KeyDemand, or None."""
        return decode_demand(section)

    def remembers(self, value: Any) -> bool:
        """How many requests a key made, where that is limited."""
        return isinstance(value, KeyDemand) and value.limit is not None

    def credential(self, value: Any) -> Credential | None:
        """The field, where the key is in one."""
        return Credential(value.identifier) if value.strategy == "header" else None

    def tells_of_users(self, value: Any) -> tuple[str, ...]:
        """The field of `propagate_role`."""
        return (value.role_field,) if isinstance(value, KeyRing) and value.role_field else ()

    def secret_queries(self, value: Any) -> tuple[str, ...]:
        """The parameter, where the key is in the query."""
        return (value.identifier,) if value.strategy == "query_string" and value.identifier else ()

    def share(self, config: ServiceConfig) -> Any:  # noqa: ARG002 # a reload may bring the first limit
        """The buckets of keys. Memory that nothing is in costs nothing."""
        return SharedBuckets(limits=1, clients=_MOST_BUCKETS)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """The gates of one worker."""
        return _ApiKeysPart(plan, surroundings)


class _ApiKeysPart(Part):
    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        self._ring: KeyRing | None = plan.components.get(ApiKeys.name)
        self._decisions = AuthDecisions(surroundings.metrics, ApiKeys.name)
        self._is_honest = plan.error_style == "http"
        self._around = surroundings

    def may_wait(self, value: Any) -> bool:
        return self._ring is None or self._ring.over is None or value.limit is None

    def has_gates(self, value: Any) -> bool:  # noqa: ARG002
        return self._ring is not None

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        if self._ring is None:
            return ()
        limit = self._limit(self._ring, value, endpoint)
        return (KeyGate(self._ring, value, self._decisions, limit, is_honest=self._is_honest),)

    def _limit(self, ring: KeyRing, demand: KeyDemand, endpoint: EndpointPlan) -> KeyLimit | None:
        if demand.limit is None:
            return None
        around, name = self._around, f"{endpoint.config.method} {endpoint.config.path} key"
        decisions = LimitDecisions(around.metrics, ApiKeys.name, endpoint.config.path)
        local = LocalClients(name, demand.limit, around.shared, around.timers.now)
        if ring.over is None:
            return KeyLimit(local, decisions, is_honest=self._is_honest)
        seconds = endpoint.timeout_seconds
        shared = SharedClients(name, demand.limit, ring.over, local, ApiKeys.name, around, seconds)
        return KeyLimit(shared, decisions, is_honest=self._is_honest)
