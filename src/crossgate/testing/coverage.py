"""What the tests of a configuration reached: endpoints, CORS policies, gates, and whether each was seen to refuse.

Knows plans and what was noted of each request; does not know tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crossgate.cors import CorsPolicy
from crossgate.plan import EndpointPlan, Plan
from crossgate.testing.answered import Answered


@dataclass(frozen=True, slots=True)
class Untested:
    """Something that no test reached, in words; `endpoint` is its number, None where it is the service's."""

    what: str
    endpoint: int | None


@dataclass(slots=True)
class Coverage:
    """Of one configuration, over all its tests."""

    plan: Plan
    gated: Sequence[frozenset[str]]  # of each endpoint, the components whose gates stand before it
    _endpoints: set[int] = field(default_factory=set)
    _passed: set[tuple[int, str]] = field(default_factory=set)
    _refused: set[tuple[int, str]] = field(default_factory=set)
    _allowed: set[int] = field(default_factory=set)
    _blocked: set[int] = field(default_factory=set)

    def note(self, answered: Answered) -> None:
        """One request was answered."""
        number = answered.endpoint
        if number is None:
            return
        self._endpoints.add(number)
        self._passed.update((number, name) for name in answered.passed_gates)
        if answered.refused_by:
            self._refused.add((number, answered.refused_by))
        decision = answered.decision
        policy = self._policy(self.plan.endpoints[number])
        if decision is not None and policy is not None and decision.kind != "not-cors":
            (self._allowed if decision.allowed else self._blocked).add(id(policy))

    def _policy(self, endpoint: EndpointPlan) -> CorsPolicy | None:
        return endpoint.config.cors or self.plan.cors

    @property
    def endpoints(self) -> tuple[int, int]:
        """How many endpoints were reached, and how many there are."""
        return len(self._endpoints), len(self.plan.endpoints)

    @property
    def refusals(self) -> tuple[int, int]:
        """How many gates were seen to refuse, and how many there are."""
        return len(self._refused), sum(map(len, self.gated))

    def untested(self) -> list[Untested]:
        """What no test reached, in the order of the file."""
        found: list[Untested] = []
        policies: set[int] = set()
        for number, endpoint in enumerate(self.plan.endpoints):
            name = f"{endpoint.config.method} {endpoint.config.path}"
            if number not in self._endpoints:
                found.append(Untested(f"{name} is asked by no test", number))
                continue
            for gate in sorted(self.gated[number]):
                if (number, gate) not in self._refused:
                    found.append(Untested(f"{name}: no test is refused by {gate}", number))
                if (number, gate) not in self._passed:
                    found.append(Untested(f"{name}: no test passes {gate}", number))
            policy = self._policy(endpoint)
            if policy is None or id(policy) in policies:
                continue
            policies.add(id(policy))
            whose = "the service's CORS policy" if policy is self.plan.cors else f"the CORS policy of {name}"
            where = None if policy is self.plan.cors else number
            if id(policy) not in self._allowed:
                found.append(Untested(f"no test has a page that {whose} allows", where))
            if id(policy) not in self._blocked:
                found.append(Untested(f"no test has a page that {whose} refuses", where))
        return found
