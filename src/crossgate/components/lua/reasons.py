"""What a script did."""

from crossgate.http.reason import Reason

FAILED = Reason(
    "lua.failed",
    "a script failed, or refused the request",
    "See the log for what it says; `custom_error` is a refusal of its own.",
)
TIMEOUT = Reason(
    "lua.timeout", "a script took longer than the endpoint has", "Mend the script, or raise the endpoint's `timeout`."
)

REASONS = (FAILED, TIMEOUT)
