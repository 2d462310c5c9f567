"""Why a host is not answered."""

from crossgate.http.reason import Reason

HOST = Reason(
    "host.not-answered",
    "the gateway does not serve this host name",
    "Use a host that `allowed_hosts` lists, or add this one.",
)

REASONS = (HOST,)
