"""What a component may be: the contract, and nothing else.

A component is one folder. It says which namespaces it runs and decodes them (`Component`), and becomes, once for each
worker, whatever joins the way of requests (`Part`). What it needs from outside comes in as `Surroundings`. Components
do not know each other; what two of them need is in a room below.
"""

import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from crossgate.components.survival import Keep
from crossgate.config.component import ComponentNamespace
from crossgate.config.document import Document
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.diagnostics.rule import Rule
from crossgate.flow.fiber import Flow
from crossgate.flow.timers import Timers
from crossgate.http.gate import Gate, RejectsClaims
from crossgate.http.message import Request
from crossgate.http.reason import Reason
from crossgate.metrics.registry import Registry, Snapshot
from crossgate.pipeline.front import Front
from crossgate.pipeline.go_client import Client, Prepare, Send
from crossgate.pipeline.joined import Answer
from crossgate.pipeline.observed import Begin, ObserveCalls, Record, Watches
from crossgate.pipeline.proxy import Proxy
from crossgate.pipeline.respond import Handler
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.server.shedding import Load
from crossgate.transport.dial import Dial, dial
from crossgate.transport.host_bounds import HostBounds

Q = TypeVar("Q")
A = TypeVar("A")


class StartError(Exception):
    """A component cannot begin with this configuration. `str()` says which and why, for an operator."""


async def _nothing() -> Snapshot:
    return []


def _no_rejecters(_endpoint: EndpointPlan) -> Sequence[RejectsClaims]:
    return ()


