"""What a script did."""

from crossgate.http.reason import Reason

REFUSED = Reason(
    "lua.refused",
    "a Lua script refused the request, or answered it with an error status",
    "Check what the script requires. It refuses with `custom_error(text, status)`, or sets a status with `statusCode`.",
)
FAILED = Reason("lua.failed", "a Lua script failed", "The log has the error. Correct the script.")
TIMEOUT = Reason(
    "lua.timeout",
    "a Lua script did not finish within the endpoint's timeout",
    "Make the script faster, or raise the endpoint's `timeout`.",
)

REASONS = (REFUSED, FAILED, TIMEOUT)
