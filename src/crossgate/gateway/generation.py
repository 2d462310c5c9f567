"""One configuration at work in one worker: built from its plan, started, and ended once nothing of it is under way.

Knows the order in which the rooms are put together, and what carries over from the configuration before. Does not know
sockets that listen, processes or signals.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import crossgate
from crossgate.components.component import Component, Surroundings
from crossgate.components.survival import Survivors
from crossgate.config.log_model import LogConfig
from crossgate.config.model import RouterConfig, ServiceConfig
from crossgate.flow.timers import Timers
from crossgate.gateway.access_lines import lines_for
from crossgate.gateway.access_log import LOGGED_FIELDS, AccessLog
from crossgate.gateway.application import GatewayApplication
from crossgate.gateway.call_notes import note_times, tell_ids
from crossgate.gateway.gateway_metrics import count_decisions, count_upstream
from crossgate.gateway.joining import JoinedComponents, secret_fields, secret_queries
from crossgate.gateway.log import set_levels
from crossgate.gateway.log_outlet import AccessOutlet
from crossgate.gateway.name_lookup import srv_resolver
from crossgate.gateway.readiness import Readiness
from crossgate.gateway.request_ids import RequestIds
from crossgate.gateway.shared_metrics import ProcessMetrics, SharedMetrics
from crossgate.http.message import Request
from crossgate.http.track import Track
from crossgate.pipeline.build import build_gateway
from crossgate.pipeline.client_ip import names_of_clients
from crossgate.pipeline.discovery import Discovery, ResolveSrv
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import Begin, ObserveCalls, Record
from crossgate.plan import BackendPlan, EndpointPlan, Identity, Plan, compile_plan
from crossgate.transport.client import Client
from crossgate.transport.dial import Dial, dial


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line says beside the file. `port` None: the file's. `workers` 0: this process alone.
    `watch`: reload when files change.

    `components` are those that the file was loaded with, `shared` what they want all workers to have in common (None:
    there is one worker, which makes that itself).
    """

    port: int | None = None
    debug: bool = False
    workers: int = 0
    watch: bool = False
    components: tuple[Component, ...] = ()
    shared: Mapping[str, Any] | None = None
    shared_metrics: SharedMetrics | None = None


def identity_from(environ: Mapping[str, str]) -> Identity:
    """How the gateway names itself: as crossgate, or as the KrakenD that CROSSGATE_KRAKEND_VERSION asks for."""
    krakend = environ.get("CROSSGATE_KRAKEND_VERSION", "").strip()
    return Identity.krakend(krakend) if krakend else Identity.own(crossgate.__version__)


def plan_of(config: ServiceConfig, options: ServeOptions, environ: Mapping[str, str], like: Plan | None = None) -> Plan:
    """What a configuration comes to, with what the command line adds. `like`: see compile_plan."""
    debug_endpoint = config.debug_endpoint or options.debug
    return compile_plan(replace(config, debug_endpoint=debug_endpoint), identity=identity_from(environ), like=like)


@dataclass(frozen=True, slots=True)
class Worker:
    """What all configurations of one worker share. `started_seconds` is on the clock of `timers`; `dial` opens
    connections to backends and key servers. `resolve_srv` looks names up; None: as the system does. `builds_late`: see
    build_gateway.
    """

    options: ServeOptions
    timers: Timers
    logger: logging.Logger
    wall_clock: Callable[[], float]
    started_seconds: float
    shared: Mapping[str, Any]
    metrics: ProcessMetrics
    readiness: Readiness = field(default_factory=Readiness)
    dial: Dial = dial
    resolve_srv: ResolveSrv | None = None
    make_random: Callable[[], random.Random] = random.Random
    builds_late: bool = False