def _nothing_common(key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ARG001
    return make()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a component gets from outside. `wall_clock` is in seconds since the epoch; `send` makes a call.

    `keep(key, make)` gives what survives reloads: the thing of that key which the configuration before had, else a new
    one; it is started and stopped by whoever gave this. `keep_common` does so for things of the rooms below that
    several components use: who asks by the same key gets the same thing. `shared` is what the component's `share`
    gave, the same for all workers; None where it gave nothing. What a component counts it counts in `metrics`;
    `collect` gives the numbers of all workers together. A client of its own is to be given `dial`.
    `claim_rejecters` gives what all components have to say about an endpoint's claims. Components read credentials
    in `secret_queries`, parameters of queries, and `secret_fields`, lower-case names of fields: nobody may be shown
    what stands there. By `user_fields`, lower-case names, backends tell users apart: those of credentials, and what
    gates say of who has them.
    """

    send: Send
    timers: Timers
    log: logging.Logger
    random: Random
    wall_clock: Callable[[], float]
    keep: Keep[Any]
    shared: Any = None
    keep_common: Keep[Any] = _nothing_common
    metrics: Registry = field(default_factory=Registry)
    collect: Callable[[], Awaitable[Snapshot]] = _nothing
    dial: Dial = dial
    claim_rejecters: Callable[[EndpointPlan], Sequence[RejectsClaims]] = _no_rejecters
    secret_queries: frozenset[str] = frozenset()
    secret_fields: frozenset[str] = frozenset()
    user_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request has to bring: a field, by its name, or where that is absent a cookie (empty: no cookie will do).

    Without it the endpoint answers `status`.
    """

    field: str
    cookie: str = ""
    status: int = 401


class Part:
    """A component at work in one worker. Each method says how it joins; by default it does not.

    In the methods that get an endpoint or a backend, `value` is what the component's decoder made of that one.
    """

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        """Whether what joins the endpoint or backend with that value may be built, on a test stand, when the endpoint
        is first asked: building it raises nothing, and what it keeps starts without waiting for anything."""
        return False

    def has_gates(self, value: Any) -> bool:  # noqa: ARG002
        """Whether there are gates before the endpoint with that value. Only asked where they may wait."""
        return False

    def service_gates(self) -> Sequence[Gate]:
        """Gates before everything but health."""
        return ()

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> Sequence[Gate]:  # noqa: ARG002
        """Gates before one endpoint."""
        return ()

    def around_handler(self, endpoint: EndpointPlan, handler: Handler) -> Handler:  # noqa: ARG002
        """An endpoint, its gates included, with what stands around it. Asked for every one."""
        return handler

    def answer(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Answer | None:  # noqa: ARG002
        """What makes an endpoint's response in the place of its rendering; only of components that say `answers`."""
        return None

    def prepare(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan) -> Prepare | None:  # noqa: ARG002
        """What happens to a backend's calls before they are made."""
        return None

    def around_send(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:  # noqa: ARG002
        """What sends a backend's requests, with what stands around it."""
        return send

    def around_client(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:  # noqa: ARG002
        """What calls a backend, redirects followed, with what stands around it: from the whole request to the answer as
        it came."""
        return client

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """A backend's call with what stands around it; only of components that say `wraps_calls`.

        It is given BackendCalls, and hands such on.
        """
        return proxy

    def guard(
        self,
        value: Any,  # noqa: ARG002
        endpoint: EndpointPlan,  # noqa: ARG002
        backend: BackendPlan,  # noqa: ARG002
        call: Callable[[Q], Flow[A]],
    ) -> Callable[[Q], Flow[A]]:
        """A backend's call, whatever it is made of, behind what lets it be made or not and may note how it ended; only
        of components that say `guards_calls`."""
        return call

    def around_endpoint(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """All backends of an endpoint together, shadows, static data and merging included, with what stands
        around them; only of components that say `wraps_endpoints`."""
        return proxy

    def around_merged(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """The backends of an endpoint, or its shadows, merged but without static data, with what stands around them;
        only of components that say `modifies`."""
        return proxy

    def follows_redirects(self, value: Any) -> bool:  # noqa: ARG002
        """Whether redirects that come from a backend with that value are followed."""
        return True

    def front(self) -> Front | None:
        """What stands before the router."""
        return None

    def rejects_claims(self, value: Any, endpoint: EndpointPlan) -> RejectsClaims | None:  # noqa: ARG002
        """What looks at the claims of tokens that hold, before roles do."""
        return None

    def begin(self) -> Begin | None:
        """Who is told of each request, first of all."""
        return None

    def watches(self) -> Watches | None:
        """Who watches the stages of endpoints."""
        return None

    def record(self) -> Record | None:
        """Who is told of each response that was written."""
        return None

    def observe_calls(self) -> ObserveCalls | None:
        """What stands around the calls of all backends."""
        return None

    def load(self) -> Load | None:
        """What the server asks before it reads a request: whether there is too much to do already."""
        return None

    def may_see_reasons(self) -> Callable[[Request], bool] | None:
        """Who may be told why a request was refused."""
        return None

    def host_bounds(self) -> HostBounds | None:
        """How many connections a backend host may have."""
        return None

    def not_ready(self) -> str:
        """Why requests had better go to another gateway for now, empty where they need not. Must come to an end by
        itself, without requests."""
        return ""

    async def start(self) -> None:
        """Begin what runs beside requests. The event loop is there; requests come afterwards. Raises OSError and
        StartError.

        After a reload the part of the configuration before still runs beside this one.
        """

    async def stop(self) -> None:
        """End it."""


class Component:
    """A component of the configuration. Subclasses fill in what they are; values are frozen.

    `deviations` are the codes in docs/deviations.md that are its own, `since` the version that had it first, `reasons`
    those of what it answers in the place of a backend.
    `stands_alone`: what it decodes of an endpoint or backend depends on nothing but that, the service and files that
    are read for it, and does not have its place in it. `leads_outside`: beside the way of requests it listens or sends
    something somewhere, and a gateway under test does without it.
    A decoder gives None where the component has nothing to do. It reports what is wrong, and `Section.close`s what a
    guard would have guarded that cannot be built.

    Where it meets a request is its place in the tuple of components. `service_after` and `calls_after` name the one
    right behind which its gates before the service, and what it puts around a backend's calls, come instead.
    """

    name: str
    namespaces: tuple[ComponentNamespace, ...]
    deviations: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    since: str = "0.1.0"
    rules: tuple[Rule[Document], ...] = ()
    stands_alone = False
    answers = False
    wraps_calls = False
    guards_calls = False
    wraps_endpoints = False
    modifies = False
    gives_claims = False
    service_after: str = ""
    calls_after: str = ""
    leads_outside = False

    def decode_service(self, section: Section) -> Any:  # noqa: ARG002
        """What it makes of the service."""
        return None

    def decode_endpoint(self, section: Section) -> Any:  # noqa: ARG002
        """What it makes of an endpoint. Asked where one of its namespaces stands, and of all where the service has a
        value."""
        return None

    def decode_backend(self, section: Section) -> Any:  # noqa: ARG002
        """What it makes of a backend. Asked as of endpoints."""
        return None

    def remembers(self, value: Any) -> bool:  # noqa: ARG002
        """Whether what it answers, where it has that value, may depend on requests before."""
        return False

    def credential(self, value: Any) -> Credential | None:  # noqa: ARG002
        """What an endpoint with that value wants to see of who calls it, for explanations."""
        return None

    def tells_of_users(self, value: Any) -> Sequence[str]:  # noqa: ARG002
        """The request fields by which it tells backends who calls, where the service or an endpoint has that value."""
        return ()

    def secret_queries(self, value: Any) -> Sequence[str]:  # noqa: ARG002
        """The query parameters that hold secrets, where it has that value: no log shows theirs."""
        return ()

    def share(self, config: ServiceConfig) -> Any:  # noqa: ARG002
        """What all workers are to have in common: memory, sockets. Asked once, before they begin. Raises OSError."""
        return None

    def verify(self, config: ServiceConfig) -> None:
        """Look at what only shows outside the file, before workers begin. Raises StartError."""

    def release(self, shared: Any) -> None:
        """Close what `share` gave, where a process that needs it no more goes on without it."""

    def shared_by(self, config: ServiceConfig) -> Any:  # noqa: ARG002
        """What `share` depends on. Workers that run already cannot be given it anew: where this changes, a restart is
        needed."""
        return None

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's part of it. Only asked where it has a value anywhere in the plan."""
        raise NotImplementedError
