"""Why a backend is not asked."""

from crossgate.http.reason import Reason

OPEN = Reason(
    "breaker.open",
    "a backend's circuit breaker is open: the backend failed too often",
    "Check the backend. After `timeout` seconds one request tries it again, and closes the circuit if it succeeds.",
)
PROBING = Reason(
    "breaker.probing",
    "a backend's circuit breaker is half open, and another request is testing the backend",
    "Try again shortly.",
)

REASONS = (OPEN, PROBING)
