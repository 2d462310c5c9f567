"""Lines of a running gateway's log hold text, not Python's way of writing it, whatever a client sends."""

import contextlib
import http.client
import json
import re
from pathlib import Path

from tests.support.canned_server import canned_server
from tests.support.process import gateway

PYTHON_BYTES = re.compile(r"\bb['\"]")


def write(folder: Path, port: int) -> Path:
    path = folder / "krakend.json"
    endpoint = {"output_encoding": "no-op", "backend": [{"url_pattern": "/", "encoding": "no-op"}]}
    configuration = {
        "version": 3,
        "host": [f"http://127.0.0.1:{port}"],
        "debug_endpoint": True,
        "endpoints": [{"endpoint": "/cut/{part}", **endpoint}],
    }
    path.write_text(json.dumps(configuration))
    return path


def test_a_response_that_breaks_off_is_named_by_its_path(tmp_path: Path) -> None:
    with (
        canned_server(lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"]) as server,
        gateway(write(tmp_path, server.port)) as running,
    ):
        with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
            running.ask("GET", "/cut/it's")
        line = running.wait_for_log("broke off")
        running.stop()

    assert "response to /cut/it's broke off" in line
    assert not PYTHON_BYTES.search(line)
    assert line.rstrip("\n").isprintable()


def test_the_debug_endpoint_logs_names_as_text(tmp_path: Path) -> None:
    with gateway(write(tmp_path, 8000), "-d") as running:
        running.ask("GET", "/__debug/x", {"X-Odd": "1"})
        line = running.wait_for_log("[DEBUG]")
        running.stop()

    assert "[DEBUG] GET /__debug/x fields:" in line
    assert "x-odd" in line
    assert not PYTHON_BYTES.search(line)
