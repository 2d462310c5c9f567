"""Components whose gates are watched: which of them was asked, and which refused. Knows the contract of components."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.flow.fiber import Flow
from crossgate.http.gate import Gate, GateView, Verdict
from crossgate.http.message import Response
from crossgate.pipeline.front import Front
from crossgate.plan import EndpointPlan, Plan


@dataclass(slots=True)
class GateNotes:
    """What the gates said to the last request: the components that let it pass, in order, and the one that refused.

    `before_all` and `before` name the components that have gates: the service's, and an endpoint's by path and method.
    `has_front`: something stands before the router and may lead requests to other paths.
    """

    passed: list[str] = field(default_factory=list)
    refused: str = ""
    before_all: set[str] = field(default_factory=set)
    before: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    has_front: bool = False

    def forget(self) -> None:
        """A new request."""
        self.passed.clear()
        self.refused = ""


class WatchedComponent:
    """A component in all but what its gates do beside. Everything else is the component's own."""

    def __init__(self, component: Component, notes: GateNotes) -> None:
        self._component = component
        self._notes = notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._component, name)

    def build(self, plan: Plan, surroundings: Surroundings) -> "_WatchedPart":
        """See Component."""
        return _WatchedPart(self._component.build(plan, surroundings), self._component.name, self._notes)


class _WatchedPart:
    def __init__(self, part: Part, name: str, notes: GateNotes) -> None:
        self._part = part
        self._name = name
        self._notes = notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)

    def front(self) -> Front | None:
        front = self._part.front()
        self._notes.has_front |= front is not None
        return front

    def service_gates(self) -> Sequence[Gate]:
        gates = self._part.service_gates()
        if gates:
            self._notes.before_all.add(self._name)
        return [_WatchedGate(gate, self._name, self._notes) for gate in gates]

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> Sequence[Gate]:
        gates = self._part.endpoint_gates(value, endpoint)
        if gates:
            self._notes.before.setdefault((endpoint.config.path, endpoint.config.method), set()).add(self._name)
        return [_WatchedGate(gate, self._name, self._notes) for gate in gates]


class _WatchedGate:
    def __init__(self, gate: Gate, name: str, notes: GateNotes) -> None:
        self._gate = gate
        self._name = name
        self._notes = notes

    @property
    def reads(self) -> frozenset[bytes]:
        return self._gate.reads

    @property
    def params(self) -> tuple[str, ...]:
        return self._gate.params

    def __call__(self, view: GateView) -> Verdict | Flow[Verdict]:
        verdict = self._gate(view)
        if verdict is None or isinstance(verdict, Response):
            return self._note(verdict)
        return self._later(verdict)

    async def _later(self, waiting: Flow[Verdict]) -> Verdict:
        return self._note(await waiting)

    def _note(self, verdict: Verdict) -> Verdict:
        if verdict is None:
            self._notes.passed.append(self._name)
        else:
            self._notes.refused = self._name
        return verdict
