"""What a plugin did."""

from crossgate.http.reason import Reason

REFUSED = Reason(
    "plugin.refused",
    "a plugin refused the request, or answered it with an error status",
    "Check what the plugin requires.",
)
FAILED = Reason("plugin.failed", "a plugin failed", "Search the log for the id in the response.")
BUSY = Reason(
    "plugin.busy",
    "too many calls are waiting for a blocking plugin",
    "Make the plugin faster, or raise `threads` of `crossgate/plugins`.",
)
STUCK = Reason(
    "plugin.stuck", "all threads of a blocking plugin are stuck", "Add timeouts to the calls that the plugin makes."
)

REASONS = (REFUSED, FAILED, BUSY, STUCK)
