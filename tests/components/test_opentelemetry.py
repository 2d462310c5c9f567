"""Traces and numbers of running gateways, as a collector and Prometheus get them."""

import json
import logging
import signal
import socket
from collections import deque
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from crossgate.components.opentelemetry import export as export_module
from crossgate.components.opentelemetry.export import MAX_WAITING, Export
from crossgate.components.opentelemetry.model import Otlp
from crossgate.components.opentelemetry.span import SERVER, Span
from crossgate.metrics.registry import Registry
from tests.components.test_metrics import free_port, read
from tests.support.collector import collector
from tests.support.metrics import samples
from tests.support.process import PATIENCE_SECONDS, backend, gateway

NAME = "telemetry/opentelemetry"
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"
NO_OP = {"output_encoding": "no-op", "input_headers": ["*"], "input_query_strings": ["*"]}


class Outcome(Enum):
    SUCCESS = 0


def write(folder: Path, host: str, telemetry: dict[str, Any], **extra: Any) -> Path:
    path = folder / "krakend.json"
    passing = {"url_pattern": "/u/{id}", "encoding": "no-op"}
    endpoints = [
        {"endpoint": "/users/{id}", **NO_OP, "backend": [passing]},
        {"endpoint": "/both", "backend": [{"url_pattern": "/one", "group": "one"}, {"url_pattern": "/two"}]},
        {"endpoint": "/dead", "backend": [{"url_pattern": "/d?token=t0p", "host": ["http://127.0.0.1:79"]}]},
        {"endpoint": "/fails", **NO_OP, "backend": [{"url_pattern": "/fails", "encoding": "no-op"}]},
        {"endpoint": "/quiet/{id}", **NO_OP, "backend": [passing]},
    ]
    configuration = {
        "version": 3,
        "name": "a gateway",
        "host": [host],
        "extra_config": {
            "security/cors": {"allow_origins": ["https://a.example"]},
            "router": {"disable_access_log": True},
            NAME: telemetry,
            **extra,
        },
        "endpoints": endpoints,
    }
    path.write_text(json.dumps(configuration))
    return path


def to(port: int, form: str = "grpc", **more: Any) -> dict[str, Any]:
    exporter = {"name": "collector", "host": "127.0.0.1", "port": port, "use_http": form == "http"}
    return {"exporters": {"otlp": [exporter]}, **more}


