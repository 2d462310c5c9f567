"""`qos/ratelimit/router` and `qos/ratelimit/proxy` as a component: gates of endpoints, and limits around calls."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.rate_limit.config import NAMESPACES, decode_proxy, decode_router
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.plan import Plan


class RateLimit(Component):
    """The component."""

    name = "rate_limit"
    namespaces = NAMESPACES
    deviations = ("DEV-RATE-1", "DEV-RATE-2", "DEV-RATE-3")
    wraps_calls = True

    def decode_endpoint(self, section: Section) -> Any:
        """A RouterLimit, or None."""
        return decode_router(section)

    def decode_backend(self, section: Section) -> Any:
        """A Bucket, or None."""
        return decode_proxy(section)

    def share(self, config: ServiceConfig) -> Any:  # noqa: ARG002 # a reload may bring the first limit
        """The buckets. Memory that nothing is in costs nothing."""
        from crossgate.components.rate_limit.shared_buckets import SharedBuckets

        return SharedBuckets()

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's gates."""
        from crossgate.components.rate_limit.part import RateLimitPart

        return RateLimitPart(plan, surroundings)
