"""`crossgate/overload` as a component: the outermost thing around endpoints, and the bounds of backend hosts."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.overload.config import NAMESPACE, decode_overload
from crossgate.components.overload.reasons import REASONS
from crossgate.config.section import Section
from crossgate.plan import Plan


class Overload(Component):
    """The component."""

    name = "overload"
    reasons = REASONS
    namespaces = (NAMESPACE,)

    def decode_service(self, section: Section) -> Any:
        """An OverloadConfig, or None."""
        return decode_overload(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's bounds."""
        from crossgate.components.overload.part import OverloadPart

        return OverloadPart(plan, plan.components[self.name], surroundings)