@pytest.mark.parametrize(("form", "workers"), [("grpc", ()), ("http", ("--workers", "2"))])
def test_a_trace_goes_from_the_client_through_the_gateway_to_the_backend(
    form: str, workers: tuple[str, ...], tmp_path: Path
) -> None:
    """DEV-OTEL-3: what failed says so."""
    with collector(form) as kept, backend({"/fails": (503, {}, b"no")}) as upstream:
        path = write(tmp_path, upstream.url, to(kept.port, form, deploy_env="test", service_version="7"))
        with gateway(path, *workers) as running:
            fields = {
                "traceparent": CALLER + "01",
                "tracestate": "vendor=1",
                "baggage": "team=a",
                "Origin": "https://a.example",
                "Authorization": "Bearer s3cret",
            }
            _, _, answer = running.ask("GET", "/users/7?page=2&access_token=s3cret", fields)
            asked = json.loads(answer)["headers"]
            running.ask("GET", "/both")
            running.ask("GET", "/fails")
            running.ask("GET", "/dead")
            whole = {"/users/7", "/both", "/fails", "/dead"}
            kept.until(lambda them: whole <= {span.name for span in them.spans if span.kind == "server"})
            assert running.stop() == 0
        request, call, pipe, stage = [
            next(span for span in kept.spans if wanted(span))
            for wanted in (
                lambda span: span.name == "/users/7",
                lambda span: span.name == "/u/:id" and span.kind == "client",
                lambda span: span.name == "/users/:id",
                lambda span: span.name == "/u/:id" and span.kind == "internal",
            )
        ]
        spans = kept.spans
    assert {span.trace_id for span in (request, call, pipe, stage)} == {CALLER.split("-")[1]}
    assert request.parent_id == CALLER.split("-")[2]
    assert [pipe.parent_id, stage.parent_id, call.parent_id] == [request.span_id, pipe.span_id, stage.span_id]
    assert asked["traceparent"] == f"00-{call.trace_id}-{call.span_id}-01"
    assert (asked["tracestate"], asked["baggage"]) == ("vendor=1", "team=a")
    assert (request.kind, request.status, request.state) == ("server", "ok", "vendor=1")
    shown = request.attributes
    assert shown["url.full"] == "/users/7?page=2&access_token=***"
    assert (shown["http.route"], shown["http.response.status_code"]) == ("/users/:id", 200)
    assert (shown["crossgate.cors"], shown["crossgate.cors.reason"]) == ("actual-allowed", "origin-listed")
    assert (shown["krakend.stage"], shown["http.request.method"]) == ("global", "GET")
    assert shown["client.address"] == "127.0.0.1"
    assert call.attributes["url.full"] == f"{upstream.url}/u/7?access_token=***&page=2"
    assert call.attributes["server.address"] == "127.0.0.1"
    assert (call.attributes["krakend.endpoint.route"], call.attributes["krakend.endpoint.method"]) == (
        "/users/:id",
        "GET",
    )
    assert call.attributes["krakend.stage"] == "backend-request"
    assert call.attributes["response-duration"] <= call.seconds + 0.001
    assert (pipe.attributes["krakend.stage"], pipe.attributes["complete"]) == ("proxy", True)
    assert stage.attributes["krakend.stage"] == "backend"
    resource = request.resource
    assert (resource["service.name"], resource["service.version"]) == ("a gateway", "7")
    assert resource["deployment.environment"] == "test"
    assert "s3cret" not in repr(spans)
    assert "t0p" not in repr(spans)

    both = next(span for span in spans if span.name == "/both" and span.kind == "internal")
    calls = [span for span in spans if span.parent_id == both.span_id]
    assert sorted(span.name for span in calls) == ["/one", "/two"]
    of_calls = {span.parent_id for span in spans if span.kind == "client" and span.name in ("/one", "/two")}
    assert of_calls == {span.span_id for span in calls}

    failing = {span.kind: span for span in spans if span.name == "/fails" and span.kind != "internal"}
    assert failing["server"].status == failing["client"].status == "error"
    assert failing["server"].attributes["error.type"] == "503"

    dead = {(span.kind, span.name): span for span in spans if span.name in ("/dead", "/d?token=***")}
    refused = dead["client", "/d?token=***"]
    assert (refused.status, refused.events) == ("error", ["exception"])
    assert "connection refused" in refused.message
    assert refused.attributes["error.type"] == "connect"
    assert "connection refused" in dead["internal", "/dead"].attributes["error"]
    assert dead["internal", "/dead"].attributes["complete"] is False
    assert dead["server", "/dead"].status == "error"


def test_what_is_not_traced_says_so_to_backends(tmp_path: Path) -> None:
    """DEV-OTEL-1."""
    with collector("grpc") as kept, backend() as upstream:
        with gateway(write(tmp_path, upstream.url, to(kept.port, trace_sample_rate=0))) as running:

            def told(**fields: str) -> dict[str, str]:
                return dict(json.loads(running.ask("GET", "/users/1", fields)[2])["headers"])

            fresh, other = told()["traceparent"], told()["traceparent"]
            assert fresh != other
            assert fresh.endswith("-00")
            not_traced = told(traceparent=CALLER + "00", tracestate="a=1")
            assert (not_traced["traceparent"], not_traced["tracestate"]) == (CALLER + "00", "a=1")
            for malformed in ("00-0-0-01", CALLER.upper() + "01", CALLER.replace("00-", "ff-", 1) + "01", "x" * 500):
                begun = told(traceparent=malformed, tracestate="a=1")
                assert begun["traceparent"].endswith("-00")
                assert CALLER.split("-")[1] not in begun["traceparent"]
                assert "tracestate" not in begun
            traced = told(traceparent=CALLER + "01")
            assert traced["traceparent"].startswith(CALLER[:36])
            assert traced["traceparent"].endswith("-01")
            kept.until(lambda them: them.spans)
            running.stop()
        assert {span.trace_id for span in kept.spans} == {CALLER.split("-")[1]}


