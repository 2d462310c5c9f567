"""From spans and numbers to what OpenTelemetry's exporters take. Needs the libraries of the extra `otel`."""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from crossgate.components.opentelemetry.span import CLIENT, INTERNAL, SERVER, Span
from crossgate.metrics.registry import Sampled, Snapshot

_SCOPE = InstrumentationScope("crossgate")
_KINDS = {INTERNAL: SpanKind.INTERNAL, SERVER: SpanKind.SERVER, CLIENT: SpanKind.CLIENT}
_STATUS = {None: StatusCode.UNSET, True: StatusCode.OK, False: StatusCode.ERROR}
_NAMES = {
    "http_server_duration": "http.server.duration",
    "http_server_response_size": "http.server.response.size",
    "http_server_request_duration_seconds": "http.server.request.duration",
    "http_server_response_body_size_bytes": "http.server.response.body.size",
    "krakend_proxy_duration": "krakend.proxy.duration",
    "krakend_backend_duration": "krakend.backend.duration",
    "http_client_duration": "http.client.duration",
    "http_client_response_size": "http.client.response.size",
    "http_client_request_started_count_total": "http.client.request.started.count",
    "http_client_request_failed_count_total": "http.client.request.failed.count",
    "http_client_request_canceled_count_total": "http.client.request.canceled.count",
    "http_client_request_timedout_count_total": "http.client.request.timedout.count",
    "http_client_request_size_total": "http.client.request.size",
    "http_client_response_no_content_length_total": "http.client.response.no-content-length",
}
_UNITS = {"http_server_request_duration_seconds": "s", "http_server_response_body_size_bytes": "By"}
_LABELS = {
    "http_route": "http.route",
    "http_request_method": "http.request.method",
    "http_response_status_code": "http.response.status_code",
    "krakend_endpoint_route": "krakend.endpoint.route",
    "krakend_endpoint_method": "krakend.endpoint.method",
    "server_address": "server.address",
    "server_port": "server.port",
}
_NUMBERS = frozenset(("http_response_status_code", "server_port"))
_BOOLEANS = frozenset(("error", "canceled", "complete"))


def resource_of(attributes: Mapping[str, str]) -> Resource:
    """Who sends."""
    return Resource(dict(attributes))


def readable_spans(spans: Sequence[Span], resource: Resource) -> list[ReadableSpan]:
    """The spans as exporters take them."""
    return [_readable(span, resource) for span in spans]


def _readable(span: Span, resource: Resource) -> ReadableSpan:
    state = TraceState.from_header([span.state.decode("ascii")]) if span.state else None
    flags = TraceFlags(TraceFlags.SAMPLED)
    parent = None
    if span.parent_id:
        parent = SpanContext(span.trace_id, span.parent_id, span.is_remote, flags, state)
    events = []
    if span.exception is not None:
        kind, message = span.exception
        attributes = {"exception.type": kind, "exception.message": message}
        events.append(Event("exception", attributes, timestamp=span.end_ns))
    return ReadableSpan(
        name=span.name,
        context=SpanContext(span.trace_id, span.span_id, False, flags, state),
        parent=parent,
        resource=resource,
        attributes=span.attributes,
        events=events,
        kind=_KINDS[span.kind],
        status=Status(_STATUS[span.ok], span.failure or None if span.ok is False else None),
        start_time=span.begin_ns,
        end_time=span.end_ns,
        instrumentation_scope=_SCOPE,
    )


def metrics_data(snapshot: Snapshot, resource: Resource, began_ns: int, now_ns: int) -> MetricsData:
    """The numbers of a process since it began, as exporters take them."""
    metrics = [_metric(family, began_ns, now_ns) for family in snapshot if family.samples]
    scope = ScopeMetrics(_SCOPE, metrics, "")
    return MetricsData([ResourceMetrics(resource, [scope], "")])


def _metric(family: Sampled, began_ns: int, now_ns: int) -> Metric:
    total = AggregationTemporality.CUMULATIVE
    data: Any
    if family.kind == "histogram":
        points = [_histogram_point(family, labels, value, began_ns, now_ns) for labels, value in family.samples]
        data = Histogram(points, total)
    else:
        numbers = [
            NumberDataPoint(_attributes(family, labels), began_ns, now_ns, value) for labels, value in family.samples
        ]
        data = Sum(numbers, total, is_monotonic=True) if family.kind == "counter" else Gauge(numbers)
    name = _NAMES.get(family.name) or family.name.removesuffix("_total")
    return Metric(name, family.help, _UNITS.get(family.name, ""), data)


def _histogram_point(
    family: Sampled, labels: Sequence[str], numbers: Sequence[float], began_ns: int, now_ns: int
) -> HistogramDataPoint:
    counts = [int(count) for count in numbers[:-1]]
    return HistogramDataPoint(
        attributes=_attributes(family, labels),
        start_time_unix_nano=began_ns,
        time_unix_nano=now_ns,
        count=sum(counts),
        sum=numbers[-1],
        bucket_counts=counts,
        explicit_bounds=family.bounds,
        min=None,  # type: ignore[arg-type] # which the wire takes for not known
        max=None,  # type: ignore[arg-type]
    )


def _attributes(family: Sampled, labels: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in zip(family.labels, labels, strict=True):
        if text == "":
            continue
        value: Any = text
        if name in _NUMBERS and text.isdigit():
            value = int(text)
        elif name in _BOOLEANS:
            value = text == "true"
        found[_LABELS.get(name, name)] = value
    return found
