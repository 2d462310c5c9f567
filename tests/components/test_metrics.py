"""Metrics of running gateways: over all processes, after reloads and deaths, in Prometheus' form and in KrakenD's."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from tests.support.metrics import NAMES, samples
from tests.support.process import PATIENCE_SECONDS, backend, gateway

NO_OP = {"output_encoding": "no-op"}


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def write(folder: Path, host: str, **extra: Any) -> Path:
    path = folder / "krakend.json"
    configuration = {
        "version": 3,
        "host": [host],
        "extra_config": {
            "security/cors": {"allow_origins": ["https://a.example"]},
            "router": {"disable_access_log": True},
            **extra,
        },
        "endpoints": [
            {"endpoint": "/users/{id}", **NO_OP, "backend": [{"url_pattern": "/u", "encoding": "no-op"}]},
            {
                "endpoint": "/dead",
                **NO_OP,
                "backend": [{"url_pattern": "/", "encoding": "no-op", "host": ["http://127.0.0.1:79"]}],
            },
        ],
    }
    path.write_text(json.dumps(configuration))
    return path


def read(port: int, path: str = "/metrics") -> str:
    """What is answered there. A connection that a worker had which was just killed is made once more."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return read_once(port, path)
        except (ConnectionError, http.client.RemoteDisconnected):
            if time.monotonic() > end:
                raise


def read_once(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_SECONDS) as answer:
        return answer.read().decode()


def until(port: int, wanted: tuple[str, str], value: float) -> dict[tuple[str, str], float]:
    end = time.monotonic() + PATIENCE_SECONDS
    while (found := samples(read(port))).get(wanted) != value and time.monotonic() < end:
        pass
    assert found.get(wanted) == value, found
    return found


REQUESTS = "crossgate_requests_total", 'endpoint="/users/{id}",method="GET",status="200"'


@pytest.mark.parametrize("workers", [(), ("--workers", "3")])
def test_numbers_are_those_of_all_processes_at_once(tmp_path: Path, workers: tuple[str, ...]) -> None:
    port = free_port()
    with (
        backend() as upstream,
        gateway(
            write(tmp_path, upstream.url, **{"crossgate/metrics": {"listen": f"127.0.0.1:{port}"}}), *workers
        ) as running,
    ):
        for number in range(30):
            origin = "https://a.example" if number % 3 else "https://b.example"
            running.ask("GET", f"/users/{number}", {"Origin": origin})
        running.ask("GET", "/dead")
        running.ask("GET", "/nowhere")
        running.ask("BREW", "/users/1")
        text = read(port)
        running.stop()

    found = samples(text)
    host = upstream.url.removeprefix("http://")
    assert found[REQUESTS] == 30
    assert found["crossgate_requests_total", 'endpoint="/dead",method="GET",status="500"'] == 1
    assert found["crossgate_requests_total", 'endpoint="",method="GET",status="404"'] == 1
    assert found["crossgate_requests_total", 'endpoint="",method="other",status="405"'] == 1
    assert found["crossgate_request_duration_seconds_count", 'endpoint="/users/{id}",method="GET"'] == 30
    assert found["crossgate_upstream_requests_total", f'endpoint="/users/{{id}}",host="{host}",status="200"'] == 30
    assert found["crossgate_upstream_errors_total", 'endpoint="/dead",host="127.0.0.1:79",kind="connect"'] == 1
    allowed = 'kind="actual",outcome="allowed",reason="origin-listed"'
    refused = 'kind="actual",outcome="refused",reason="origin-not-listed"'
    assert found["crossgate_cors_decisions_total", allowed] == 20
    assert found["crossgate_cors_decisions_total", refused] == 10
    assert found["crossgate_workers", ""] == (3 if workers else 1)
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in found} <= NAMES
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_counter_falls_when_a_worker_ends_or_configurations_change(tmp_path: Path) -> None:
    port = free_port()
    with backend() as upstream:
        path = write(tmp_path, upstream.url, **{"crossgate/metrics": {"listen": f"127.0.0.1:{port}"}})
        with gateway(path, "--workers", "2") as running:
            for number in range(20):
                running.ask("GET", f"/users/{number}")
            assert samples(read(port))[REQUESTS] == 20  # and with that, every worker has written its numbers down
            children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)
            until(port, ("crossgate_workers", ""), 2)
            assert samples(read(port))[REQUESTS] == 20
            running.process.send_signal(signal.SIGHUP)
            until(port, ("crossgate_reloads_total", 'outcome="adopted"'), 1)
            good = path.read_text()
            path.write_text("{")
            running.process.send_signal(signal.SIGHUP)
            until(port, ("crossgate_reloads_total", 'outcome="refused"'), 1)
            path.write_text(good)
            running.ask("GET", "/users/1")
            assert samples(read(port))[REQUESTS] == 21
            assert running.stop() == 0


