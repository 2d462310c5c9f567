"""A worker's limits: gates before endpoints, and what stands around the calls of limited backends."""

from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.rate_limit.bucket import Bucket
from crossgate.components.rate_limit.config import RouterLimit
from crossgate.components.rate_limit.gate import RateLimitGate
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.components.rate_limit.shared_buckets import SharedBuckets
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.gate import Gate
from crossgate.metrics.limits import LimitDecisions
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.plan import BackendPlan, EndpointPlan, Plan


class RateLimitPart(Part):
    """See above."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        self._buckets: SharedBuckets = surroundings.shared
        self._now = surroundings.timers.now
        self._metrics = surroundings.metrics
        self._is_honest = plan.error_style == "http"

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        """The gate of one endpoint."""
        limit: RouterLimit = value
        refusals = Refusals(limit, is_honest=self._is_honest)
        gate = RateLimitGate(
            limit,
            self._buckets,
            endpoint=_name(endpoint),
            now=self._now,
            refusals=refusals,
            decisions=self._decisions(endpoint),
        )
        return (gate,)

    def _decisions(self, endpoint: EndpointPlan) -> LimitDecisions:
        return LimitDecisions(self._metrics, "rate_limit", endpoint.config.path)

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:
        """A call that costs a token; without one it fails as if the backend had."""
        bucket: Bucket = value
        buckets, now = self._buckets, self._now
        limit = f"{_name(endpoint)} backend {backend.config.index}"
        place = buckets.place(limit, bucket, int(now() * 1e9))

        async def limited(call: ProxyRequest) -> ProxyResponse:
            if buckets.take(place, bucket, int(now() * 1e9)) < 0:
                raise UpstreamError(FailureKind.NOT_ASKED, "rate limit exceded")
            return await proxy(call)

        return limited


def _name(endpoint: EndpointPlan) -> str:
    return f"{endpoint.config.method} {endpoint.config.path}"
