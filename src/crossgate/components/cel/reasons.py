"""Which check stopped a request."""

from crossgate.http.reason import Reason

REQUEST = Reason(
    "cel.request",
    "an expression about the request is not true",
    "See the expressions of `validation/cel`; the log has the number of this one.",
)
RESPONSE = Reason(
    "cel.response",
    "an expression about the answer is not true",
    "See the expressions of `validation/cel`; the log has the number of this one.",
)

REASONS = (REQUEST, RESPONSE)
