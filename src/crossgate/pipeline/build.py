"""A plan made into callables. The order of stages is the plan's (plan/stages.py), which function builds one is here.

Everything that is not in the plan comes in as an argument: the way to backends, the timers, the log, randomness,
clocks, name look-ups.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from crossgate.flow.timers import Timers
from crossgate.golang.number import with_float64_numbers
from crossgate.http.message import Request, Response, refusal
from crossgate.http.reason import ONLY_SHADOWS
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.backend import (
    BackendRequests,
    build_begun_call,
    build_decoding,
    build_decoding_call,
    build_no_op_call,
)
from crossgate.pipeline.client_ip import ClientIp, build_client_ip, names_of_clients
from crossgate.pipeline.concurrent import build_concurrent
from crossgate.pipeline.copy_body import build_copy_body
from crossgate.pipeline.deadline import build_deadline
from crossgate.pipeline.discovery import Discovery
from crossgate.pipeline.encode import encoding_name, renderer_for
from crossgate.pipeline.flatmap import build_flatmap
from crossgate.pipeline.forward import BackendForwarding, EndpointForwarding
from crossgate.pipeline.gates import Gates
from crossgate.pipeline.gateway_pipe import GatewayPipe, Route
from crossgate.pipeline.go_client import GoClient, Send
from crossgate.pipeline.hosts import Hosts, parse_host
from crossgate.pipeline.joined import Joined, NothingJoined
from crossgate.pipeline.late import LateHandlers, is_looked_up
from crossgate.pipeline.manipulate import compile_flatmap
from crossgate.pipeline.merge import build_merge
from crossgate.pipeline.observed import ObserveCalls, Watches
from crossgate.pipeline.pass_through import build_pass_through
from crossgate.pipeline.proxy import Proxy
from crossgate.pipeline.respond import Handler, Params, build_respond, proxy_request
from crossgate.pipeline.router import Router
from crossgate.pipeline.sequence import build_sequence, variables_of
from crossgate.pipeline.service_routes import build_debug, build_echo, build_health, build_options, build_ready
from crossgate.pipeline.shadow import build_shadow
from crossgate.pipeline.static import build_static
from crossgate.pipeline.status import build_status_check
from crossgate.pipeline.stream_watch import StreamWatch
from crossgate.pipeline.watched import watched, watched_pass_through
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.plan.routes import RouteKind, RoutePlan, param_names
from crossgate.plan.stages import NO_OP, BackendStage, EndpointStage
from crossgate.plan.url_template import internal_name

__all__ = ["GatewayPipe", "build_gateway"]

READY_PATH = b"/__ready"


def build_gateway(
    plan: Plan,
    *,
    send: Send,
    timers: Timers,
    log: logging.Logger,
    random: Random,
    wall_clock_ns: Callable[[], int] = time.time_ns,
    discovery: Discovery | None = None,
    joined: Joined | None = None,
    started_seconds: float | None = None,
    why_not_ready: Callable[[], str] | None = None,
    observe: ObserveCalls | None = None,
    watches: Sequence[Watches] = (),
    builds_late: bool = False,
) -> GatewayPipe:
    """One worker's gateway. `wall_clock_ns` counts from the epoch; `discovery` is only needed for `sd: dns`.

    `joined` are the plan's components. Raises ValueError where the plan needs some and there are none. DNS look-ups
    begin at once, off the path of requests. `started_seconds` is when the gateway began, on the clock of `timers`;
    `why_not_ready` is what READY_PATH says, which is not there without it. `observe` stands around the calls of
    each backend, `watches` watch the stages, the first innermost. With `builds_late`, endpoints that may wait are built
    when they are first asked, which is for gateways that answer a few requests and end.
    """
    joined = NothingJoined(plan) if joined is None else joined
    client_ip = build_client_ip(plan.router)
    answers = Answers(plan, log, random)
    if discovery is None:
        discovery = Discovery(None, timers, log, plan.upstream.dns_cache_ttl_seconds)
    streams = StreamWatch(timers)
    builder = _Builder(
        plan, send, timers, random, client_ip, answers, discovery, streams, joined, observe, tuple(watches), builds_late
    )
    service_gates = Gates(joined.service_gates(), (), client_ip) if joined.service_gates() else None

    def guarded(handler: Handler) -> Route:
        return Route(handler if service_gates is None else service_gates.before(handler), plan.cors)

    began_seconds = timers.now() if started_seconds is None else started_seconds
    router: Router[Route] = Router()
    for route in plan.routes:
        if route.kind is RouteKind.ENDPOINT:
            endpoint = plan.endpoints[route.endpoint]
            target = builder.endpoint(endpoint, route)
        elif route.kind is RouteKind.HEALTH:
            health = build_health(wall_clock_ns, lambda: timers.now() - began_seconds)
            target = Route(health, plan.cors, endpoint=route.path)
        elif plan.unsupported:
            target = Route(_build_refusal(answers, route.path, plan.unsupported), plan.cors)
        elif route.kind is RouteKind.DEBUG:
            target = guarded(build_debug(log))
        elif route.kind is RouteKind.ECHO:
            target = guarded(build_echo())
        else:
            target = guarded(build_options(route.allow, answers))
        router.add(route.method, route.pattern, target)
    beside = {}
    if why_not_ready is not None and not plan.router.disable_health:
        beside[READY_PATH] = Route(build_ready(builder.late.telling_all(why_not_ready)), plan.cors)
    discovery.start()
    return GatewayPipe(
        router,
        plan.router,
        answers=answers,
        policy=plan.cors,
        has_own_policies=any(endpoint.config.cors is not None for endpoint in plan.endpoints),
        client_ip=client_ip,
        gates=service_gates,
        beside=beside,
        front=joined.front(),
        exempt=frozenset(
            [READY_PATH, *[route.path.encode() for route in plan.routes if route.kind is RouteKind.HEALTH]]
        ),
    )


def path_values_of(plan: EndpointPlan, param_names: tuple[str, ...]) -> frozenset[int]:
    """Which of the path's parameters stand in the path of a backend, too."""
    in_paths = {name for backend in (*plan.backends, *plan.shadows) for name in backend.template.path_names}
    return frozenset(index for index, name in enumerate(param_names) if internal_name(name) in in_paths)


