"""An endpoint's timeout around all of its backends."""

from crossgate.flow.fiber import Flow
from crossgate.flow.timers import Timers
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

MIN_TIMEOUT_SECONDS = 0.0005
"""DEVIATION(DEV-TIME-2): below it the time counts as over from the start, however coarse the timers are."""


def effective_timeout_seconds(timeout_seconds: float) -> float:
    """The timeout as timers are to have it: zero where it is over before anything can happen."""
    return timeout_seconds if timeout_seconds >= MIN_TIMEOUT_SECONDS else 0.0


def build_deadline(proxy: Proxy, timeout_seconds: float, timers: Timers) -> Proxy:
    """The stage. Raises DeadlineExceededError."""
    seconds = effective_timeout_seconds(timeout_seconds)

    def with_deadline(call: ProxyRequest) -> Flow[ProxyResponse]:
        limit = call.incoming.limit
        if limit is None:
            return timers.within(seconds, proxy(call))
        limit(seconds)
        return proxy(call)

    return with_deadline
