"""`security/bot-detector` as a component: at the service, at an endpoint, or at both, which then hold together."""

from typing import Any

from crossgate.components.bot_detector.config import NAMESPACE, decode_rules
from crossgate.components.bot_detector.gate import BotGate
from crossgate.components.bot_detector.reasons import REASONS
from crossgate.components.component import Component, Part, Surroundings
from crossgate.config.section import Section
from crossgate.http.gate import Gate
from crossgate.plan import EndpointPlan, Plan


class BotDetector(Component):
    """The component."""

    name = "bot_detector"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-BOT-1", "DEV-GATE-1")

    def decode_service(self, section: Section) -> Any:
        """BotRules, or None."""
        return decode_rules(section)

    def decode_endpoint(self, section: Section) -> Any:
        """BotRules, or None."""
        return decode_rules(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One gate for each set of rules."""
        return _BotPart(plan.components.get(self.name))


class _BotPart(Part):
    def __init__(self, rules: Any) -> None:
        self._of_service = () if rules is None else (BotGate(rules),)

    def service_gates(self) -> tuple[Gate, ...]:
        return self._of_service

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        return True

    def has_gates(self, value: Any) -> bool:  # noqa: ARG002
        return True

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:  # noqa: ARG002
        return (BotGate(value),)