def test_a_place_for_metrics_answers_nothing_else(tmp_path: Path) -> None:
    port = free_port()
    path = write(tmp_path, "http://127.0.0.1:9999", **{"crossgate/metrics": {"listen": f"127.0.0.1:{port}"}})
    with gateway(path) as running:
        for target in ("/", "/users/1", "/__stats", "/__health"):
            with pytest.raises(urllib.request.HTTPError, match="404"):
                read(port, target)
        assert running.ask("GET", "/metrics")[0] == 404
        running.stop()


@pytest.mark.parametrize(("version", "name"), [(3, "telemetry/metrics"), (2, "github_com/devopsfaith/krakend-metrics")])
def test_stats_have_krakends_shape_and_names(tmp_path: Path, version: int, name: str) -> None:
    """DEV-METRICS-1."""
    port = free_port()
    with backend() as upstream:
        path = write(
            tmp_path, upstream.url, **{name: {"collection_time": "30s", "listen_address": f"127.0.0.1:{port}"}}
        )
        path.write_text(path.read_text().replace('"version": 3', f'"version": {version}'))
        with gateway(path) as running:
            running.ask("GET", "/users/1")
            running.ask("GET", "/dead")
            stats = json.loads(read(port, "/__stats"))
            running.stop()
    assert set(stats) == {"Time", "Counters", "Gauges", "Histograms"}
    assert stats["Counters"]["krakend.router.response./users/{id}.status.200.count"] == 1
    assert stats["Counters"]["krakend.proxy.requests.layer.pipe.name./users/{id}.complete.true.error.false"] == 1
    assert stats["Counters"]["krakend.proxy.requests.layer.backend.name./dead.complete.false.error.true"] == 1
    assert stats["Counters"]["krakend.router.connected-total"] == 2
    described = stats["Histograms"]["krakend.router.response./users/{id}.time"]
    assert set(described) == {"Max", "Min", "Mean", "Stddev", "Variance", "Percentiles"}
    assert len(described["Percentiles"]) == 7
    assert described["Min"] <= described["Mean"] <= described["Max"]


def test_opencensus_prometheus_exporter_is_served(tmp_path: Path) -> None:
    port = free_port()
    census = {"sample_rate": 100, "exporters": {"prometheus": {"port": port, "namespace": "krakend"}}}
    with gateway(write(tmp_path, "http://127.0.0.1:9999", **{"telemetry/opencensus": census})) as running:
        assert ("crossgate_workers", "") in samples(read(port))
        running.stop()


