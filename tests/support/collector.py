"""A collector of OpenTelemetry that keeps what it gets, over gRPC and over HTTP, and says when something has come."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.support.process import PATIENCE_SECONDS


@dataclass(frozen=True)
class Received:
    """A span. Ids are hexadecimal digits, empty where there is none."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    status: str
    message: str
    events: list[str]
    seconds: float
    state: str
    resource: dict[str, Any]


@dataclass
class Collector:
    """What came so far."""

    port: int = 0
    spans: list[Received] = field(default_factory=list)
    metrics: list[Any] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take_spans(self, data: bytes) -> bytes:
        """An export."""
        with self.changed:
            for of_resource in ExportTraceServiceRequest.FromString(data).resource_spans:
                resource = attributes_of(of_resource.resource.attributes)
                for scope in of_resource.scope_spans:
                    self.spans += [_received(span, resource) for span in scope.spans]
            self.changed.notify_all()
        return ExportTraceServiceResponse().SerializeToString()

    def take_metrics(self, data: bytes) -> bytes:
        """The same of numbers."""
        with self.changed:
            for of_resource in ExportMetricsServiceRequest.FromString(data).resource_metrics:
                self.resources.append(attributes_of(of_resource.resource.attributes))
                for scope in of_resource.scope_metrics:
                    self.metrics += scope.metrics
            self.changed.notify_all()
        return ExportMetricsServiceResponse().SerializeToString()

    def until(self, wanted: Callable[["Collector"], Any]) -> Any:
        """Wait for something to have come; it is given."""
        end = time.monotonic() + PATIENCE_SECONDS
        with self.changed:
            while not (found := wanted(self)):
                assert self.changed.wait(end - time.monotonic()), self.spans
            return found

    def named(self, *names: str) -> list[Received]:
        """The spans of these names, when all of them are there."""

        def find(_: "Collector") -> list[Received]:
            found = [next((span for span in self.spans if span.name == name), None) for name in names]
            return [span for span in found if span is not None] if None not in found else []

        return self.until(find)

    def staged(self, *stages: str) -> list[Received]:
        """The spans of these stages of KrakenD's, when all of them are there."""

        def find(_: "Collector") -> list[Received]:
            by_stage = {span.attributes.get("krakend.stage"): span for span in self.spans}
            return [by_stage[stage] for stage in stages] if set(stages) <= set(by_stage) else []

        return self.until(find)


def _received(span: Any, resource: dict[str, Any]) -> Received:
    return Received(
        span.name,
        span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        attributes_of(span.attributes),
        span.status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_").lower(),
        span.status.message,
        [event.name for event in span.events],
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        span.trace_state,
        resource,
    )


def attributes_of(attributes: Any) -> dict[str, Any]:
    """Attributes by their names."""
    return {each.key: _value(each.value) for each in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return [_value(each) for each in value.array_value.values] if kind == "array_value" else getattr(value, kind)


@contextmanager
def collector(form: str, port: int = 0) -> Iterator[Collector]:
    """One that listens on loopback. `form` is "grpc" or "http"."""
    kept = Collector()
    with (_over_grpc if form == "grpc" else _over_http)(kept, port):
        yield kept


@contextmanager
def _over_grpc(kept: Collector, port: int) -> Iterator[None]:
    def method(take: Callable[[bytes], bytes]) -> Any:
        return grpc.unary_unary_rpc_method_handler(lambda data, _: take(data))

    server = grpc.server(ThreadPoolExecutor(2))
    for service, take in (("trace.v1.TraceService", kept.take_spans), ("metrics.v1.MetricsService", kept.take_metrics)):
        name = f"opentelemetry.proto.collector.{service}"
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {"Export": method(take)}),))
    kept.port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield
    finally:
        server.stop(0).wait()


@contextmanager
def _over_http(kept: Collector, port: int) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            take = {"/v1/traces": kept.take_spans, "/v1/metrics": kept.take_metrics}[self.path]
            answer = take(data)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