def test_a_part_of_requests_is_traced_whole(tmp_path: Path) -> None:
    with collector("http") as kept, backend() as upstream:
        with gateway(write(tmp_path, upstream.url, to(kept.port, "http", trace_sample_rate=0.5))) as running:
            said = [json.loads(running.ask("GET", "/users/1")[2])["headers"]["traceparent"] for _ in range(60)]
            traced = {line.split("-")[1] for line in said if line.endswith("-01")}
            kept.until(lambda them: len(them.spans) >= 4 * len(traced))
            running.stop()
        assert {span.trace_id for span in kept.spans} == traced
        assert 5 < len(traced) < 55
        assert len(kept.spans) == 4 * len(traced)


def test_skipped_paths_leave_no_trace(tmp_path: Path) -> None:
    with collector("grpc") as kept, backend() as upstream:
        telemetry = to(kept.port, skip_paths=["/users/1", "/quiet/{id}"])
        with gateway(write(tmp_path, upstream.url, telemetry)) as running:
            _, _, answer = running.ask("GET", "/users/1")
            assert "traceparent" not in json.loads(answer)["headers"]
            running.ask("GET", "/quiet/1")
            running.ask("GET", "/users/2")
            running.ask("GET", "/__health")
            kept.named("/__health")
            running.stop()
        names = {span.name for span in kept.spans}
        assert names == {"/users/2", "/users/:id", "/u/:id", "/quiet/1", "/__health"}


def test_layers_endpoints_and_backends_say_what_is_shown(tmp_path: Path) -> None:
    """DEV-OTEL-2."""
    layers = {
        "global": {"report_headers": True, "skip_headers": ["X-Skipped"]},
        "proxy": {"disable_traces": True},
        "backend": {
            "traces": {
                "disable_stage": True,
                "round_trip": True,
                "report_headers": True,
                "static_attributes": [{"key": "owner", "value": "b"}],
            }
        },
    }
    with collector("grpc") as kept, backend() as upstream:
        path = write(tmp_path, upstream.url, to(kept.port, layers=layers))
        configuration = json.loads(path.read_text())
        configuration["endpoints"][4]["extra_config"] = {
            NAME: {"proxy": {"traces_static_attributes": [{"key": "owner", "value": "e"}]}}
        }
        path.write_text(json.dumps(configuration))
        with gateway(path) as running:
            fields = {"X-Shown": "1", "X-Skipped": "2", "Cookie": "a=s3cret", "X-Api-Key": "s3cret"}
            running.ask("GET", "/users/1", fields)
            running.ask("GET", "/quiet/1", fields)
            kept.named("/quiet/1")
            running.stop()
        spans = kept.spans
    assert [span.name for span in spans if span.kind == "internal"] == ["/quiet/:id"]
    own = next(span for span in spans if span.kind == "internal")
    assert own.attributes["owner"] == "e"
    request = next(span for span in spans if span.name == "/users/1")
    call = next(span for span in spans if span.kind == "client")
    assert call.parent_id == request.span_id
    assert call.attributes["owner"] == "b"
    assert request.attributes["http.request.header.x-shown"] == ["1"]
    assert "http.request.header.x-skipped" not in request.attributes
    for span in (request, call):
        assert span.attributes["http.request.header.cookie"] == ["***"]
        assert span.attributes["http.request.header.x-api-key"] == ["***"]
    assert call.attributes["http.response.header.content-type"] == ["application/json"]
    # The backend of these tests answers with what it was asked, so that its body has the secret; no span has a body.
    assert "s3cret" not in repr(spans)


