"""Whose limit is used up."""

from crossgate.http.reason import Reason

CLIENT = Reason(
    "limit.client",
    "this client sends too many requests",
    "Wait, or raise `client_capacity` for more at once, `client_max_rate` for more over time.",
)
TOTAL = Reason(
    "limit.total",
    "all clients together send too many requests",
    "Wait, or raise `capacity` for more at once, `max_rate` for more over time.",
)
SERVICE_CLIENT = Reason(
    "limit.service-client",
    "this client sends too many requests to the service",
    "Wait, or raise `client_max_rate` of the service or tier.",
)
SERVICE_TOTAL = Reason(
    "limit.service",
    "all clients together send too many requests to the service",
    "Wait, or raise `max_rate` of the service or tier.",
)
UNNAMED = Reason(
    "limit.unnamed",
    "the request does not identify its client",
    "Send the header or parameter that `strategy` and `key` name.",
)
UNKNOWN = Reason(
    "limit.unknown",
    "the rate limit cannot be checked",
    "Check Redis. `on_failure` or `on_failure_allow` decides what happens without it.",
)
BACKEND = Reason(
    "limit.backend", "the backend's rate limit is used up", "Wait, or raise `capacity` or `max_rate` of the backend."
)

REASONS = (CLIENT, TOTAL, SERVICE_CLIENT, SERVICE_TOTAL, UNNAMED, UNKNOWN, BACKEND)
