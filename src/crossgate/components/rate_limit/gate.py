"""The gate of a limited endpoint: its client first, then all of them together. Does not know where buckets are kept."""

from collections.abc import Callable
from typing import ClassVar

from crossgate.components.rate_limit.model import RouterLimit
from crossgate.components.rate_limit.naming import naming
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.http.gate import GateView
from crossgate.http.message import Response
from crossgate.limits.shared_buckets import SharedBuckets, nanoseconds_of
from crossgate.metrics.limits import LimitDecisions
from crossgate.metrics.registry import Registry


class RateLimitGate:
    """429 for a client that asks too often, 503 for all of them together.

    `endpoint` names the buckets, `now` counts monotonic seconds.
    The counts are those of this worker. DEVIATION(DEV-RATE-3): KrakenD's signer steps over what stands before it.
    """

    params: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        limit: RouterLimit,
        buckets: SharedBuckets,
        *,
        endpoint: str,
        now: Callable[[], float],
        refusals: Refusals,
        decisions: LimitDecisions | None = None,
    ) -> None:
        self._total = limit.total
        self._client = limit.client.bucket if limit.client else None
        self._buckets = buckets
        self._now_ns = nanoseconds_of(now)
        self._place = buckets.place(endpoint, limit.total, self._now_ns()) if limit.total else 0
        self._refusals = refusals
        self._prefix = buckets.prefix(endpoint, limit.client.bucket) if limit.client else b""
        self._name_of, self.reads = naming(limit.client)
        self.decisions = decisions or LimitDecisions(Registry(), "rate_limit", endpoint)
        self._passed = self.decisions.passed

    def __call__(self, view: GateView) -> Response | None:
        """Take a token of each bucket. One that the client cannot have costs none of all."""
        now_ns = self._now_ns()
        left_of_client = left = 0
        of_client = self._client
        if of_client is not None:
            name = self._name_of(view)
            if not name:
                self.decisions.refused_of_client.value += 1
                return self._refusals.without_name()
            left_of_client = self._buckets.take_of(self._prefix + name, of_client, now_ns)
            if left_of_client < 0:
                self.decisions.refused_of_client.value += 1
                return self._refusals.of_client(-left_of_client)
        if self._total is not None:
            left = self._buckets.take(self._place, self._total, now_ns)
            if left < 0:
                self.decisions.refused_of_all.value += 1
                return self._refusals.of_all(-left)
        self._passed.value += 1
        if self._refusals.tells:
            view.add_to_answer(self._refusals.fields(left_of_client, left))
        return None

    def note(self, name: bytes, of_client: int | None, of_all: int | None) -> None:
        """What is left of the buckets of a client and of all, where somebody who knows better has said it."""
        now_ns = self._now_ns()
        if of_client is not None and self._client is not None:
            self._buckets.note_of(self._prefix + name, self._client, of_client, now_ns)
        if of_all is not None:
            self._buckets.note(self._place, of_all, now_ns)
