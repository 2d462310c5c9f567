"""The gate of limits by tiers: which one holds for a request. What it then says is that limit's."""

from collections.abc import Callable, Sequence

from crossgate.components.rate_limit.model import Policy, TierValue
from crossgate.components.rate_limit.policy import Fits, build_policy
from crossgate.flow.fiber import Flow
from crossgate.http.gate import Gate, GateView
from crossgate.http.message import Response


class TieredGate:
    """`tiers` are what they are for with their gates, in order: the first that fits counts. One of None lets pass."""

    params: tuple[str, ...] = ()

    def __init__(self, field: bytes, tiers: Sequence[tuple[TierValue, Gate | None]]) -> None:
        """Raises PolicyError."""
        self._field = field
        self._find = first_fit([value for value, _ in tiers])
        self._gates = (*(gate for _, gate in tiers), None)
        self.reads = frozenset((field,)).union(*(gate.reads for _, gate in tiers if gate is not None))

    def __call__(self, view: GateView) -> Response | Flow[Response | None] | None:
        """What the limit of the request's tier says."""
        gate = self._gates[self._find(view.first(self._field) or b"")]
        return None if gate is None else gate(view)


def first_fit(tiers: Sequence[TierValue]) -> Callable[[bytes], int]:
    """The position of the first tier that a value of the field fits; their number where it fits none.

    Raises PolicyError. Values are found in a table, whatever their number; policies are asked one by one.
    """
    last = tiers.index(None) if None in tiers else len(tiers)
    places: dict[bytes, int] = {}
    policies: list[tuple[int, Fits]] = []
    for place, tier in enumerate(tiers[:last]):
        if isinstance(tier, Policy):
            policies.append((place, build_policy(tier.text)))
        elif tier is not None:
            places.setdefault(tier, place)

    def find(value: bytes) -> int:
        found = places.get(value, last)
        for place, fits in policies:
            if place > found:
                break
            if fits(value):
                return place
        return found

    return find
