"""One worker's share of OpenTelemetry: who watches what, by what the file wants of each layer and endpoint."""

import uuid
from collections.abc import Mapping
from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.opentelemetry.call_spans import CallSpans
from crossgate.components.opentelemetry.counting import count_calls, count_requests, count_stage
from crossgate.components.opentelemetry.export import Export, emit_to
from crossgate.components.opentelemetry.model import Attributes, BackendLayer, Layer, OtelConfig, Overrides
from crossgate.components.opentelemetry.names import call_attributes, host_of, is_skipped, pattern_of, route_of
from crossgate.components.opentelemetry.numbers import METHOD, OF_ENDPOINT, ROUTE, Added, More, Numbers
from crossgate.components.opentelemetry.process_numbers import show_process
from crossgate.components.opentelemetry.request_spans import RequestSpans, StageSpans, passing_fields
from crossgate.components.opentelemetry.shown import Shown
from crossgate.components.opentelemetry.trace import Sampling
from crossgate.components.scraping.servers import ScrapeServers
from crossgate.http.message import Request
from crossgate.metrics.registry import Labels
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import Begin, Ended, ObserveCalls, Record, Watch
from crossgate.plan import BackendPlan, EndpointPlan, Plan

COMPONENT = "opentelemetry"
_OF_TRACES = frozenset(("traceparent", "tracestate", "baggage", "*"))


