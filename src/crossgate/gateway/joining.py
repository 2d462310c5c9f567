"""A plan's components, built for one worker, as the pipeline takes them.

Knows the contract of components and their order; does not know any of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from crossgate.components.component import Component, Part, StartError, Surroundings
from crossgate.components.survival import Survivors
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.http.gate import Gate, RejectsClaims
from crossgate.http.message import Request
from crossgate.pipeline.front import Front
from crossgate.pipeline.go_client import Client, Prepare, Send
from crossgate.pipeline.joined import Answer
from crossgate.pipeline.observed import Begin, ObserveCalls, Record, Watches
from crossgate.pipeline.proxy import Proxy
from crossgate.pipeline.respond import Handler
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.server.shedding import Load
from crossgate.transport.host_bounds import HostBounds


class JoinedComponents:
    """The parts of those components that the plan has values for, in their order (`Joined`)."""

    def __init__(
        self,
        components: Sequence[Component],
        plan: Plan,
        surroundings: Surroundings,
        shared: Mapping[str, Any],
        survivors: Survivors,
    ) -> None:
        """`shared` is `share_all`'s; what is to survive goes into `survivors`. Raises ValueError where the plan needs a
        component that is not among them.
        """
        self._survivors = survivors
        needed = needed_by(plan)
        of_users = _user_fields(components, plan)
        self._parts: dict[str, Part] = {
            component.name: component.build(
                plan,
                replace(
                    surroundings,
                    shared=shared.get(component.name),
                    keep=partial(survivors.keep, component.name),
                    claim_rejecters=self._claim_rejecters,
                    user_fields=of_users,
                ),
            )
            for component in components
            if component.name in needed
        }
        self._joins_all = any(map(_joins_all, self._parts.values()))
        self._service_order = in_order(components, lambda component: component.service_after)
        self._call_order = in_order(components, lambda component: component.calls_after)
        self._started: list[Part] = []
        missing = needed - self._parts.keys()
        if missing:
            raise ValueError(f"the plan needs components that are not there: {', '.join(sorted(missing))}")

    def may_wait(self, endpoint: EndpointPlan) -> bool:
        """See Joined. What somebody watches or stands around, whatever values it has, may not."""
        if self._joins_all:
            return False
        parts = self._parts
        values = [endpoint.config.components, *[one.components for one in endpoint.config.backends]]
        return all(parts[name].may_wait(value) for each in values if each for name, value in each.items())

    def gated_by(self, endpoint: EndpointPlan) -> list[str]:
        """The names of the components that have gates before an endpoint that may wait."""
        parts = self._parts
        return [name for name, value in endpoint.config.components.items() if parts[name].has_gates(value)]

    def service_gates(self) -> Sequence[Gate]:
        """See Joined."""
        parts = [self._parts[name] for name in self._service_order if name in self._parts]
        return [gate for part in parts for gate in part.service_gates()]

    def endpoint_gates(self, endpoint: EndpointPlan) -> Sequence[Gate]:
        """See Joined."""
        values = endpoint.config.components
        parts = [(part, values[name]) for name, part in self._parts.items() if name in values]
        return [gate for part, value in parts for gate in part.endpoint_gates(value, endpoint)]

    def around_handler(self, endpoint: EndpointPlan, handler: Handler) -> Handler:
        """See Joined. The first of the components stands outermost."""
        for part in reversed(self._parts.values()):
            handler = part.around_handler(endpoint, handler)
        return handler

    def endpoint_answer(self, endpoint: EndpointPlan, proxy: Proxy) -> Answer | None:
        """See Joined."""
        name = endpoint.config.answered_by
        return self._parts[name].answer(endpoint.config.components[name], endpoint, proxy) if name else None

    def prepare(self, endpoint: EndpointPlan, backend: BackendPlan) -> Sequence[Prepare]:
        """See Joined."""
        values = backend.config.components
        parts = [(part, values[name]) for name, part in self._parts.items() if name in values]
        found = [part.prepare(value, endpoint, backend) for part, value in parts]
        return [prepare for prepare in found if prepare is not None]

    def around_send(self, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        """See Joined."""
        values = backend.config.components
        for name in reversed([name for name in self._parts if name in values]):
            send = self._parts[name].around_send(values[name], endpoint, backend, send)
        return send

    def around_client(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:
        """See Joined."""
        values = backend.config.components
        for name in reversed([name for name in self._parts if name in values]):
            client = self._parts[name].around_client(values[name], endpoint, backend, client)
        return client

    def around_endpoint(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """See Joined."""
        for name in reversed(endpoint.config.wrapped_by):
            proxy = self._parts[name].around_endpoint(endpoint.config.components[name], endpoint, proxy)
        return proxy

    def around_merged(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """See Joined."""
        for name in reversed(endpoint.config.modified_by):
            proxy = self._parts[name].around_merged(endpoint.config.components[name], endpoint, proxy)
        return proxy

    def follows_redirects(self, backend: BackendPlan) -> bool:
        """See Joined."""
        values = backend.config.components
        return all(part.follows_redirects(values[name]) for name, part in self._parts.items() if name in values)

    def front(self) -> Front | None:
        """See Joined. Raises StartError where two components want to stand there."""
        fronts = {name: front for name, part in self._parts.items() if (front := part.front()) is not None}
        if len(fronts) > 1:
            raise StartError(f"one component only can stand before the router, not {' and '.join(sorted(fronts))}")
        return next(iter(fronts.values()), None)

    def _claim_rejecters(self, endpoint: EndpointPlan) -> Sequence[RejectsClaims]:
        values = endpoint.config.components
        found = [part.rejects_claims(values[name], endpoint) for name, part in self._parts.items() if name in values]
        return [rejects for rejects in found if rejects is not None]

    def around_call(self, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:
        """See Joined."""
        values = backend.config.components
        for name in reversed(self._call_order):
            if name in backend.config.wrapped_by:
                proxy = self._parts[name].around_call(values[name], endpoint, backend, proxy)
            if name in backend.config.guarded_by:
                proxy = self._parts[name].guard(values[name], endpoint, backend, proxy)
        return proxy

    def guarded(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:
        """See Joined."""
        values = backend.config.components
        for name in reversed([name for name in self._call_order if name in backend.config.guarded_by]):
            client = self._parts[name].guard(values[name], endpoint, backend, client)
        return client

    def begins(self) -> list[Begin]:
        """Who is told of each request, first of all."""
        return [begin for part in self._parts.values() if (begin := part.begin()) is not None]

    def watches(self) -> list[Watches]:
        """Who watches stages, the innermost first."""
        return [watches for part in self._parts.values() if (watches := part.watches()) is not None]

    def records(self) -> list[Record]:
        """Who is told of each response."""
        return [record for part in self._parts.values() if (record := part.record()) is not None]

    def observe_calls(self) -> list[ObserveCalls]:
        """What stands around the calls of all backends, the innermost first."""
        return [observe for part in self._parts.values() if (observe := part.observe_calls()) is not None]

    def load(self) -> Load | None:
        """How much there is to do, where somebody looks at that."""
        return next((load for part in self._parts.values() if (load := part.load()) is not None), None)

    def may_see_reasons(self) -> Callable[[Request], bool] | None:
        """Who may be told why a request was refused; None: nobody."""
        return next((may for part in self._parts.values() if (may := part.may_see_reasons()) is not None), None)

    def host_bounds(self) -> HostBounds | None:
        """How many connections a backend host may have; None: any number."""
        return next((bounds for part in self._parts.values() if (bounds := part.host_bounds()) is not None), None)

    def not_ready(self) -> str:
        """Why requests had better go elsewhere for now; empty where they need not."""
        return "; ".join(filter(None, [part.not_ready() for part in self._parts.values()]))

    async def start(self) -> None:
        """Start what runs beside requests. Raises OSError; it is to be stopped then, too."""
        await self._survivors.start()
        for part in self._parts.values():
            self._started.append(part)
            await part.start()

    async def stop(self, others: Iterable[Survivors] = ()) -> None:
        """Stop what was started, the last first; of what survives, what `others` do not need."""
        while self._started:
            await self._started.pop().stop()
        await self._survivors.stop(others)


def _joins_all(part: Part) -> bool:
    """Whether it is asked about every endpoint, not only about those with a value of its component."""
    stands_around = getattr(part.around_handler, "__func__", None) is not Part.around_handler
    return stands_around or part.watches() is not None or part.observe_calls() is not None


def share_all(components: Sequence[Component], config: ServiceConfig) -> dict[str, Any]:
    """What components want all workers to have in common, by their names. Raises OSError, and StartError where one of
    them cannot begin."""
    for part in components:
        part.verify(config)
    return {part.name: part.share(config) for part in components}


def release_all(components: Sequence[Component], shared: Mapping[str, Any]) -> None:
    """Close what `share_all` opened."""
    for part in components:
        part.release(shared.get(part.name))


def shared_anew(components: Sequence[Component], before: ServiceConfig, after: ServiceConfig) -> list[str]:
    """The names of components that would have to share something else after a change."""
    return [part.name for part in components if part.shared_by(before) != part.shared_by(after)]


def secret_queries(components: Sequence[Component], config: ServiceConfig) -> frozenset[str]:
    """The query parameters that hold secrets where that configuration holds, by components that read them."""
    names: set[str] = set()
    for component, value in _values(components, [config.components, *_of_endpoints(config.endpoints)]):
        names.update(component.secret_queries(value))
    return frozenset(names)


def secret_fields(components: Sequence[Component], config: ServiceConfig) -> frozenset[str]:
    """The fields that hold credentials where that configuration holds, by components that read them; lower case."""
    names: set[str] = set()
    for component, value in _values(components, _of_endpoints(config.endpoints)):
        credential = component.credential(value)
        if credential is not None:
            names.add(credential.field.lower())
    return frozenset(names)


def _user_fields(components: Sequence[Component], plan: Plan) -> frozenset[str]:
    """The fields by which backends tell users apart; lower case."""
    names: set[str] = set()
    for component, value in _values(components, [plan.components]):
        names.update(component.tells_of_users(value))
    for component, value in _values(components, _of_endpoints(endpoint.config for endpoint in plan.endpoints)):
        names.update(component.tells_of_users(value))
        credential = component.credential(value)
        if credential is not None:
            names.add(credential.field)
    return frozenset(name.lower() for name in names)


def _of_endpoints(endpoints: Iterable[EndpointConfig]) -> Iterable[Mapping[str, Any]]:
    return (endpoint.components for endpoint in endpoints)


def _values(components: Sequence[Component], places: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Component, Any]]:
    """The values that stand at some places, each with its component. Cost is linear in the values."""
    by_name = {component.name: component for component in components}
    for values in places:
        for name, value in values.items():
            component = by_name.get(name)
            if component is not None and value is not None:
                yield component, value


def in_order(components: Sequence[Component], after: Callable[[Component], str]) -> list[str]:
    """The names of all components; one that says so right behind another."""
    names = [component.name for component in components if not after(component)]
    for component in components:
        if after(component):
            names.insert(names.index(after(component)) + 1, component.name)
    return names


def needed_by(plan: Plan) -> set[str]:
    """The names of the components that a plan has values for."""
    names = set(plan.components)
    for endpoint in plan.endpoints:
        names.update(endpoint.config.components)
        for backend in (*endpoint.backends, *endpoint.shadows):
            names.update(backend.config.components)
    return names
