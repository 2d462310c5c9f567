"""`qos/ratelimit/…` as a component: gates of the service and of endpoints, and limits around calls."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.rate_limit.config import decode_backend, decode_endpoint, decode_service
from crossgate.components.rate_limit.escaped import RULE as ESCAPED
from crossgate.components.rate_limit.keys import NAMESPACES
from crossgate.components.rate_limit.reasons import REASONS
from crossgate.components.rate_limit.rules import RULE
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.plan import Plan


class RateLimit(Component):
    """The component."""

    name = "rate_limit"
    namespaces = NAMESPACES
    stands_alone = True
    rules = (RULE, ESCAPED)
    reasons = REASONS
    deviations = ("DEV-RATE-1", "DEV-RATE-2", "DEV-RATE-3", "DEV-RATE-4", "DEV-RATE-5")
    guards_calls = True

    def remembers(self, value: Any) -> bool:  # noqa: ARG002
        """How many requests there were."""
        return True

    def decode_service(self, section: Section) -> Any:
        """ServiceLimits, or None."""
        return decode_service(section)

    def decode_endpoint(self, section: Section) -> Any:
        """Limits, or None."""
        return decode_endpoint(section)

    def decode_backend(self, section: Section) -> Any:
        """A BackendLimit, or None."""
        return decode_backend(section)

    def share(self, config: ServiceConfig) -> Any:  # noqa: ARG002 # a reload may bring the first limit
        """The buckets. Memory that nothing is in costs nothing."""
        from crossgate.limits.shared_buckets import SharedBuckets

        return SharedBuckets()

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's gates."""
        from crossgate.components.rate_limit.part import RateLimitPart

        return RateLimitPart(plan, surroundings)