@dataclass(slots=True)
class _Builder:
    """Builds endpoints; holds what all of them share."""

    plan: Plan
    send: Send
    timers: Timers
    random: Random
    client_ip: ClientIp
    answers: Answers
    discovery: Discovery
    streams: StreamWatch
    joined: Joined
    observe: ObserveCalls | None
    watches: tuple[Watches, ...]
    builds_late: bool
    late: LateHandlers = field(default_factory=LateHandlers)
    late_seed: int = field(init=False)

    def __post_init__(self) -> None:
        self.late_seed = self.random.getrandbits(64) if self.builds_late else 0

    def randomness(self, plan: EndpointPlan, backend: BackendPlan) -> Random:
        """What a backend's hosts are chosen with: the same in whatever order endpoints are built."""
        if not self.builds_late or len(backend.config.hosts) < 2:
            return self.random
        return Random(f"{self.late_seed} {plan.config.method} {plan.config.path} {backend.config.index}")

    def endpoint(self, plan: EndpointPlan, route: RoutePlan) -> Route:
        """An endpoint behind its gates."""
        names = param_names(route.pattern)
        if self.builds_late and self.joined.may_wait(plan) and not is_looked_up(plan):
            handler = self.late.add(partial(self._endpoint, plan, names))
        else:
            handler = self._endpoint(plan, names)
        return Route(handler, plan.config.cors or self.plan.cors, path_values_of(plan, names), plan.config.path)

    def _endpoint(self, plan: EndpointPlan, names: tuple[str, ...]) -> Handler:
        found = (*self.joined.service_gates(), *self.joined.endpoint_gates(plan))
        gates = Gates(found, names, self.client_ip) if found else None
        handler = self._handler(_EndpointWork(self, plan, names + (gates.params if gates else ())))
        if gates is not None:
            handler = gates.before(handler)
        return self.joined.around_handler(plan, handler)

    def _handler(self, work: "_EndpointWork") -> Handler:
        """The handler of an endpoint: its stages, from the innermost outwards."""
        plan = work.plan
        if EndpointStage.REFUSE in plan.stages:
            return work.refuse()
        if EndpointStage.PASS_THROUGH in plan.stages:
            return work.pass_through()
        if not plan.backends:
            return _build_failed
        proxies = [work.backend(backend) for backend in plan.backends]
        proxy = proxies[0]
        for stage in reversed(plan.stages):
            if stage is EndpointStage.RESPOND:
                proxy = work.watched(proxy)
                return work.answer(proxy) or work.respond(proxy)
            proxy = _WRAP[stage](work, proxy, proxies)
        raise AssertionError("every endpoint has a stage that makes a response")


