"""A limit of each client, kept here or in the Redis that gateways share. Knows clients by a name, and nothing else."""

from collections.abc import Callable

from crossgate.flow.fiber import Flow
from crossgate.limits.bucket import Bucket
from crossgate.limits.over import Over
from crossgate.limits.shared_buckets import SharedBuckets, nanoseconds_of
from crossgate.metrics.limits import Fallbacks
from crossgate.redis.around import Around
from crossgate.redis.failure import RedisError

_REFUSED = -1_000_000_000


class LocalClients:
    """The buckets of this gateway's workers. `now` counts monotonic seconds."""

    def __init__(self, limit: str, bucket: Bucket, buckets: SharedBuckets, now: Callable[[], float]) -> None:
        self._bucket = bucket
        self._buckets = buckets
        self._prefix = buckets.prefix(limit, bucket)
        self._now_ns = nanoseconds_of(now)

    def take(self, name: bytes) -> int:
        """Take a client's token: how many are left, or the negative nanoseconds until there is one."""
        return self._buckets.take_of(self._prefix + name, self._bucket, self._now_ns())

    def note(self, name: bytes, left: int) -> None:
        """What is left of a client's bucket, where somebody who knows better has said it."""
        self._buckets.note_of(self._prefix + name, self._bucket, left, self._now_ns())


class SharedClients:
    """Those in a Redis. `local` is told of each answer, and asked where there is none."""

    def __init__(
        self,
        limit: str,
        bucket: Bucket,
        over: Over,
        local: LocalClients,
        component: str,
        around: Around,
        deadline_seconds: float,
    ) -> None:
        from crossgate.limits.redis_buckets import RedisBuckets, bucket_words
        from crossgate.redis.kept import kept_client

        self._buckets = RedisBuckets(kept_client(over.store, around), limit, around.timers, deadline_seconds)
        self._words = bucket_words(bucket)
        self._on_failure = over.on_failure
        self._local = local
        self._fallbacks = Fallbacks(around.metrics, component)

    def take(self, name: bytes) -> int | Flow[int]:
        """The same, now or later."""
        return self._ask(name) if self._buckets.client.is_up else self._without(name)

    async def _ask(self, name: bytes) -> int:
        try:
            left = (await self._buckets.take((self._buckets.key_of(name),), self._words))[0]
        except RedisError:
            return self._without(name)
        if self._on_failure == "local":
            self._local.note(name, max(0, left))
        return left

    def _without(self, name: bytes) -> int:
        self._fallbacks.count(self._on_failure)
        if self._on_failure == "local":
            return self._local.take(name)
        return 0 if self._on_failure == "allow" else _REFUSED


Clients = LocalClients | SharedClients
