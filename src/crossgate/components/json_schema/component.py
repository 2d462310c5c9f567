"""`validation/json-schema` as a component: before the backends of an endpoint."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.json_schema.config import NAMESPACE, BodySchema, decode_schema
from crossgate.components.json_schema.reasons import REASONS
from crossgate.config.section import Section
from crossgate.pipeline.proxy import Proxy
from crossgate.plan import EndpointPlan, Plan


class JsonSchema(Component):
    """The component."""

    name = "json_schema"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-SCHEMA-1", "DEV-SCHEMA-2", "DEV-SCHEMA-3", "DEV-SCHEMA-4")
    wraps_endpoints = True

    def decode_endpoint(self, section: Section) -> BodySchema | None:
        """A BodySchema, or None."""
        return decode_schema(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's validators."""
        return _SchemaPart()


class _SchemaPart(Part):
    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        return True

    def around_endpoint(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        from crossgate.components.json_schema.check import build_schema_check

        return build_schema_check(value, proxy)
