"""What a plugin did."""

from crossgate.http.reason import Reason

REFUSED = Reason("plugin.refused", "a plugin refused the request", "Look at what the plugin asks for.")
FAILED = Reason("plugin.failed", "a plugin failed", "Search the log for the id in the answer.")
BUSY = Reason("plugin.busy", "a blocking plugin is asked too often", "Make it quicker, or give it more threads.")
STUCK = Reason("plugin.stuck", "no thread of a blocking plugin comes back", "Give what it waits for a timeout.")

REASONS = (REFUSED, FAILED, BUSY, STUCK)
