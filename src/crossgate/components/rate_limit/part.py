"""A worker's limits: gates before endpoints, and what stands around the calls of limited backends."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from crossgate.components.component import Part, Surroundings
from crossgate.components.rate_limit.gate import RateLimitGate
from crossgate.components.rate_limit.model import BackendLimit, Limit, RouterLimit, ServiceLimits
from crossgate.components.rate_limit.reasons import BACKEND
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.components.rate_limit.tiered_gate import TieredGate
from crossgate.flow.fiber import Flow
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.gate import Gate
from crossgate.limits.bucket import Bucket
from crossgate.limits.over import Over
from crossgate.limits.shared_buckets import SharedBuckets, nanoseconds_of
from crossgate.metrics.limits import Fallbacks, LimitDecisions
from crossgate.plan import BackendPlan, EndpointPlan, Plan

Q = TypeVar("Q")
A = TypeVar("A")

OF_BACKENDS = "rate_limit_backend"
"""What metrics call the limits of calls, of which an endpoint may have several besides its own."""

_ENDLESS = float("inf")


class RateLimitPart(Part):
    """See above."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._of_service: ServiceLimits | None = plan.components.get("rate_limit")
        self._buckets: SharedBuckets = surroundings.shared
        self._now = surroundings.timers.now
        self._metrics = surroundings.metrics
        self._is_honest = plan.error_style == "http"

    def may_wait(self, value: Any) -> bool:
        """Buckets are full until somebody asks; a connection to Redis is not there at once."""
        return all(one.over is None for one in ((value,) if isinstance(value, BackendLimit) else _all_of(value)))

    def has_gates(self, value: Any) -> bool:
        """One for each limit."""
        return bool(value)

    def service_gates(self) -> tuple[Gate, ...]:
        """Those before all endpoints."""
        limits = self._of_service.limits if self._of_service is not None else ()
        return tuple([self._gate(limit, "service", "", _ENDLESS) for limit in limits])

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        """Those of one endpoint."""
        limits: tuple[Limit, ...] = value
        path, seconds = endpoint.config.path, endpoint.timeout_seconds
        return tuple([self._gate(limit, _name(endpoint), path, seconds) for limit in limits])

    def _gate(self, limit: Limit, place: str, endpoint: str, deadline_seconds: float) -> Gate:
        """`place` names the buckets, `endpoint` is what metrics call it: empty for the service."""
        if not isinstance(limit, RouterLimit):
            gates = [
                (value, None if tier is None else self._gate(tier, place, endpoint, deadline_seconds))
                for value, tier in limit.tiers
            ]
            return TieredGate(limit.field, gates)
        refusals = Refusals(limit, is_honest=self._is_honest, is_service=not endpoint)
        decisions = LimitDecisions(self._metrics, "rate_limit", endpoint)
        name = f"{place} {limit.name}" if limit.name else place
        local = RateLimitGate(
            limit, self._buckets, endpoint=name, now=self._now, refusals=refusals, decisions=decisions
        )
        if limit.over is None:
            return local
        from crossgate.components.rate_limit.redis_gate import RedisLimitGate
        from crossgate.limits.redis_buckets import RedisBuckets
        from crossgate.redis.kept import kept_client

        return RedisLimitGate(
            limit,
            limit.over,
            RedisBuckets(
                kept_client(limit.over.store, self._around),
                name,
                self._around.timers,
                deadline_seconds,
                are_together=limit.client is not None and limit.total is not None,
            ),
            local,
            refusals=refusals,
            decisions=decisions,
            fallbacks=Fallbacks(self._metrics, "rate_limit"),
        )

    def guard(
        self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, call: Callable[[Q], Flow[A]]
    ) -> Callable[[Q], Flow[A]]:
        """A call that costs a token; without one it fails as if the backend had."""
        limit: BackendLimit = value
        buckets, now_ns, bucket = self._buckets, nanoseconds_of(self._now), limit.bucket
        name = f"{_name(endpoint)} backend {backend.config.index}"
        place = buckets.place(name, bucket, now_ns())
        decisions = LimitDecisions(self._metrics, OF_BACKENDS, endpoint.config.path)

        def is_left() -> bool:
            return buckets.take(place, bucket, now_ns()) >= 0

        def note(left: int) -> None:
            buckets.note(place, left, now_ns())

        if limit.over is not None:
            return self._over_redis(limit.over, bucket, name, is_left, note, decisions, call)

        def limited(request: Q) -> Flow[A]:
            _decide(decisions, passes=is_left())
            return call(request)

        return limited

    def _over_redis(
        self,
        over: Over,
        bucket: Bucket,
        name: str,
        is_left: Callable[[], bool],
        note: Callable[[int], None],
        decisions: LimitDecisions,
        call: Callable[[Q], Flow[A]],
    ) -> Callable[[Q], Flow[A]]:
        """`is_left` asks the bucket of this gateway, `note` tells it what Redis has said."""
        from crossgate.limits.redis_buckets import RedisBuckets, bucket_words
        from crossgate.redis.failure import RedisError
        from crossgate.redis.kept import kept_client

        shared = RedisBuckets(kept_client(over.store, self._around), name)
        keys, words = (shared.key_of_all(),), bucket_words(bucket)
        fallbacks = Fallbacks(self._metrics, "rate_limit")

        async def limited(request: Q) -> A:
            try:
                left = (await shared.take(keys, words))[0]
            except RedisError:
                fallbacks.count(over.on_failure)
                passes = is_left() if over.on_failure == "local" else over.on_failure == "allow"
            else:
                note(max(0, left))
                passes = left >= 0
            _decide(decisions, passes=passes)
            return await call(request)

        return limited


def _all_of(limits: tuple[Limit, ...]) -> Iterator[RouterLimit]:
    """Those limits, and those of their tiers."""
    for limit in limits:
        if isinstance(limit, RouterLimit):
            yield limit
        else:
            yield from (tier for _, tier in limit.tiers if tier is not None)


def _decide(decisions: LimitDecisions, *, passes: bool) -> None:
    """Count it. Raises UpstreamError where a call does not pass."""
    if not passes:
        decisions.refused_of_all.value += 1
        raise UpstreamError(FailureKind.NOT_ASKED, "rate limit exceded", BACKEND)
    decisions.passed.value += 1


def _name(endpoint: EndpointPlan) -> str:
    return f"{endpoint.config.method} {endpoint.config.path}"