def test_spans_survive_reloads_and_a_dead_collector_costs_no_request(tmp_path: Path) -> None:
    with backend() as upstream, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        path = write(tmp_path, upstream.url, to(port, "http"))
        with gateway(path) as running:
            for number in range(20):
                assert running.ask("GET", f"/users/{number}")[0] == 200
            running.wait_for_log("does not take spans")
            with collector("http", port) as kept:
                path.write_text(path.read_text().replace('"a gateway"', '"a gateway", "timeout": "3s"'))
                running.process.send_signal(signal.SIGHUP)
                running.wait_for_log("reloaded")
                running.ask("GET", "/users/after")
                kept.until(lambda them: any(span.name == "/users/after" for span in them.spans))
                running.wait_for_log("takes spans again")
                assert running.count("does not take spans") == 1
                running.ask("GET", "/users/last")
                assert running.stop() == 0
                came = any(span.name == "/users/last" for span in kept.spans)
                assert came or running.count("did not take the last spans in time")


@pytest.mark.parametrize("form", ["grpc", "http"])
def test_numbers_reach_a_collector(form: str, tmp_path: Path) -> None:
    with collector(form) as kept, backend() as upstream:
        telemetry = to(kept.port, form, metric_reporting_period=1)
        with gateway(write(tmp_path, upstream.url, telemetry)) as running:
            running.ask("GET", "/users/1")
            names = (
                "http.server.duration",
                "http.server.response.size",
                "krakend.proxy.duration",
                "krakend.backend.duration",
                "http.client.duration",
                "http.client.request.started.count",
                "crossgate_cors_decisions",
            )
            kept.until(lambda them: set(names) <= {metric.name for metric in them.metrics})
            running.stop()
        metric = next(metric for metric in reversed(kept.metrics) if metric.name == "http.server.duration")
        [point] = [
            point
            for point in metric.histogram.data_points
            if any(each.value.string_value == "/users/:id" for each in point.attributes)
        ]
        assert point.count == 1
        assert len(point.bucket_counts) == len(point.explicit_bounds) + 1 == 21
        assert {resource["service.name"] for resource in kept.resources} == {"a gateway"}
        assert all(resource["service.instance.id"] for resource in kept.resources)


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_prometheus_reads_krakends_names_of_all_workers(workers: tuple[str, ...], tmp_path: Path) -> None:
    """DEV-OTEL-4: what connecting and reading takes is not there."""
    port = free_port()
    exporter = {"name": "p", "port": port, "listen_ip": "127.0.0.1", "process_metrics": True}
    telemetry = {"exporters": {"prometheus": [exporter]}, "service_name": "s"}
    with backend() as upstream, gateway(write(tmp_path, upstream.url, telemetry), *workers) as running:
        for number in range(10):
            _, _, answer = running.ask("GET", f"/users/{number}", {"traceparent": CALLER + "01"})
        # Who exports no spans is no part of a trace: fields are passed on where input_headers lists them.
        assert json.loads(answer)["headers"]["traceparent"] == CALLER + "01"
        running.ask("GET", "/dead")
        running.ask("GET", "/nowhere")
        found = samples(read(port))
        running.stop()
    host, _, number = upstream.url.removeprefix("http://").partition(":")
    route = 'http_route="/users/:id",http_request_method="GET"'
    assert found["http_server_duration_count", f'{route},http_response_status_code="200"'] == 10
    assert found["http_server_response_size_count", f'{route},http_response_status_code="200"'] == 10
    nowhere = 'http_route="404 Not Found",http_request_method="GET",http_response_status_code="404"'
    assert found["http_server_duration_count", nowhere] == 1
    fine, failed = (
        'error="false",canceled="false",complete="true"',
        'error="true",canceled="false",complete="false"',
    )
    assert found["krakend_proxy_duration_count", f"{route},{fine}"] == 10
    dead = 'http_route="/dead",http_request_method="GET"'
    assert found["krakend_proxy_duration_count", f"{dead},{failed}"] == 1
    of_endpoint = 'krakend_endpoint_route="/users/:id",krakend_endpoint_method="GET"'
    called = f'http_route="/u/:id",http_request_method="GET",{of_endpoint}'
    assert found["krakend_backend_duration_count", f"{called},{fine}"] == 10
    client = f'clientname="/u/:id",{called},server_address="{host}",server_port="{number}"'
    client += ',http_response_status_code="200"'
    assert found["http_client_duration_count", client] == 10
    assert found["http_client_request_started_count_total", client] == 10
    assert found["http_client_request_failed_count_total", client] == 0
    assert found["target_info", 'service_name="s",service_version="' + version() + '"'] == 1
    assert found["process_resident_memory_bytes", ""] > 1_000_000
    assert 'le="0.075"' in "".join(labels for _, labels in found)
    assert [name for name, _ in found if "read" in name or "dns" in name or "tls" in name] == []


