"""What a script did."""

from crossgate.http.reason import Reason

FAILED = Reason(
    "lua.failed",
    "a Lua script failed or refused the request",
    "The log has the error. A script refuses a request by calling `custom_error`.",
)
TIMEOUT = Reason(
    "lua.timeout",
    "a Lua script did not finish within the endpoint's timeout",
    "Make the script faster, or raise the endpoint's `timeout`.",
)

REASONS = (FAILED, TIMEOUT)
