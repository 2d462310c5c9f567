"""`crossgate/metrics` and what KrakenD's files have in its place, as a component.

Watches requests and calls of backends, and has others read what was counted.
"""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.metrics.config import NAMESPACES, decode_metrics
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.plan import Plan


class Metrics(Component):
    """The component."""

    name = "metrics"
    leads_outside = True
    namespaces = NAMESPACES
    deviations = ("DEV-METRICS-1",)

    def decode_service(self, section: Section) -> Any:
        """A MetricsConfig, or None."""
        return decode_metrics(section)

    def share(self, config: ServiceConfig) -> Any:
        """The sockets: whichever worker takes a connection answers for all."""
        found = config.components.get(self.name)
        if found is None:
            return None
        from crossgate.components.scraping.listening import open_places

        return open_places(found.places)

    def release(self, shared: Any) -> None:
        """The sockets."""
        from crossgate.components.scraping.listening import close_places

        close_places(shared or ())

    def shared_by(self, config: ServiceConfig) -> Any:
        """The places."""
        found = config.components.get(self.name)
        return None if found is None else found.places

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's part."""
        from crossgate.components.metrics.part import MetricsPart

        return MetricsPart(plan.components[self.name], surroundings)
