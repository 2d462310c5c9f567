"""The validator as a component: gates of endpoints, and key sets that are fetched beside requests."""

from dataclasses import replace
from typing import Any

from crossgate.components.component import Component, Credential, Part, Surroundings
from crossgate.components.jwt.config import decode_endpoint, decode_service
from crossgate.components.jwt.keys import NAMESPACES
from crossgate.components.jwt.model import ServiceAuth, Validator
from crossgate.components.jwt.reasons import REASONS
from crossgate.components.jwt.revoker_config import NAMESPACES as REVOKER_NAMESPACES
from crossgate.components.jwt.revoker_config import decode_revoker
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.golang.header_name import canonical_header_name
from crossgate.plan import Plan
from crossgate.redis.config import stores_of


class Jwt(Component):
    """The component."""

    name = "jwt"
    gives_claims = True
    namespaces = NAMESPACES + REVOKER_NAMESPACES
    stands_alone = True
    reasons = REASONS
    deviations = (*(f"DEV-JWT-{number}" for number in range(1, 9)), "DEV-REVOKE-1", "DEV-REVOKE-2", "DEV-GATE-2")

    def decode_service(self, section: Section) -> Any:
        """ServiceAuth, or None."""
        auth, revoker = decode_service(section), decode_revoker(section)
        if revoker is None:
            return auth
        stores = stores_of(section)
        over = None if stores is None else stores.sharing("revocations")
        return replace(auth or ServiceAuth(None, {}), revoker=revoker, revoked_over=over)

    def decode_endpoint(self, section: Section) -> Any:
        """A Validator, or None."""
        return decode_endpoint(section)

    def credential(self, value: Any) -> Credential | None:
        """The field or the cookie with the token."""
        return Credential(canonical_header_name(value.field), value.cookie)

    def tells_of_users(self, value: Any) -> tuple[str, ...]:
        """The fields of `propagate_claims`."""
        return tuple(claim.field for claim in value.propagated) if isinstance(value, Validator) else ()

    def share(self, config: ServiceConfig) -> Any:
        """The table of revocations and the socket where they are taken; None without a revoker."""
        auth = config.components.get(self.name)
        if auth is None or auth.revoker is None:
            return None
        from crossgate.components.jwt.revoking import SharedRevocations

        return SharedRevocations(auth.revoker)

    def release(self, shared: Any) -> None:
        """The socket."""
        if shared is not None and shared.listener is not None:
            shared.listener.close()

    def shared_by(self, config: ServiceConfig) -> Any:
        """The revoker's configuration."""
        auth = config.components.get(self.name)
        return None if auth is None else auth.revoker

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's keys and gates."""
        from crossgate.components.jwt.part import JwtPart

        return JwtPart(plan, surroundings)
