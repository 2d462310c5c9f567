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
