"""What limits decide, counted by outcome. Knows no limit."""

from crossgate.metrics.registry import Count, Registry


class LimitDecisions:
    """One endpoint's. The numbers go on where a former configuration left them."""

    def __init__(self, registry: Registry, component: str, endpoint: str) -> None:
        def count(outcome: str) -> Count:
            return registry.count(
                "crossgate_limit_decisions_total",
                "What limits let pass, and what not: for the client's sake, or for all together.",
                component=component,
                endpoint=endpoint,
                outcome=outcome,
            )

        self.passed = count("passed")
        self.refused_of_client = count("refused-client")
        self.refused_of_all = count("refused-all")


class Fallbacks:
    """How often a component had to decide without Redis, by what it then did: local, allow, refuse."""

    def __init__(self, registry: Registry, component: str) -> None:
        self._by_outcome = {
            outcome: registry.count(
                "crossgate_redis_fallbacks_total",
                "Decisions that were made without Redis, because it was away, late, or refused.",
                component=component,
                outcome=outcome,
            )
            for outcome in ("local", "allow", "refuse")
        }

    def count(self, outcome: str) -> None:
        """One more."""
        self._by_outcome[outcome].value += 1
