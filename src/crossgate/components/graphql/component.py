"""The adapter as a component: what stands around the calls of a backend that speaks GraphQL."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.graphql.asking import Asking
from crossgate.components.graphql.config import NAMESPACE, decode_operation
from crossgate.components.graphql.reasons import REASONS
from crossgate.config.section import Section
from crossgate.pipeline.proxy import Proxy
from crossgate.plan import BackendPlan, EndpointPlan, Plan


class GraphQl(Component):
    """The component."""

    name = "graphql"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-GQL-1", "DEV-GQL-2", "DEV-GQL-3", "DEV-GQL-4")
    wraps_calls = True

    def decode_backend(self, section: Section) -> Any:
        """An Operation, or None."""
        return decode_operation(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """Nothing that lasts."""
        return _GraphQlPart()


class _GraphQlPart(Part):
    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        return True

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        return Asking(value, proxy)
