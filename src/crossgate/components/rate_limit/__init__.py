"""Rate limits: of endpoints and of their clients, and of the calls to a backend."""

from crossgate.components.rate_limit.component import RateLimit

__all__ = ["RateLimit"]
