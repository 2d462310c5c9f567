"""What a token bucket is, and what taking a token from it means. Pure arithmetic: does not know clocks or clients.

Source: krakend-ratelimit v3 `tokenbucket.go`; for version 2 files juju/ratelimit `ratelimit.go`.
"""

from dataclasses import dataclass

MAX_TOKENS = 1 << 62
_MIN_RATE = 1e-9


@dataclass(frozen=True, slots=True)
class Bucket:
    """One token comes every `interval_ns`, never more than `capacity` are kept, a new bucket has `initial`.

    KrakenD 2 looks for new tokens only once the bucket is empty (`refills_when_empty`), so that time without requests
    pays later. 1.4 looks at every request.
    """

    interval_ns: int
    capacity: int
    initial: int
    refills_when_empty: bool = True

    @property
    def window_seconds(self) -> int:
        """How long an empty bucket takes to be full, a second at least."""
        return max(1, -(-self.interval_ns * self.capacity // 1_000_000_000))


def bucket_of(rate: float, capacity: int, *, initial: int | None = None, refills_when_empty: bool = True) -> Bucket:
    """A bucket for `rate` tokens a second, full at first unless told otherwise. There is room for one at least."""
    size = min(max(1, capacity), MAX_TOKENS)
    interval_ns = max(1, int(1e9 / max(rate, _MIN_RATE)))
    return Bucket(interval_ns, size, size if initial is None else min(initial, size), refills_when_empty)


def take(bucket: Bucket, cells: memoryview, at: int, now_ns: int) -> int:
    """Take a token from the bucket whose state is at `cells[at]` (time of the last refill) and behind it (tokens).

    Gives how many are left, or, where there was none, the nanoseconds until there will be one as a negative number.
    """
    tokens: int = cells[at + 1]
    if bucket.refills_when_empty:
        if tokens > 0:
            cells[at + 1] = tokens = tokens - 1
            return tokens
    else:
        tokens = _refill(bucket, cells, at, now_ns)
        if tokens > 0:
            cells[at + 1] = tokens = tokens - 1
            return tokens
        return min(-1, now_ns - cells[at] - bucket.interval_ns)
    last_ns: int = cells[at]
    interval_ns = bucket.interval_ns
    new = (now_ns - last_ns) // interval_ns
    if new <= 0:
        return min(-1, now_ns - last_ns - interval_ns)
    cells[at] = last_ns + new * interval_ns
    # As in KrakenD, who finds more new tokens than there is room for does not pay.
    cells[at + 1] = left = bucket.capacity if new > bucket.capacity else new - 1
    return left


def _refill(bucket: Bucket, cells: memoryview, at: int, now_ns: int) -> int:
    tokens: int = cells[at + 1]
    new = (now_ns - cells[at]) // bucket.interval_ns
    if new > 0:
        cells[at] += new * bucket.interval_ns
        cells[at + 1] = tokens = min(bucket.capacity, tokens + new)
    return tokens
