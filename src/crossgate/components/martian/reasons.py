"""What a modifier did."""

from crossgate.http.reason import Reason

FAILED = Reason(
    "martian.failed",
    "a Martian modifier cannot be applied to this request or response",
    "The log says which one and why.",
)

REFUSED = Reason(
    "martian.refused",
    "a Martian modifier answered with an error status",
    "Correct the modifier that sets the status, or request a file or a range that exists.",
)

REASONS = (FAILED, REFUSED)
