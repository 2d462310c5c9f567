"""What becomes of decisions beside their effect: counted, and said where a policy is only tried out."""

import logging

from crossgate.cors import CorsPolicy, Counters, Decision


class Observer:
    """Counts decisions in `counters`, if there are any, and warns of each that a report-only policy would refuse.

    `is_idle` tells that there is nothing to do for any decision.
    """

    __slots__ = ("_counters", "_logger", "_report_only", "is_idle")

    def __init__(self, policy: CorsPolicy, counters: Counters | None, logger: logging.Logger | None) -> None:
        self._counters = counters
        self._logger = logger or logging.getLogger("crossgate.cors")
        self._report_only = policy.config.report_only
        self.is_idle = counters is None and not self._report_only

    def observe(self, decision: Decision) -> None:
        """Take note of one decision."""
        if self._counters is not None:
            self._counters.count(decision)
        if self._report_only and not decision.allowed:
            self._logger.warning(
                "[CORS] report-only: would refuse %s at %s: %s",
                decision.kind.value,
                decision.step.value,
                decision.reason.value,
            )
