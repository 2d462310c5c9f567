"""Components that are watched: which gates were asked, which refused, and where what refused stands.

Knows the contract of components.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from crossgate.components.component import Component, Part, Surroundings
from crossgate.flow.fiber import Flow
from crossgate.http.gate import Gate, GateView, Verdict
from crossgate.http.message import Request, Response
from crossgate.http.reason import Reason
from crossgate.pipeline.front import Behind, Front
from crossgate.plan import BackendPlan, EndpointPlan, Plan

Level = Literal["service", "endpoint", "backend"]


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a component stands that refused: before everything, at an endpoint, or at one of its backends, by number.

    `hook` is `gate`, or the method of Part by which it joined; `position` that among the component's gates there.
    """

    component: str
    level: Level
    hook: str = "gate"
    backend: int = 0
    position: int = 0


@dataclass(slots=True)
class GateNotes:
    """What the gates said to the last request: the components that let it pass, in order, and the one that refused.

    `stood` says by component and reason code where it was that refused, whether it is a gate or not. `before_all` and
    `before` name the components that have gates: the service's, and an endpoint's by path and method. `has_front`:
    something stands before the router and may lead requests to other paths. `owners` has the component of each code.
    """

    passed: list[str] = field(default_factory=list)
    refused: str = ""
    stood: dict[tuple[str, str], Stood] = field(default_factory=dict)
    before_all: set[str] = field(default_factory=set)
    before: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    has_front: bool = False
    owners: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """A new request."""
        self.passed.clear()
        self.refused = ""
        self.stood.clear()

    def note(self, answered: Any, stood: Stood) -> None:
        """What somebody answered or raised. The innermost is the first to tell of a reason, and it is its own."""
        reason = getattr(answered, "reason", None)
        if reason is not None:
            self.stood.setdefault((stood.component, reason.code), stood)

    def stood_of(self, reason: Reason | None) -> Stood | None:
        """Where the component stands whose reason that is: one has the other's only where it passes it on."""
        code = "" if reason is None else reason.code
        owner = self.owners.get(code)
        return self.stood.get((owner, code)) if owner is not None else None


class WatchedComponent:
    """A component in all but what its gates do beside. Everything else is the component's own."""

    def __init__(self, component: Component, notes: GateNotes) -> None:
        self._component = component
        self._notes = notes
        # What every generation asks every component for: quicker without __getattr__.
        self.name, self.calls_after, self.service_after = component.name, component.calls_after, component.service_after
        notes.owners.update((reason.code, component.name) for reason in component.reasons)

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
        if front is None:
            return None
        self._notes.has_front = True
        return _WatchedFront(front, Stood(self._name, "service", "front"), self._notes)

    def service_gates(self) -> Sequence[Gate]:
        gates = self._part.service_gates()
        if gates:
            self._notes.before_all.add(self._name)
        return self._watched(gates, "service")

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> Sequence[Gate]:
        gates = self._part.endpoint_gates(value, endpoint)
        if gates:
            self._notes.before.setdefault((endpoint.config.path, endpoint.config.method), set()).add(self._name)
        return self._watched(gates, "endpoint")

    def _watched(self, gates: Sequence[Gate], level: Level) -> list[Gate]:
        stood = [Stood(self._name, level, position=position) for position in range(len(gates))]
        return [_WatchedGate(gate, one, self._notes) for gate, one in zip(gates, stood, strict=True)]

    # -- what stands around calls

    def around_endpoint(self, value: Any, endpoint: EndpointPlan, proxy: Any) -> Any:
        return self._noting("around_endpoint", self._part.around_endpoint(value, endpoint, proxy), proxy, None)

    def around_merged(self, value: Any, endpoint: EndpointPlan, proxy: Any) -> Any:
        return self._noting("around_merged", self._part.around_merged(value, endpoint, proxy), proxy, None)

    def prepare(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan) -> Any:
        return self._noting("prepare", self._part.prepare(value, endpoint, backend), None, backend)

    def around_send(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, send: Any) -> Any:
        return self._noting("around_send", self._part.around_send(value, endpoint, backend, send), send, backend)

    def around_client(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, client: Any) -> Any:
        return self._noting(
            "around_client", self._part.around_client(value, endpoint, backend, client), client, backend
        )

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Any) -> Any:
        return self._noting("around_call", self._part.around_call(value, endpoint, backend, proxy), proxy, backend)

    def guard(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, call: Any) -> Any:
        return self._noting("guard", self._part.guard(value, endpoint, backend, call), call, backend)

    def _noting(self, hook: str, made: Any, inner: Any, backend: BackendPlan | None) -> Any:
        """What a component made of a call, noting what it answers with a reason; the call itself where it made nothing
        of it."""
        if made is inner or made is None:
            return made
        stood = Stood(self._name, "endpoint", hook)
        if backend is not None:
            stood = Stood(self._name, "backend", hook, backend.config.index)
        return _noting(made, stood, self._notes)


def _noting(call: Callable[..., Any], stood: Stood, notes: GateNotes) -> Callable[..., Any]:
    async def noted(*asked: Any) -> Any:
        try:
            answered = await call(*asked)
        except Exception as error:
            notes.note(error, stood)
            raise
        notes.note(answered, stood)
        return answered

    return noted


class _WatchedFront:
    def __init__(self, front: Front, stood: Stood, notes: GateNotes) -> None:
        self._front = front
        self._respond = _noting(front.respond, stood, notes)
        self.leads = front.leads

    def routed(self, request: Request) -> Request:
        return self._front.routed(request)

    async def respond(self, request: Request, behind: Behind) -> Response:
        response: Response = await self._respond(request, behind)
        return response


class _WatchedGate:
    def __init__(self, gate: Gate, stood: Stood, notes: GateNotes) -> None:
        self._gate = gate
        self._stood = stood
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
            self._notes.passed.append(self._stood.component)
        else:
            self._notes.refused = self._stood.component
            self._notes.note(verdict, self._stood)
        return verdict
