"""`qos/circuit-breaker` as a component: a breaker around the calls of each backend that has one."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from crossgate.components.circuit_breaker.breaker import Breaker, State, build_breaker
from crossgate.components.circuit_breaker.config import NAMESPACE, BreakerConfig, decode_breaker
from crossgate.components.circuit_breaker.reasons import REASONS
from crossgate.components.component import Component, Part, Surroundings
from crossgate.config.section import Section
from crossgate.flow.fiber import Flow
from crossgate.metrics.registry import Labels
from crossgate.plan import BackendPlan, EndpointPlan, Plan

Q = TypeVar("Q")
A = TypeVar("A")


class CircuitBreaker(Component):
    """The component."""

    name = "circuit_breaker"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-BREAK-1",)
    guards_calls = True

    def remembers(self, value: Any) -> bool:  # noqa: ARG002
        """How many calls failed."""
        return True

    def decode_backend(self, section: Section) -> Any:
        """A BreakerConfig, or None."""
        return decode_breaker(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's breakers: each worker finds out for itself."""
        return BreakerPart(surroundings)


_NUMBERS = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}


class BreakerPart(Part):
    """A worker's breakers, by what they stand around."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._now = surroundings.timers.now
        self._log = surroundings.log
        self._keep = surroundings.keep
        surroundings.metrics.read_at_scrape(
            "crossgate_breaker_state",
            "Circuits: 0 closed, 1 half-open, 2 open; of several workers the worst.",
            "gauge",
            ("endpoint", "backend"),
            self._states,
            takes_largest=True,
        )
        self.breakers: list[tuple[EndpointPlan, BackendPlan, Breaker]] = []

    def _states(self) -> Iterator[tuple[Labels, int]]:
        worst: dict[Labels, int] = {}
        for endpoint, backend, breaker in self.breakers:
            labels = endpoint.config.path, f"{backend.method} {backend.config.url_pattern}"
            worst[labels] = max(worst.get(labels, 0), _NUMBERS[breaker.state])
        yield from worst.items()

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        """A breaker is closed until calls fail."""
        return True

    def guard(
        self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, call: Callable[[Q], Flow[A]]
    ) -> Callable[[Q], Flow[A]]:
        """The call behind its breaker."""
        config: BreakerConfig = value
        logged = _logged(self._log, config.name, backend.config.url_pattern) if config.logs else _unheard
        # What is known of the hosts that a backend had says nothing about others.
        place = endpoint.config.method, endpoint.config.path, backend.config.index
        key = (*place, backend.config.hosts, backend.config.url_pattern, config)
        breaker = self._keep(key, lambda: Breaker(config, self._now, logged))
        self.breakers.append((endpoint, backend, breaker))
        return build_breaker(call, breaker)


def _unheard(_before: State, _after: State) -> None:
    pass


def _logged(log: logging.Logger, name: str, url_pattern: str) -> Any:
    def tell(before: State, after: State) -> None:
        log.warning("[BACKEND: %s][CB] the circuit breaker %s went from %s to %s", url_pattern, name, before, after)

    return tell
