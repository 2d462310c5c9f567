"""Why a host is not answered."""

from crossgate.http.reason import Reason

HOST = Reason(
    "host.not-answered", "the host is none that is answered", "Ask by a host of `allowed_hosts`, or add this one."
)

REASONS = (HOST,)
