"""Why there is no room."""

from crossgate.http.reason import Reason

FULL = Reason(
    "overload.full", "the gateway has more to do than it can", "Come again after `Retry-After`; add a replica."
)

REASONS = (FULL,)
