"""The signer as a component: it makes the response of its endpoint."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.signer.config import NAMESPACE, decode_signer
from crossgate.components.signer.reasons import REASONS
from crossgate.config.section import Section
from crossgate.plan import Plan


class Signer(Component):
    """The component."""

    name = "signer"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-SIGN-1", "DEV-JWT-3")
    answers = True

    def decode_endpoint(self, section: Section) -> Any:
        """A SignerConfig, or None."""
        return decode_signer(section)

    def remembers(self, value: Any) -> bool:  # noqa: ARG002
        """Keys."""
        return True

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's signers."""
        from crossgate.components.signer.part import SignerPart

        return SignerPart(plan, surroundings)
