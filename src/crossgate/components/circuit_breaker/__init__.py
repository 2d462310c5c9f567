"""Circuit breakers: a backend that keeps failing is not asked for a while."""

from crossgate.components.circuit_breaker.component import CircuitBreaker

__all__ = ["CircuitBreaker"]
