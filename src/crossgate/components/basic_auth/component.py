"""Basic authentication as a component: a gate for each endpoint that asks for it."""

from typing import Any

from crossgate.components.basic_auth.config import NAMESPACE, decode_endpoint_users, decode_service_users
from crossgate.components.basic_auth.reasons import REASONS
from crossgate.components.basic_auth.rules import RULE
from crossgate.components.component import Component, Credential, Part, Surroundings
from crossgate.config.section import Section
from crossgate.metrics.decisions import AuthDecisions
from crossgate.plan import Plan


class BasicAuth(Component):
    """The component."""

    name = "basic_auth"
    reasons = REASONS
    namespaces = (NAMESPACE,)
    stands_alone = True
    rules = (RULE,)

    def decode_service(self, section: Section) -> Any:
        """A ServiceUsers, or None."""
        return decode_service_users(section)

    def decode_endpoint(self, section: Section) -> Any:
        """Several Users, all of whom have to be asked, or None."""
        return decode_endpoint_users(section)

    def credential(self, value: Any) -> Credential | None:  # noqa: ARG002
        """Name and password."""
        return Credential("Authorization")

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """The gates of one worker."""
        from crossgate.components.basic_auth.gate import BasicPart

        return BasicPart(AuthDecisions(surroundings.metrics, self.name))
