"""Metrics: what is counted while requests are answered, and the endpoints where others read it."""

from crossgate.components.metrics.component import Metrics

__all__ = ["Metrics"]
