"""`telemetry/opentelemetry` as files have it, what is said of it, and what takes the place of its forerunners."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.opentelemetry import config as otel_config
from crossgate.components.opentelemetry.model import SIZE_BOUNDS, TIME_BOUNDS, OtelConfig, Otlp
from crossgate.components.scraping.place import Place
from crossgate.config.load import Loaded, load_text

NAME = "telemetry/opentelemetry"
OTLP = {"name": "c", "host": "collector"}
CORPUS = Path(__file__).parents[1] / "data/corpus_telemetry.json.xz"


def loaded(service: Any, *, endpoint: Any = None, backend: Any = None, version: int = 3, **flags: Any) -> Loaded:
    of_endpoint = {} if endpoint is None else {NAME: endpoint}
    of_backend = {} if backend is None else {NAME: backend}
    calls = [{"url_pattern": "/a", "host": ["http://a.example"], "extra_config": of_backend}]
    text = {
        "version": version,
        "extra_config": {NAME: service} if service is not None else {},
        "endpoints": [{"endpoint": "/a", "extra_config": of_endpoint, "backend": calls}],
    }
    return load_text(json.dumps(text).encode(), components=COMPONENTS, **flags)


def decoded(service: Any, **more: Any) -> OtelConfig:
    config = loaded(service, **more).config
    assert config is not None
    found: OtelConfig = config.components["opentelemetry"]
    return found


def found(service: Any, **more: Any) -> list[tuple[str, str]]:
    diagnostics = loaded(service, **more).diagnostics
    return [(each.code, each.severity) for each in diagnostics if "telemetry" in each.path]


def test_everything_is_reported_by_default() -> None:
    config = decoded({"exporters": {"otlp": [OTLP], "prometheus": [{"name": "p"}]}})
    assert config.otlp == (Otlp("c", "collector", 4317),)
    assert config.places == (Place("", 9090, "prometheus"),)
    assert (config.sample_rate, config.propagates, config.named_by_convention) == (1.0, True, False)
    assert config.requests.traces
    assert config.pipe.metrics
    assert config.backend.trip_traces
    assert (config.time_bounds, config.size_bounds) == (TIME_BOUNDS, SIZE_BOUNDS)
    assert "/__health" in config.skipped_paths


def test_a_layer_that_is_there_reports_what_it_says() -> None:
    layers = {"global": {"disable_traces": True}, "backend": {"metrics": {"round_trip": False}, "traces": {}}}
    config = decoded({"exporters": {"otlp": [OTLP]}, "layers": layers})
    assert not config.requests.traces
    assert config.requests.metrics
    assert config.backend.stage_metrics
    assert not config.backend.trip_metrics
    assert not config.backend.trip_traces
    assert config.pipe.traces


@pytest.mark.parametrize(
    ("exporter", "expected"),
    [
        ({"use_http": True}, Otlp("", "localhost", 4318, http=True)),
        ({"host": "https://c.example", "port": 1}, Otlp("", "c.example", 1, secure=True)),
        ({"host": "http://c.example"}, Otlp("", "c.example", 4317)),
        ({"host": "[::1]", "disable_traces": True}, Otlp("", "::1", 4317, traces=False)),
        ({"host": "::1"}, Otlp("", "::1", 4317)),
        ({"host": "c.example:7"}, Otlp("", "c.example", 7)),
        ({"host": "c.example:7", "port": 8}, Otlp("", "c.example", 8)),
        ({"host": "http://c.example:7/v1"}, Otlp("", "c.example", 7)),
        ({"custom_reporting_period": 5}, Otlp("", "localhost", 4317, period_seconds=5)),
        ({"custom_metric_reporting_period": 6}, Otlp("", "localhost", 4317, period_seconds=6)),
    ],
)
def test_collectors_have_their_addresses(exporter: dict[str, Any], expected: Otlp) -> None:
    assert decoded({"exporters": {"otlp": [exporter]}}).otlp == (expected,)


@pytest.mark.parametrize(
    ("service", "rate"),
    [(0, 0), (1, 1), (0.25, 0.25), (2, 1), (-1, 0), ("x", 1), (True, 1)],
)
def test_the_rate_is_between_none_and_all(service: Any, rate: float) -> None:
    telemetry = {"exporters": {"otlp": [OTLP]}, "trace_sample_rate": service}
    assert decoded(telemetry).sample_rate == rate
    is_fine = service in (0, 1, 0.25) and service is not True
    assert found(telemetry) == ([] if is_fine else [("CFG217", "warning")])


@pytest.mark.parametrize(
    "service",
    [
        {},
        {"exporters": {"otlp": [OTLP, {**OTLP, "host": "other"}]}},
        {"exporters": {"otlp": ["c"]}},
        {"exporters": {"otlp": [{"host": "http://[::1"}]}},
        {"exporters": {"otlp": [{"host": "ftp://c.example"}]}},
        {"exporters": {"otlp": [{"host": "c.example:x"}]}},
        {"exporters": {"otlp": [{"host": "c example"}]}},
        {"exporters": {"otlp": [{**OTLP, "port": 70000}]}},
        {"exporters": {"prometheus": [{"port": -1}]}},
        {"exporters": {"otlp": [OTLP]}, "histograms": {"time_buckets": [2, 1]}},
        {"exporters": {"otlp": [OTLP]}, "layers": {"proxy": {"traces_static_attributes": ["a"]}}},
    ],
)
def test_what_cannot_be_is_said_and_left_out(service: Any) -> None:
    assert found(service) == [("CFG217", "warning")]


def test_bounds_of_histograms_can_be_others() -> None:
    telemetry = {"exporters": {"otlp": [OTLP]}, "histograms": {"time_buckets": [0.5, 1], "size_buckets": [1024]}}
    config = decoded(telemetry)
    assert (config.time_bounds, config.size_bounds) == ((0.5, 1.0), (1024.0,))


def test_endpoints_and_backends_have_their_own() -> None:
    service = {"exporters": {"otlp": [OTLP]}}
    config = loaded(
        service,
        endpoint={"proxy": {"disable_traces": True}, "layers": {"backend": {"traces": {"static_attributes": []}}}},
        backend={"backend": {"metrics": {"disable_stage": True, "round_trip": True}}},
    ).config
    assert config is not None
    [endpoint] = config.endpoints
    assert not endpoint.components["opentelemetry"].pipe.traces
    of_backend = endpoint.backends[0].components["opentelemetry"].backend
    assert (of_backend.stage_metrics, of_backend.trip_metrics) == (False, True)
    assert found(service, endpoint={"exporters_override": {}}) == [("CFG405", "warning")]
    assert found(None, endpoint={"proxy": {}}) == [("CFG217", "warning")]


def test_without_the_libraries_a_file_that_needs_them_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel_config, "find_spec", lambda _name: None)
    service = {"exporters": {"otlp": [OTLP]}}
    [diagnostic] = loaded(service).diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("CFG408", "error")
    assert "pip install 'crossgate[otel]'" in diagnostic.hint
    assert loaded(service).config is None
    allowed = loaded(service, allow_unsupported=True)
    assert [(each.code, each.severity) for each in allowed.diagnostics] == [("CFG408", "warning")]
    assert allowed.config is not None
    assert loaded({"exporters": {"prometheus": [{"name": "p"}]}}).diagnostics == ()


def test_version_2_files_are_told_that_it_came_later() -> None:
    assert found({"exporters": {"otlp": [OTLP]}}, version=2) == [("CFG208", "warning")]


CENSUS = "telemetry/opencensus"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (CENSUS, {"exporters": {"jaeger": {"endpoint": "http://j.example:14268/api/traces", "service_name": "s"}}},
         ['"telemetry/opentelemetry"', '"host": "j.example"', '"port": 4317', '"service_name": "s"']),
        (CENSUS, {"sample_rate": 5, "exporters": {"ocagent": {"address": "a.example:55678"}}},
         ['"host": "a.example"', '"trace_sample_rate": 0.05']),
        (CENSUS, {"exporters": {"datadog": {"trace_address": "d.example:8126"}}}, ['"host": "d.example"']),
        (CENSUS, {"exporters": {"zipkin": {"collector_url": "http://z:9411"}}}, ['"telemetry/opentelemetry"']),
        (CENSUS, {"exporters": {"stackdriver": {"project_id": "p"}}}, ['"telemetry/opentelemetry"']),
        (CENSUS, {"exporters": {"xray": {"region": "r"}}}, ['"telemetry/opentelemetry"']),
        (CENSUS, {"exporters": {"influxdb": {"address": "http://i:8086", "db": "k"}}}, ['"crossgate/metrics"']),
        (CENSUS, {"exporters": {"logger": {"stats": True}}}, ['"crossgate/metrics"']),
        ("telemetry/influx", {"address": "http://i:8086"}, ['"crossgate/metrics"']),
        ("telemetry/instana", {"AgentHost": "i.example"}, ['"telemetry/opentelemetry"']),
        ("telemetry/newrelic", {"license": "l"}, ['"telemetry/opentelemetry"']),
        ("telemetry/ganalytics", {"url": "u"}, ['"telemetry/opentelemetry"']),
        ("telemetry/moesif", {"application_id": "m"}, ['"telemetry/opentelemetry"']),
    ],
)  # fmt: skip
def test_what_is_not_run_names_what_takes_its_place(name: str, value: Any, words: list[str]) -> None:
    text = json.dumps({"version": 3, "endpoints": [], "extra_config": {name: value}}).encode()
    [diagnostic] = [each for each in load_text(text, components=COMPONENTS).diagnostics if name in each.path]
    assert diagnostic.severity == "warning"
    assert [word for word in words if word not in diagnostic.hint] == []


def telemetry_blocks() -> list[tuple[str, int, dict[str, Any]]]:
    """What real files say of telemetry: the file, its version, its block."""
    return [tuple(each) for each in json.loads(lzma.decompress(CORPUS.read_bytes()))]


@pytest.mark.parametrize(("file", "version", "block"), telemetry_blocks())
def test_real_files_telemetry_runs_or_names_what_takes_its_place(
    file: str, version: int, block: dict[str, Any]
) -> None:
    text = json.dumps({"version": version, "endpoints": [], "extra_config": block}).encode()
    loaded = load_text(text, components=COMPONENTS, environ={})
    assert loaded.config is not None, file
    for each in loaded.diagnostics:
        if each.code in ("CFG401", "CFG402", "CFG405", "CFG207"):
            replacements = ('"crossgate/metrics"', '"telemetry/opentelemetry"', "did you mean")
            named = any(name in each.hint for name in replacements)
            assert named, (file, each)
