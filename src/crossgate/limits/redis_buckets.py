"""Token buckets in a Redis that gateways share: one trip for one request, whatever it takes tokens of.

A bucket is one number, the time at which it would be full again (the generic cell rate algorithm): so it needs no
upkeep, is gone when it is full, and holds for gateways whose clocks differ, since Redis's own clock counts. Unlike
KrakenD's bucket it never lets more than its capacity through at once.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.limits.bucket import Bucket
from crossgate.redis.client import Script
from crossgate.redis.failure import RedisLateError, RedisRefusalError
from crossgate.redis.kept import Client
from crossgate.redis.link import Word
from crossgate.redis.topology import without_braces

TAKE = Script("""
local clock = redis.call('TIME')
local now = (clock[1] - 1767225600) * 1000000 + clock[2]
local left = {}
local function keep(key, full, now)
  local milliseconds = math.max(1, math.min(math.ceil((full - now) / 1000), 1e14))
  redis.call('SET', key, string.format('%.17g', full), 'PX', string.format('%.0f', milliseconds))
end
for number, key in ipairs(KEYS) do
  local interval, capacity = tonumber(ARGV[2 * number - 1]), tonumber(ARGV[2 * number])
  local span = interval * capacity
  local known = tonumber(redis.call('GET', key) or '') or 0
  local full = math.min(math.max(known, now), now + span)
  local wait = full + interval - now - span
  if wait >= 1 then
    if full < known then keep(key, full, now) end
    left[number] = -math.ceil(math.min(wait, 1e15))
    return left
  end
  full = full + interval
  keep(key, full, now)
  left[number] = math.floor(math.min((now + span - full) / interval + 0.001, 1e15))
end
return left
""")
"""Takes a token of each key's bucket, in order, as far as there are any. Times are microseconds since 2026, so that
they have fractions to spare; a clock that was set back makes nobody wait for longer than an empty bucket does."""

_DIGEST_BYTES = 16


class RedisBuckets:
    """Those of one limit, `limit` being its name among gateways. `capacity` and `interval_ns` of buckets count, and
    nothing else of them.

    In a cluster the clients of a limit are spread over all members, unless they are asked for together with the bucket
    of all: one script then takes of both, so they are where that is.
    """

    def __init__(
        self,
        client: Client,
        limit: str,
        timers: Timers | None = None,
        deadline_seconds: float = float("inf"),
        *,
        are_together: bool = False,
    ) -> None:
        """`deadline_seconds` is what a request has altogether, by `timers`: perhaps less than what Redis has."""
        self.client = client
        if client.config.cluster:
            limit = f"{{{without_braces(limit)}}}" if are_together else without_braces(limit)
        self._prefix = f"{client.config.prefix}limit:{limit}".encode()
        self._timers = timers if deadline_seconds < client.config.timeout_seconds else None
        self._deadline_seconds = deadline_seconds

    def key_of_all(self) -> bytes:
        """That of the bucket which all clients share."""
        return self._prefix

    def key_of(self, name: bytes) -> bytes:
        """That of a client's bucket. Names are whatever clients send, tokens included: Redis sees their digest."""
        digest = hashlib.blake2b(name, digest_size=_DIGEST_BYTES).hexdigest()
        return b"%b:client:%b" % (self._prefix, digest.encode())

    async def take(self, keys: tuple[bytes, ...], words: tuple[Word, ...]) -> Sequence[int]:
        """For each key what is left, or the negative nanoseconds until there will be one, which ends the list.

        `words` are `bucket_words` of each key's bucket. Raises RedisError.
        """
        asking = self.client.run(TAKE, keys, words)
        if self._timers is not None:
            try:
                found = await self._timers.within(self._deadline_seconds, asking)
            except DeadlineExceededError:
                raise RedisLateError("the request has no more time") from None
        else:
            found = await asking
        if not _is_ours(found, len(keys)):
            error = RedisRefusalError("ANSWER that is none of the script's")
            self.client.refused(error)
            raise error
        return [number if number >= 0 else number * 1000 for number in found]


def _is_ours(found: Any, keys: int) -> bool:
    if not isinstance(found, list) or not 0 < len(found) <= keys or not all(type(number) is int for number in found):
        return False
    return len(found) == keys or found[-1] < 0


def bucket_words(bucket: Bucket) -> tuple[Word, ...]:
    """A bucket as the script wants it."""
    return (f"{bucket.interval_ns / 1000:.17g}", f"{bucket.capacity:d}")
