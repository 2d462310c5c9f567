"""The gate of limits by tiers: which one holds for a request. What it then says is that limit's."""

from collections.abc import Sequence

from crossgate.flow.fiber import Flow
from crossgate.http.gate import Gate, GateView
from crossgate.http.message import Response


class TieredGate:
    """`tiers` are values with their gates, in order; a value of None fits always, a gate of None lets pass."""

    params: tuple[str, ...] = ()

    def __init__(self, field: bytes, tiers: Sequence[tuple[bytes | None, Gate | None]]) -> None:
        self._field = field
        self._gates: dict[bytes, Gate | None] = {}
        self._otherwise: Gate | None = None
        for value, gate in tiers:
            if value is None:
                self._otherwise = gate
            else:
                self._gates.setdefault(value, gate)
        self.reads = frozenset((field,)).union(*(gate.reads for _, gate in tiers if gate is not None))

    def __call__(self, view: GateView) -> Response | Flow[Response | None] | None:
        """What the limit of the request's tier says."""
        gate = self._gates.get(view.first(self._field) or b"", self._otherwise)
        return None if gate is None else gate(view)
