"""`telemetry/opentelemetry` as a component: traces and numbers for collectors, KrakenD's numbers for Prometheus."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.opentelemetry.config import decode_otel, decode_overrides
from crossgate.components.opentelemetry.keys import NAMESPACES
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.plan import Plan


class OpenTelemetry(Component):
    """The component."""

    name = "opentelemetry"
    leads_outside = True
    namespaces = NAMESPACES
    stands_alone = True
    deviations = ("DEV-OTEL-1", "DEV-OTEL-2", "DEV-OTEL-3", "DEV-OTEL-4")

    def decode_service(self, section: Section) -> Any:
        """An OtelConfig, or None."""
        return decode_otel(section)

    def decode_endpoint(self, section: Section) -> Any:
        """Overrides, or None."""
        return decode_overrides(section)

    def decode_backend(self, section: Section) -> Any:
        """Overrides, or None."""
        return decode_overrides(section)

    def share(self, config: ServiceConfig) -> Any:
        """The sockets that Prometheus reads at: whichever worker takes a connection answers for all."""
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
        from crossgate.components.opentelemetry.part import OtelPart

        return OtelPart(plan.components[self.name], plan, surroundings)
