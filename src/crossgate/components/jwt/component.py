"""The validator as a component: gates of endpoints, and key sets that are fetched beside requests."""

from typing import Any

from crossgate.components.component import Component, Credential, Part, Surroundings
from crossgate.components.jwt.config import decode_endpoint, decode_service
from crossgate.components.jwt.keys import NAMESPACES
from crossgate.config.section import Section
from crossgate.golang.header_name import canonical_header_name
from crossgate.plan import Plan


class Jwt(Component):
    """The component."""

    name = "jwt"
    namespaces = NAMESPACES
    deviations = tuple(f"DEV-JWT-{number}" for number in range(1, 9))

    def decode_service(self, section: Section) -> Any:
        """ServiceAuth, or None."""
        return decode_service(section)

    def decode_endpoint(self, section: Section) -> Any:
        """A Validator, or None."""
        return decode_endpoint(section)

    def credential(self, value: Any) -> Credential | None:
        """The field or the cookie with the token."""
        return Credential(canonical_header_name(value.field), value.cookie)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's keys and gates."""
        from crossgate.components.jwt.part import JwtPart

        return JwtPart(plan, surroundings)