def test_a_port_that_is_taken_prevents_the_start_only_where_it_is_ours(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with gateway(
            write(tmp_path, "http://127.0.0.1:9999", **{"telemetry/metrics": {"listen_address": address}})
        ) as it:
            it.wait_for_log("metrics cannot be read at")
            it.stop()


def problems(**extra: Any) -> list[tuple[str, str, str]]:
    text = json.dumps({"version": 3, "endpoints": [], "extra_config": extra}).encode()
    found = load_text(text, components=COMPONENTS).diagnostics
    return [(each.code, each.severity, each.hint) for each in found if each.path.startswith("$.extra_config")]


@pytest.mark.parametrize(
    "extra",
    [
        {"telemetry/influx": {"address": "http://localhost:8086", "ttl": "25s", "buffer_size": 100, "db": "d"}},
        {"telemetry/opencensus": {"exporters": {"influxdb": {"address": "http://i:8086"}}}},
        {"telemetry/opencensus": {"exporters": {"logger": {"stats": True}}}},
    ],
)
def test_an_exporter_that_is_not_run_names_what_takes_its_place(extra: dict[str, Any]) -> None:
    [(code, severity, hint)] = problems(**extra)
    assert (code, severity) == ("CFG405", "warning")
    assert '"crossgate/metrics"' in hint


@pytest.mark.parametrize("value", [{}, {"listen": "nowhere"}, {"listen": "a:70000"}, {"listen": 1}, "127.0.0.1:1"])
def test_a_wrong_place_of_ours_is_refused(value: Any) -> None:
    assert problems(**{"crossgate/metrics": value})[0][:2] == ("CFG220", "error")


@pytest.mark.parametrize("value", [{"listen_address": "t49b5f"}, {"listen_address": ":99999"}])
def test_a_wrong_place_of_krakends_is_left_out_as_krakend_does(value: Any) -> None:
    assert [found[:2] for found in problems(**{"telemetry/metrics": value})] == [("CFG217", "warning")]


def test_keys_are_counted_by_verdict(tmp_path: Path) -> None:
    port = free_port()
    keys = {"auth/api-keys": {"keys": [{"key": "k1", "roles": ["user"]}]}}
    with backend() as upstream:
        path = write(tmp_path, upstream.url, **keys, **{"crossgate/metrics": {"listen": f"127.0.0.1:{port}"}})
        configuration = json.loads(path.read_text())
        configuration["endpoints"][0]["extra_config"] = {"auth/api-keys": {"roles": ["user"]}}
        path.write_text(json.dumps(configuration))
        with gateway(path) as running:
            for key in ("k1", "k1", "nobody's"):
                running.ask("GET", "/users/1", {"Authorization": f"Bearer {key}"})
            running.ask("GET", "/users/1")
            found = samples(read(port))
            running.stop()
    name = "crossgate_auth_decisions_total"
    assert found[name, 'component="api_keys",outcome="allowed",reason=""'] == 2
    assert found[name, 'component="api_keys",outcome="refused",reason="key.unknown"'] == 1
    assert found[name, 'component="api_keys",outcome="refused",reason="key.missing"'] == 1


def test_limits_and_breakers_bring_theirs(tmp_path: Path) -> None:
    port = free_port()
    with backend() as upstream:
        path = write(tmp_path, upstream.url, **{"crossgate/metrics": {"listen": f"127.0.0.1:{port}"}})
        configuration = json.loads(path.read_text())
        users, dead = configuration["endpoints"]
        users["extra_config"] = {"qos/ratelimit/router": {"max_rate": 1, "every": "1h"}}
        breaker = {"interval": 3600, "timeout": 3600, "max_errors": 1}
        dead["backend"][0]["extra_config"] = {"qos/circuit-breaker": breaker}
        free, limited = ({"url_pattern": "/", "group": name, "host": [upstream.url]} for name in ("free", "limited"))
        limited["extra_config"] = {"qos/ratelimit/proxy": {"max_rate": 1, "every": "1h"}}
        configuration["endpoints"].append({"endpoint": "/merged", "backend": [free, limited]})
        path.write_text(json.dumps(configuration))
        with gateway(path) as running:
            closed = samples(read(port))
            for _ in range(3):
                running.ask("GET", "/users/1")
                running.ask("GET", "/dead")
                running.ask("GET", "/merged")
            found = samples(read(port))
            running.stop()
    state = "crossgate_breaker_state", 'endpoint="/dead",backend="GET /"'
    assert (closed[state], found[state]) == (0, 2)
    limits = 'component="rate_limit",endpoint="/users/{id}",outcome='
    assert found["crossgate_limit_decisions_total", f'{limits}"passed"'] == 1
    assert found["crossgate_limit_decisions_total", f'{limits}"refused-all"'] == 2
    # Also where an answer is complete enough without that backend.
    of_calls = 'component="rate_limit_backend",endpoint="/merged",outcome='
    assert found["crossgate_limit_decisions_total", f'{of_calls}"passed"'] == 1
    assert found["crossgate_limit_decisions_total", f'{of_calls}"refused-all"'] == 2


def test_passwords_are_counted_by_verdict(tmp_path: Path) -> None:
    bcrypt = pytest.importorskip("bcrypt")
    port = free_port()
    known = b64encode(b"ann:right").decode()
    wrong = b64encode(b"ann:wrong").decode()
    with backend() as upstream:
        path = write(tmp_path, upstream.url, **{"crossgate/metrics": {"listen": f"127.0.0.1:{port}"}})
        configuration = json.loads(path.read_text())
        _, dead = configuration["endpoints"]
        hashed = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
        dead["extra_config"] = {"auth/basic": {"users": {"ann": hashed}}}
        path.write_text(json.dumps(configuration))
        with gateway(path) as running:
            for pair in (known, known, wrong):
                running.ask("GET", "/dead", {"Authorization": f"Basic {pair}"})
            running.ask("GET", "/dead")
            found = samples(read(port))
            running.stop()
    basic = 'component="basic_auth",outcome='
    name = "crossgate_auth_decisions_total"
    assert found[name, f'{basic}"allowed",reason=""'] == 2
    assert found[name, f'{basic}"refused",reason="basic.wrong"'] == 1
    assert found[name, f'{basic}"refused",reason="basic.missing"'] == 1
