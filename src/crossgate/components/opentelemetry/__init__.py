"""OpenTelemetry: traces and metrics for collectors, and KrakenD's metrics for Prometheus."""

from crossgate.components.opentelemetry.component import OpenTelemetry

__all__ = ["OpenTelemetry"]
