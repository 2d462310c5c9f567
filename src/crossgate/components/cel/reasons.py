"""Which check stopped a request."""

from crossgate.http.reason import Reason

REQUEST = Reason(
    "cel.request",
    "a CEL expression rejected the request",
    "Check the expressions in `validation/cel`. The log has the number of the one that failed.",
)
RESPONSE = Reason(
    "cel.response",
    "a CEL expression rejected the response",
    "Check the expressions in `validation/cel`. The log has the number of the one that failed.",
)

REASONS = (REQUEST, RESPONSE)
