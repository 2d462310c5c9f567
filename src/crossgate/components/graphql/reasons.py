"""Why no operation was sent."""

from crossgate.http.reason import Reason

BAD_VARIABLES = Reason(
    "graphql.variables",
    "the request cannot be turned into a GraphQL operation",
    "Send the variables and the body as valid JSON.",
)

REASONS = (BAD_VARIABLES,)
