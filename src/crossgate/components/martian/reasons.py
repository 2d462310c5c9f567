"""What a modifier did."""

from crossgate.http.reason import Reason

FAILED = Reason(
    "martian.failed",
    "a Martian modifier cannot be applied to this request or response",
    "The log says which one and why.",
)

REASONS = (FAILED,)
