"""Why an API key does not let a request in."""

from crossgate.http.reason import Reason

MISSING = Reason(
    "key.missing",
    "the request has no API key",
    "Send a key in the header or query parameter that `auth/api-keys` names.",
)
UNKNOWN = Reason(
    "key.unknown", "the API key is not known", "Send a key that the file lists. Reload the gateway after adding one."
)
ROLE = Reason(
    "key.role",
    "the API key has none of the roles that the endpoint requires",
    "Give the key one of the endpoint's `roles`, or change the endpoint's `roles`.",
)
LIMIT = Reason("limit.key", "this API key has exceeded its rate limit", "Wait, or raise `client_max_rate`.")

REASONS = (MISSING, UNKNOWN, ROLE, LIMIT)
