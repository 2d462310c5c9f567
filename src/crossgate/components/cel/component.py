"""`validation/cel` as a component: around endpoints, around calls of backends, and about claims."""

from crossgate.components.cel.config import NAMESPACE, Checks, decode_checks
from crossgate.components.cel.reasons import REASONS
from crossgate.components.component import Component, Part, Surroundings
from crossgate.config.section import Section
from crossgate.plan import Plan


class Cel(Component):
    """The component."""

    name = "cel"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-CEL-1", "DEV-CEL-2", "DEV-CEL-3")
    wraps_calls = True
    wraps_endpoints = True

    def decode_endpoint(self, section: Section) -> Checks | None:
        """Checks, or None."""
        return decode_checks(section)

    def decode_backend(self, section: Section) -> Checks | None:
        """Checks, or None."""
        return decode_checks(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's expressions, compiled."""
        from crossgate.components.cel.part import CelPart

        return CelPart(surroundings)
