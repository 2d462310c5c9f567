"""Why a backend is not asked."""

from crossgate.http.reason import Reason

OPEN = Reason(
    "breaker.open",
    "the circuit of a backend is open: it failed too often",
    "Look into the backend; the circuit closes by itself after `timeout`.",
)
PROBING = Reason(
    "breaker.probing", "the circuit of a backend is half open, and another request tries it", "Come again at once."
)

REASONS = (OPEN, PROBING)