class OtelPart(Part):
    """See above. Exporters and numbers survive reloads that leave what they depend on alone."""

    def __init__(self, config: OtelConfig, plan: Plan, surroundings: Surroundings) -> None:
        self._config = config
        self._around = surroundings
        self._now = surroundings.timers.now
        clock, bits = surroundings.wall_clock, surroundings.random.getrandbits

        def now_ns() -> int:
            return int(clock() * 1e9)

        registry = surroundings.metrics
        resource = _resource(config, plan)
        self._exports: list[Export] = [
            surroundings.keep(
                (each, tuple(resource.items())),
                lambda each=each: Export(  # type: ignore[misc] # mypy takes the default for an argument
                    each,
                    {**resource, "service.instance.id": str(uuid.uuid4())},
                    registry,
                    surroundings.log,
                    registry.snapshot,
                ),
            )
            for each in config.otlp
        ]
        emit = emit_to([export for export, each in zip(self._exports, config.otlp, strict=True) if each.traces])
        shown = Shown(surroundings.secret_queries, surroundings.secret_fields)
        self._shown = shown
        self._sampling = Sampling(
            config.sample_rate,
            config.skipped_paths,
            bits,
            now_ns,
            propagates=config.propagates,
            has_request_spans=config.requests.traces,
        )
        new_id = self._sampling.new_id
        self._request_spans = RequestSpans(config.requests, emit, shown, build_client_ip(plan.router))
        self._stage_spans = StageSpans(emit, shown, now_ns, new_id)
        self._call_spans = CallSpans(emit, shown, now_ns, self._now, new_id, self._sampling.untraced_lines)
        bounds = config.time_bounds, config.size_bounds
        self._numbers: Numbers = surroundings.keep(("numbers", bounds), lambda: Numbers(*bounds))
        self._servers = ScrapeServers(surroundings.shared or (), surroundings.collect, surroundings.log)
        if config.counts:
            added = _added(config, plan)
            self._numbers.show(registry, added, named_by_convention=config.named_by_convention)
            registry.read_at_scrape(
                "target_info",
                "What is measured.",
                "gauge",
                tuple(name.replace(".", "_") for name in resource),
                lambda: [(tuple(resource.values()), 1)],
                takes_largest=True,
            )
            if config.process_metrics:
                show_process(registry)

    def begin(self) -> Begin | None:
        """Each request may be the beginning of a trace, or part of one."""
        return self._sampling.build() if self._config.traces else None

    def record(self) -> Record | None:
        """Requests that were answered are counted, and their spans are complete."""
        config = self._config
        counts = config.counts and config.requests.metrics
        spans = self._request_spans.record if config.traces and config.requests.traces else None
        if not counts:
            return spans
        count = count_requests(self._numbers, config.skipped_paths)
        if spans is None:
            return count

        def both(*told: Any) -> None:
            count(*told)
            spans(*told)

        return both

    def watches(self) -> "OtelPart":
        """Stages have spans and are counted."""
        return self

    def endpoint(self, endpoint: EndpointPlan) -> Watch | None:
        """See Watches."""
        config = self._config
        if is_skipped(endpoint, config.skipped_paths):
            return None
        layer = _pipe_of(config, endpoint)
        route, method = route_of(endpoint.config.path), endpoint.config.method
        watches: list[Watch] = []
        if config.traces and layer.traces:
            fixed = {"http.request.method": method, "http.route": route, "krakend.stage": "proxy"}
            report = None
            if layer.report_fields:
                report = passing_fields(endpoint.config.input_headers, self._shown, layer.skipped_fields)
            watches.append(self._stage_spans.watch(route, {**fixed, **dict(layer.attributes)}, 0, report))
        if config.counts and layer.metrics:
            watches.append(count_stage(self._numbers, self._numbers.pipes, (route, method), self._now))
        return _both(watches)

    def backend(self, endpoint: EndpointPlan, backend: BackendPlan) -> Watch | None:
        """See Watches."""
        config = self._config
        if is_skipped(endpoint, config.skipped_paths):
            return None
        layer = _calls_of(config, endpoint, backend)
        attributes = call_attributes(endpoint, backend)
        watches: list[Watch] = []
        if config.traces and layer.stage_traces:
            fixed = {**attributes, "krakend.stage": "backend", **dict(layer.attributes)}
            watches.append(self._stage_spans.watch(attributes["http.route"], fixed, id(backend)))
        if config.counts and layer.stage_metrics:
            labels = _call_labels(endpoint, backend)
            watches.append(count_stage(self._numbers, self._numbers.backends, labels, self._now))
        return _both(watches)

    def pass_through(self, endpoint: EndpointPlan, backend: BackendPlan) -> Watch | None:
        """See Watches."""
        watch = _both([watch for watch in (self.endpoint(endpoint), self.backend(endpoint, backend)) if watch])
        return watch if watch is None or self._config.counts else _if_traced(watch)

    def observe_calls(self) -> ObserveCalls | None:
        """Calls have spans, are counted, and tell backends of their trace."""
        return self._around_calls if self._config.counts or self._config.traces else None

    def _around_calls(self, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        config = self._config
        if is_skipped(endpoint, config.skipped_paths):
            return send
        layer = _calls_of(config, endpoint, backend)
        if config.counts and layer.trip_metrics:
            labels = pattern_of(backend.config.url_pattern), *_call_labels(endpoint, backend)
            send = count_calls(self._numbers, labels, send, self._now)
        if config.traces:
            attributes = call_attributes(endpoint, backend)
            fixed = {**attributes, "krakend.stage": "backend-request", "krakend.backend.host": host_of(backend)}
            passed = {name.lower() for name in endpoint.config.input_headers}
            send = self._call_spans.around(
                attributes["http.route"],
                {**fixed, **dict(layer.attributes)},
                id(backend),
                send,
                may_pass=not passed.isdisjoint(_OF_TRACES),
                has_spans=layer.trip_traces,
                skipped_fields=layer.skipped_fields if layer.report_fields else None,
            )
        return send

    async def start(self) -> None:
        """Have others read."""
        await self._servers.start()

    async def stop(self) -> None:
        """Nobody reads any more."""
        await self._servers.stop()


def _resource(config: OtelConfig, plan: Plan) -> Mapping[str, str]:
    found = {
        "service.name": config.service_name or plan.name or "KrakenD",
        "service.version": config.service_version,
    }
    if config.environment:
        found["deployment.environment"] = config.environment
    return found


def _both(watches: list[Watch]) -> Watch | None:
    if len(watches) < 2:
        return watches[0] if watches else None
    first, second = watches

    def begin(request: Any) -> Any:
        one, other = first(request), second(request)
        if one is None or other is None:
            return one or other

        def ended(status: int, complete: bool, error: BaseException | None) -> None:
            other(status, complete, error)
            one(status, complete, error)

        return ended

    return begin


def _if_traced(watch: Watch) -> Watch:
    """The same, asked only for requests that are traced."""

    def begin(request: Request) -> Ended | None:
        track = request.track
        return None if track is None or track.trace is None else watch(request)

    return begin


def _pipe_of(config: OtelConfig, endpoint: EndpointPlan) -> Layer:
    own: Overrides | None = endpoint.config.components.get(COMPONENT)
    return config.pipe if own is None else own.pipe


def _calls_of(config: OtelConfig, endpoint: EndpointPlan, backend: BackendPlan) -> BackendLayer:
    own: Overrides | None = backend.config.components.get(COMPONENT) or endpoint.config.components.get(COMPONENT)
    return config.backend if own is None else own.backend


def _call_labels(endpoint: EndpointPlan, backend: BackendPlan) -> Labels:
    return tuple(call_attributes(endpoint, backend).values())  # in the order of (ROUTE, METHOD, *OF_ENDPOINT)


def _added(config: OtelConfig, plan: Plan) -> Added:
    pipes: dict[Labels, Attributes] = {}
    calls: dict[Labels, Attributes] = {}
    for endpoint in plan.endpoints:
        pipes[route_of(endpoint.config.path), endpoint.config.method] = _pipe_of(config, endpoint).labels
        for backend in (*endpoint.backends, *endpoint.shadows):
            calls[_call_labels(endpoint, backend)] = _calls_of(config, endpoint, backend).labels
    return Added(
        More((), {(): config.requests.labels}), More((ROUTE, METHOD), pipes), More((ROUTE, METHOD, *OF_ENDPOINT), calls)
    )
