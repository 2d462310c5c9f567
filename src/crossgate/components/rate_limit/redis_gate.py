"""The gate of a limit that gateways share: one question to Redis for each request, and what holds without an answer.

Knows what the answer means and that it may not come; how it comes is `crossgate.redis`'s, what a bucket does
`crossgate.limits`'s.
"""

from crossgate.components.rate_limit.gate import RateLimitGate
from crossgate.components.rate_limit.model import RouterLimit
from crossgate.components.rate_limit.naming import naming
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.flow.fiber import Flow
from crossgate.http.gate import GateView
from crossgate.http.message import Response
from crossgate.limits.over import Over
from crossgate.limits.redis_buckets import RedisBuckets, bucket_words
from crossgate.metrics.limits import Fallbacks, LimitDecisions
from crossgate.redis.failure import RedisError
from crossgate.redis.link import Word


class RedisLimitGate:
    """429 and 503 as the local gate gives them, which `local` is and which decides while Redis is away.

    It is told of each answer, so that it goes on from there: an answer that is late lets through no more than one in
    time, and who has used up the limit gets no new one because Redis dies.
    """

    params: tuple[str, ...] = ()

    def __init__(
        self,
        limit: RouterLimit,
        over: Over,
        buckets: RedisBuckets,
        local: RateLimitGate,
        *,
        refusals: Refusals,
        decisions: LimitDecisions,
        fallbacks: Fallbacks,
    ) -> None:
        self._buckets = buckets
        self._local = local
        self._refusals = refusals
        self._decisions = decisions
        self._fallbacks = fallbacks
        self._on_failure = over.on_failure
        self._has_client, self._has_total = limit.client is not None, limit.total is not None
        self._name_of, self.reads = naming(limit.client)
        self._key_of_all = (buckets.key_of_all(),) if limit.total is not None else ()
        words: tuple[Word, ...] = bucket_words(limit.client.bucket) if limit.client is not None else ()
        self._words = words + (bucket_words(limit.total) if limit.total is not None else ())

    def __call__(self, view: GateView) -> Response | Flow[Response | None] | None:
        """Take a token of each bucket. One that the client cannot have costs none of all."""
        if not self._buckets.client.is_up:
            return self._without(view)
        keys, name = self._key_of_all, b""
        if self._has_client:
            name = self._name_of(view)
            if not name:
                self._decisions.refused_of_client.value += 1
                return self._refusals.without_name()
            keys = (self._buckets.key_of(name), *keys)
        return self._ask(view, keys, name)

    async def _ask(self, view: GateView, keys: tuple[bytes, ...], name: bytes) -> Response | None:
        try:
            left = await self._buckets.take(keys, self._words)
        except RedisError:
            return self._without(view)
        is_of_all = self._has_total and len(left) == len(keys)
        if self._on_failure == "local":
            of_client = max(0, left[0]) if self._has_client else None
            self._local.note(name, of_client, max(0, left[-1]) if is_of_all else None)
        if left[-1] < 0:
            if not is_of_all:
                self._decisions.refused_of_client.value += 1
                return self._refusals.of_client(-left[0])
            self._decisions.refused_of_all.value += 1
            return self._refusals.of_all(-left[-1])
        self._decisions.passed.value += 1
        if self._refusals.tells:
            view.add_to_answer(self._refusals.fields(left[0], left[-1]))
        return None

    def _without(self, view: GateView) -> Response | None:
        """What holds without Redis."""
        self._fallbacks.count(self._on_failure)
        if self._on_failure == "local":
            return self._local(view)
        if self._on_failure == "allow":
            self._decisions.passed.value += 1
            return None
        self._decisions.refused_of_all.value += 1
        return self._refusals.without_count()
