"""Why there is no room."""

from crossgate.http.reason import Reason

FULL = Reason(
    "overload.full",
    "the gateway is overloaded",
    "Try again after the time in `Retry-After`. Add replicas, or check the bounds in `crossgate/overload`.",
)

REASONS = (FULL,)