class Generation:
    """A configuration at work. `start` it before requests come, `stop` it when none is under way any more."""

    client: Client
    survivors: Survivors
    outlet: AccessOutlet
    discovery: Discovery
    application: GatewayApplication

    def __init__(self, worker: Worker, config: ServiceConfig, plan: Plan, before: "Generation | None" = None) -> None:
        """Takes over from `before` what its configuration left unchanged: connections to backends, records of names,
        counters. Raises whatever a component finds wrong.
        """
        self.config = config
        logger = worker.logger
        set_levels(logger, debug=worker.options.debug, cors_debug=config.cors_debug, config=config.log)
        log = config.log
        shares_outlet = before is not None and AccessOutlet.is_same(before.config.log, log)
        self.outlet = before.outlet if before and shares_outlet else AccessOutlet(log, logger)
        has_access_log = log.access != "off" and not config.router.disable_access_log
        shows_times = has_access_log and log.access != "gin"
        notes = [
            *([note_times(worker.timers.now)] if shows_times else []),
            *([tell_ids(log.request_id_header)] if log.request_id_header else []),
        ]
        shares_client = before is not None and before.config.upstream == config.upstream
        if before and shares_client:
            self.client = before.client
        else:
            self.client = Client(config.upstream, worker.timers, dial=worker.dial)
        randomness = worker.make_random()
        self.survivors = Survivors(before.survivors if before else None)
        hidden_queries = secret_queries(worker.options.components, config)
        surroundings = Surroundings(
            self.client.send,
            worker.timers,
            logger,
            randomness,
            worker.wall_clock,
            partial(self.survivors.keep, ""),
            keep_common=partial(self.survivors.keep, ""),
            metrics=worker.metrics.registry,
            collect=worker.metrics.collect,
            dial=worker.dial,
            secret_queries=hidden_queries,
            secret_fields=secret_fields(worker.options.components, config),
        )
        self.joined = JoinedComponents(worker.options.components, plan, surroundings, worker.shared, self.survivors)
        self.client.bounds = self.joined.host_bounds()
        self.discovery = Discovery(
            worker.resolve_srv or srv_resolver(asyncio.get_running_loop()),
            worker.timers,
            logger,
            plan.upstream.dns_cache_ttl_seconds,
            before.discovery.known if before else None,
        )
        pipe = build_gateway(
            plan,
            send=self.client.call,
            timers=worker.timers,
            log=logger,
            random=randomness,
            discovery=self.discovery,
            joined=self.joined,
            started_seconds=worker.started_seconds,
            why_not_ready=worker.readiness.of(self.joined.not_ready),
            observe=_together([*self.joined.observe_calls(), *notes]),
            watches=self.joined.watches(),
            builds_late=worker.builds_late,
        )
        self.access_log = AccessLog(
            self.outlet.write,
            worker.wall_clock,
            config.router.logger_skip_paths,
            on_lost=lambda error: logger.warning("the access log ends here: standard output is gone (%s)", error),
            lines=lines_for(log.access if has_access_log else "gin", hidden_queries),
        )
        records: list[Record] = self.joined.records()
        if has_access_log:
            records.append((self.access_log.few if log.access == "gin" else self.access_log.all)(pipe.client_ip))
        ids = RequestIds(log.request_id_header).track if log.request_id_header else None
        self.application = GatewayApplication(
            pipe,
            records,
            logger.getChild("cors"),
            track=_track(ids or ((lambda _: Track()) if notes else None), self.joined.begins()),
            debug=worker.options.debug,
            counters=before.application.counters if before else None,
            load=self.joined.load(),
            noted=_noted(config.router, log),
            identify=ids,
            may_see_reasons=self.joined.may_see_reasons(),
        )

        count_decisions(worker.metrics.registry, self.application.counters)
        count_upstream(worker.metrics.registry, self.client)

    async def start(self) -> None:
        """Begin what runs beside requests. Raises OSError; the generation is to be stopped then, too."""
        await self.joined.start()

    async def stop(self, others: "Sequence[Generation]" = ()) -> None:
        """End what the others, which go on, do not share."""
        self.discovery.stop()
        await self.joined.stop([other.survivors for other in others])
        if all(other.client is not self.client for other in others):
            await self.client.close()
        self.access_log.flush()
        if all(other.outlet is not self.outlet for other in others):
            self.outlet.close()


def _noted(router: RouterConfig, log: LogConfig) -> frozenset[bytes]:
    """The fields that the access log looks at in requests, an id's included."""
    names = names_of_clients(router)
    if log.request_id_header:
        names |= {log.request_id_header.lower().encode("ascii")}
    return names if log.access == "gin" else names | LOGGED_FIELDS


def _track(
    make: Callable[[Request], Track] | None, begins: Sequence[Begin]
) -> Callable[[Request], Track | None] | None:
    """How a request's notes begin; None where nobody takes any."""
    if not begins:
        return make
    if make is None and len(begins) == 1:
        return begins[0]

    def track(request: Request) -> Track | None:
        made = None if make is None else make(request)
        for begin in begins:
            made = begin(request, made)
        return made

    return track


def _together(observers: Sequence[ObserveCalls]) -> ObserveCalls | None:
    """All of them as one, the first innermost; None where there is none."""
    if len(observers) < 2:
        return observers[0] if observers else None

    def around(endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        for observe in observers:
            send = observe(endpoint, backend, send)
        return send

    return around