def version() -> str:
    import crossgate

    return crossgate.__version__


def test_a_client_that_goes_away_ends_its_spans(tmp_path: Path) -> None:
    with backend() as upstream, collector("grpc") as kept:

        def hang(handler: Any) -> None:
            handler.server.release.wait(PATIENCE_SECONDS)

        upstream.answers["/u/1"] = hang
        with gateway(write(tmp_path, upstream.url, to(kept.port))) as running:
            with socket.create_connection(("127.0.0.1", running.port)) as client:
                client.sendall(b"GET /users/1 HTTP/1.1\r\nHost: g\r\n\r\n")
                assert upstream.reached.acquire(timeout=PATIENCE_SECONDS)
            request, call = kept.staged("global", "backend-request")
            running.stop()
        assert request.attributes["http.response.status_code"] == 499
        assert (request.status, call.attributes["canceled"]) == ("error", True)


def test_a_collector_that_says_nothing_holds_up_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with (
        backend() as upstream,
        socket.create_server(("127.0.0.1", 0), backlog=50) as mute,
        gateway(write(tmp_path, upstream.url, to(mute.getsockname()[1], "http"))) as running,
    ):
        for number in range(20):
            assert running.ask("GET", f"/users/{number}")[0] == 200
        assert running.stop() == 0
        assert running.count("did not take the last spans in time") == 1


def test_what_waits_for_a_collector_is_bounded_and_counted() -> None:
    registry = Registry()
    export = Export(Otlp("c", "127.0.0.1", 1), {}, registry, logging.getLogger("test"), registry.snapshot)
    span = Span("a", SERVER, 1, 1, 0, 0, 1, {})
    for _ in range(MAX_WAITING + 10):
        export.emit(span)
    [family] = registry.snapshot()
    assert dict(family.samples)["c", "dropped"] == 10


def test_what_comes_just_before_the_end_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry()
    export = Export(Otlp("c", "127.0.0.1", 1), {}, registry, logging.getLogger("test"), registry.snapshot)
    sent: list[str] = []

    class Exporter:
        def export(self, batch: Sequence[Any]) -> Outcome:
            sent.extend(each.name for each in batch)
            return Outcome.SUCCESS

        def shutdown(self) -> None:
            pass

    class LateWaiting(deque[Span]):
        """When it is first found empty, the last span comes, and the end."""

        def __bool__(self) -> bool:
            if len(self) or "late" in sent or export._ending:
                return len(self) > 0
            export.emit(Span("late", SERVER, 1, 2, 0, 0, 1, {}))
            export._ending = True
            export._wake.set()
            export._hurry.set()
            return False

    monkeypatch.setattr(export_module, "_exporters", lambda _: (Exporter(), None))
    export._waiting = LateWaiting()
    export.emit(Span("first", SERVER, 1, 1, 0, 0, 1, {}))
    export._hurry.set()
    export._run()
    assert sent == ["first", "late"]
