"""`security/http` as a component: one gate before everything but health."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.security_http.config import NAMESPACE, decode_policy
from crossgate.components.security_http.gate import SecurityGate
from crossgate.components.security_http.reasons import REASONS
from crossgate.config.section import Section
from crossgate.http.gate import Gate
from crossgate.plan import Plan


class SecurityHttp(Component):
    """The component."""

    name = "security_http"
    namespaces = (NAMESPACE,)
    reasons = REASONS
    deviations = ("DEV-HTTPSEC-1", "DEV-HTTPSEC-2", "DEV-GATE-1")

    def decode_service(self, section: Section) -> Any:
        """A SecurityPolicy, or None."""
        return decode_policy(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """The gate."""
        return _SecurityPart(SecurityGate(plan.components[self.name]))


class _SecurityPart(Part):
    def __init__(self, gate: SecurityGate) -> None:
        self._gate = gate

    def service_gates(self) -> tuple[Gate, ...]:
        return (self._gate,)
