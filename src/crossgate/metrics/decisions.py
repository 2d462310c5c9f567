"""Decisions of one component about requests, counted by outcome and reason. Knows no component."""

from crossgate.metrics.registry import Count, Registry


class AuthDecisions:
    """Who was let in, and who was not and why."""

    def __init__(self, registry: Registry, component: str) -> None:
        self._registry = registry
        self._component = component
        self._reasons: dict[str, Count] = {}
        self.allowed = self._count("allowed", "")

    def refused(self, code: str) -> None:
        """One request was not, for the reason of that code."""
        count = self._reasons.get(code)
        if count is None:
            count = self._reasons[code] = self._count("refused", code)
        count.value += 1

    def _count(self, outcome: str, reason: str) -> Count:
        return self._registry.count(
            "crossgate_auth_decisions_total",
            "Decisions about who may come in, by what was decided and why.",
            component=self._component,
            outcome=outcome,
            reason=reason,
        )
