"""What a modifier did."""

from crossgate.http.reason import Reason

FAILED = Reason(
    "martian.failed", "a modifier cannot be applied to this request or answer", "See the log for which one, and why."
)

REASONS = (FAILED,)
