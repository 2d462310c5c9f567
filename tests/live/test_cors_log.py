"""What a running gateway logs about CORS decisions: `debug` and report-only mode."""

import json
from pathlib import Path
from typing import Any

from tests.support.process import backend, gateway

LISTED = "https://app.example.com"
OTHER = "https://other.example"


def write(folder: Path, host: str, own: dict[str, Any], endpoints: dict[str, dict[str, Any]]) -> Path:
    path = folder / "krakend.json"
    configuration = {
        "version": 3,
        "host": [host],
        "extra_config": {"security/cors": {"allow_origins": [LISTED]}, "crossgate/cors": own},
        "endpoints": [
            {
                "endpoint": name,
                "output_encoding": "no-op",
                "backend": [{"url_pattern": "/"}],
                "extra_config": {"crossgate/cors": cors},
            }
            for name, cors in endpoints.items()
        ],
    }
    path.write_text(json.dumps(configuration))
    return path


def test_report_only_says_what_would_be_refused_and_nothing_else(tmp_path: Path) -> None:
    with backend() as server, gateway(write(tmp_path, server.url, {"report_only": True}, {"/a": {}})) as running:
        for origin in (LISTED, OTHER):
            _, fields, _ = running.ask("GET", "/a", {"Origin": origin})
            assert not [name for name in fields if name.lower().startswith(("access-control-", "vary"))]
        line = running.wait_for_log("report-only")
        running.stop()

    assert "WARNING [CORS] actual: GET /a" in line
    assert OTHER in line
    assert "origin-not-listed" in line
    assert len([line for line in running.log if "[CORS]" in line]) == 1


def test_debug_of_one_endpoint_logs_that_endpoints_decisions_only(tmp_path: Path) -> None:
    endpoints = {"/loud": {"debug": True}, "/quiet": {}}
    with backend() as server, gateway(write(tmp_path, server.url, {}, endpoints)) as running:
        running.ask("GET", "/quiet", {"Origin": LISTED})
        running.ask("GET", "/loud", {"Origin": LISTED})
        running.wait_for_log("DEBUG [CORS]")
        running.stop()

    lines = [line for line in running.log if "DEBUG [CORS]" in line]
    assert len(lines) == 1
    assert "GET /loud" in lines[0]


def test_debug_names_the_header_or_method_and_the_reason_that_holds(tmp_path: Path) -> None:
    cors = {"allow_methods": ["PUT"], "allow_headers": ["Content-Type"], "debug": True}
    with backend() as server, gateway(write(tmp_path, server.url, cors, {"/a": {}})) as running:
        for method, headers in (("PUT", "Content-Type"), ("PUT", "content-type,x-trace"), ("PATCH", "content-type")):
            asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
            running.ask("OPTIONS", "/a", {"Origin": LISTED, **asked})
        running.ask("OPTIONS", "/a")
        running.wait_for_log("not-cors")
        running.stop()

    capitals, trace, patch, plain = [line for line in running.log if "DEBUG [CORS]" in line]
    assert "header-not-lower-case: Content-Type" in capitals
    assert "header-not-listed: x-trace" in trace
    assert "method-not-listed: PATCH" in patch
    assert "allowed" not in plain