@dataclass(slots=True)
class _EndpointWork:
    """One endpoint being built."""

    shared: _Builder
    plan: EndpointPlan
    param_names: tuple[str, ...]
    forwarding: EndpointForwarding = field(init=False)
    encoding: str = field(init=False)

    def __post_init__(self) -> None:
        config = self.plan.config
        self.forwarding = EndpointForwarding(
            config.input_headers,
            config.input_query_strings,
            identity=self.shared.plan.identity,
            client_ip=self.shared.client_ip,
        )
        self.encoding = encoding_name(config.output_encoding, [plan.config.encoding for plan in self.plan.backends])

    def refuse(self) -> Handler:
        config = self.plan.config
        return _build_refusal(self.shared.answers, config.path, config.left_out)

    def pass_through(self) -> Handler:
        backend = self.plan.backends[0]
        handler = build_pass_through(
            self.plan,
            self.param_names,
            self._requests(backend),
            self._guarded(backend),
            forwarding=self.forwarding,
            answers=self.shared.answers,
            timers=self.shared.timers,
            streams=self.shared.streams,
        )
        for watches in self.shared.watches:
            watch = watches.pass_through(self.plan, backend)
            if watch is not None:
                handler = watched_pass_through(handler, watch)
        return handler

    def watched(self, proxy: Proxy) -> Proxy:
        """The endpoint's pipe, and who watches it."""
        for watches in self.shared.watches:
            watch = watches.endpoint(self.plan)
            if watch is not None:
                proxy = watched(proxy, watch)
        return proxy

    @property
    def _internal_names(self) -> tuple[str, ...]:
        return tuple(internal_name(name) for name in self.param_names)

    def answer(self, proxy: Proxy) -> Handler | None:
        """What a component makes of the endpoint's data in the place of a rendered response."""
        answer = self.shared.joined.endpoint_answer(self.plan, proxy)
        if answer is None:
            return None
        names, forwarding = self._internal_names, self.forwarding
        return lambda request, values: answer(proxy_request(names, forwarding, request, values))

    def respond(self, proxy: Proxy) -> Handler:
        config = self.plan.config
        encodings = [plan.config.encoding for plan in self.plan.backends]
        return build_respond(
            self.plan,
            self.param_names,
            proxy,
            forwarding=self.forwarding,
            answers=self.shared.answers,
            render=None if self.encoding == NO_OP else renderer_for(config.output_encoding, encodings),
            streams=self.shared.streams,
        )

    def backend(self, plan: BackendPlan) -> Proxy:
        """A backend's stages, from the innermost outwards."""
        requests, client = self._requests(plan), self._client(plan)
        is_wrapped = bool(plan.config.wrapped_by or plan.config.guarded_by)
        make = requests.finish if is_wrapped else requests.make
        if plan.no_op:
            config = self.plan.config
            may_be_read = bool(config.sequential_propagated_params or config.wrapped_by or is_wrapped)
            keeps_body = self.encoding == NO_OP or may_be_read
            proxy = build_no_op_call(make, client, requests.name, keeps_body=keeps_body)
        else:
            status_check = build_status_check(plan, renders_json=self.encoding == "json")
            proxy = build_decoding_call(make, client, status_check, build_decoding(plan))
        if is_wrapped:
            proxy = build_begun_call(requests, self.shared.joined.around_call(self.plan, plan, proxy))
        for watches in self.shared.watches:
            watch = watches.backend(self.plan, plan)
            if watch is not None:
                proxy = watched(proxy, watch)
        if BackendStage.CONCURRENT in plan.stages:
            calls = self.plan.config.concurrent_calls
            proxy = build_concurrent(proxy, calls, self.plan.timeout_seconds, self.shared.timers)
        return proxy

    def combined(self, plans: Sequence[BackendPlan], proxies: Sequence[Proxy]) -> Proxy:
        """Several backends as one: in sequence or side by side."""
        config = self.plan.config
        if len(proxies) == 1:
            return proxies[0]
        if config.sequential:
            variables = variables_of(plans, config.sequential_propagated_params)
            return build_sequence(proxies, variables, self.plan.timeout_seconds, self.shared.timers)
        return build_merge(proxies, self.plan.timeout_seconds, self.shared.timers)

    def shadowed(self, proxy: Proxy) -> Proxy:
        shadows = self.plan.shadows
        shadow = self.modified(self.combined(shadows, [self.backend(plan) for plan in shadows]))
        seconds = max(plan.config.shadow_timeout_seconds or self.plan.timeout_seconds for plan in shadows)
        return build_shadow(proxy, shadow, seconds, self.shared.timers)

    def modified(self, proxy: Proxy) -> Proxy:
        return self.shared.joined.around_merged(self.plan, proxy)

    def static(self, proxy: Proxy) -> Proxy:
        config = self.plan.config.static
        if config is None:
            return proxy
        return build_static(config, proxy, with_float64_numbers(config.data))

    def _requests(self, plan: BackendPlan) -> BackendRequests:
        config, shared = plan.config, self.shared
        forwarding = BackendForwarding(
            config.input_headers,
            config.input_query_strings,
            identity=shared.plan.identity,
            accept_gzip=not shared.plan.upstream.disable_compression and plan.method != "HEAD",
            endpoint=self.forwarding,
        )
        if config.sd == "dns" and config.hosts:
            hosts = Hosts((), shared.random)
            shared.discovery.add(config.hosts[0], config.sd_scheme, hosts)
        else:
            hosts = Hosts([parse_host(text) for text in config.hosts], shared.randomness(self.plan, plan))
        return BackendRequests(plan, hosts, self.forwarding, forwarding, names_of_clients(shared.plan.router))

    def _guarded(self, plan: BackendPlan) -> GoClient:
        """What calls a backend in one step."""
        client = self._client(plan)
        guarded = self.shared.joined.guarded(self.plan, plan, client)
        return client if guarded is client else GoClient(guarded, settles=False)

    def _client(self, plan: BackendPlan) -> GoClient:
        send, observe = self.shared.send, self.shared.observe
        if observe is not None:
            send = observe(self.plan, plan, send)
        prepare = tuple(self.shared.joined.prepare(self.plan, plan))
        send = self.shared.joined.around_send(self.plan, plan, send)
        client = GoClient(
            send,
            replays_body=plan.config.send_body_on_redirect,
            prepare=prepare,
            follows_redirects=self.shared.joined.follows_redirects(plan),
        )
        around = self.shared.joined.around_client(self.plan, plan, client)
        return client if around is client else GoClient(around, settles=False)


