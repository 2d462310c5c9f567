"""What caches give, counted by endpoint. Knows no cache."""

from crossgate.metrics.registry import Count, Registry


class AnswerCounts:
    """One endpoint's. The numbers go on where a former configuration left them.

    `hits` were given as they were kept, stale ones for a failing backend included; `revalidated` had to be asked for
    again and still held; `misses` came from the backend. `waited` are requests that waited for another's answer, and
    count among the others once they have it.
    """

    __slots__ = ("hits", "misses", "revalidated", "waited")

    def __init__(self, registry: Registry, endpoint: str) -> None:
        def count(outcome: str) -> Count:
            return registry.count(
                "crossgate_cache_answers_total",
                "Answers of backends with a cache, by where they came from; and requests that waited for another's.",
                endpoint=endpoint,
                outcome=outcome,
            )

        self.hits = count("hit")
        self.misses = count("miss")
        self.revalidated = count("revalidated")
        self.waited = count("waited")
