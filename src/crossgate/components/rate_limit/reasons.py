"""Whose limit is used up."""

from crossgate.http.reason import Reason

CLIENT = Reason("limit.client", "this client sends too many requests", "Wait, or raise `client_max_rate`.")
TOTAL = Reason("limit.total", "all clients together send too many requests", "Wait, or raise `max_rate`.")
SERVICE_CLIENT = Reason(
    "limit.service-client",
    "this client sends too many requests to the whole service",
    "Wait, or raise `client_max_rate` of the service or tier.",
)
SERVICE_TOTAL = Reason(
    "limit.service",
    "all clients together send too many requests to the whole service",
    "Wait, or raise `max_rate` of the service or tier.",
)
UNNAMED = Reason(
    "limit.unnamed", "the request does not say which client it is from", "Send what `strategy` and `key` ask for."
)
UNKNOWN = Reason(
    "limit.unknown", "the limit cannot be asked", "Look at Redis; `on_failure_allow` says what holds meanwhile."
)
BACKEND = Reason(
    "limit.backend", "the backend is asked as often as it may be", "Wait, or raise `max_rate` of the backend."
)

REASONS = (CLIENT, TOTAL, SERVICE_CLIENT, SERVICE_TOTAL, UNNAMED, UNKNOWN, BACKEND)