_Wrap = Callable[[_EndpointWork, Proxy, Sequence[Proxy]], Proxy]

_WRAP: dict[EndpointStage, _Wrap] = {
    EndpointStage.MERGE: lambda work, _, parts: work.combined(work.plan.backends, parts),
    EndpointStage.SEQUENCE: lambda work, _, parts: work.combined(work.plan.backends, parts),
    EndpointStage.FLATMAP: lambda work, proxy, _: build_flatmap(proxy, compile_flatmap(work.plan.config.flatmap)),
    EndpointStage.MODIFY: lambda work, proxy, _: work.modified(proxy),
    EndpointStage.STATIC: lambda work, proxy, _: work.static(proxy),
    EndpointStage.SHADOW: lambda work, proxy, _: work.shadowed(proxy),
    EndpointStage.WRAP: lambda work, proxy, _: work.shared.joined.around_endpoint(work.plan, proxy),
    EndpointStage.COPY_BODY: lambda _work, proxy, _parts: build_copy_body(proxy),
    EndpointStage.DEADLINE: lambda work, proxy, _: build_deadline(proxy, work.plan.timeout_seconds, work.shared.timers),
}


def _build_refusal(answers: Answers, path: str, unsupported: tuple[str, ...]) -> Handler:
    """A route that something guards which is not run."""

    async def not_run(_request: Request, _values: Params) -> Response:
        return answers.not_run(path, unsupported)

    return not_run


async def _build_failed(_request: Request, _values: Params) -> Response:
    """An endpoint whose backends are all shadows: KrakenD cannot build it and answers 500 without any of its fields."""
    return refusal(500, ONLY_SHADOWS)
