"""What becomes of decisions beside their effect: counted, and said where a policy is only tried out."""

import logging
from collections.abc import Iterable

from crossgate.cors import CorsPolicy, Counters, Decision
from crossgate.cors.refusal import describe


class Observer:
    """Counts decisions in `counters`, if there are any, and warns of each that a report-only policy would refuse.

    `is_idle` tells that there is nothing to do for any decision.
    """

    __slots__ = ("_counters", "_policy", "_report_only", "is_idle", "logger")

    def __init__(self, policy: CorsPolicy, counters: Counters | None, logger: logging.Logger | None) -> None:
        self._counters = counters
        self._policy = policy
        self.logger = logger or logging.getLogger("crossgate.cors")
        self._report_only = policy.config.report_only
        self.is_idle = counters is None and not self._report_only

    def observe(self, decision: Decision, method: bytes, path: str, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Take note of one decision about that request."""
        if self._counters is not None:
            self._counters.count(decision)
        if self._report_only and not decision.allowed:
            line = describe(self._policy, method, path.encode("utf-8", "replace"), fields, decision)
            self.logger.warning("%s (report-only: not enforced)", line)
