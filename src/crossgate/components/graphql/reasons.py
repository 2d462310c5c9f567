"""Why no operation was sent."""

from crossgate.http.reason import Reason

BAD_VARIABLES = Reason(
    "graphql.variables", "the request cannot be made into an operation", "Send variables and a body that are JSON."
)

REASONS = (BAD_VARIABLES,)
