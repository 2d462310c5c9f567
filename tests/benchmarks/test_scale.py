"""The benchmark of size, workers and memory, in small: it runs, and what it measures has been checked."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.gateway.nginx import backend_command
from benchmarks.gateway.processes import free_port, started
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.scale import connections, size, workers
from benchmarks.scale.body_source import BLOCK_BYTES, blocks, checksum
from benchmarks.scale.rows import Bench
from benchmarks.scale.streaming import download
from crossgate.config.load import load_text
from tests.support.benchmarks import ROOT, needs_programs


@pytest.fixture
def bench() -> Iterator[Bench]:
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # where root runs this, nginx's worker is somebody else
        with started(backend_command(folder, port), port, folder, None):
            yield Bench(folder, port, None, None, seconds=1, rounds=1)


@needs_programs
def test_command_prints_a_row_for_each_case_of_memory_and_keeps_raw_figures(tmp_path: Path) -> None:
    raw = tmp_path / "raw.json"
    command = [sys.executable, "-m", "benchmarks.scale", "--seconds", "1", "--requests", "2000"]
    ran = subprocess.run(
        [*command, "--body-bytes", "3000000", "--only", "rest", "streams", "growth", "--output", str(raw)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert [line.split(" | ")[0] for line in ran.stdout.splitlines() if line.startswith("| ")] == [
        "| part",
        *["| at rest"] * 2,
        *["| one body"] * 3,
        "| many requests",
    ]
    figures = json.loads(raw.read_text())
    assert len(figures["rest"]["each of two workers"]) == 3
    assert all(one["peak_rss_mb"] > 10 for one in figures["streams"].values())
    assert figures["growth"]["marks"][-1]["requests"] >= 2000


@needs_programs
def test_sizes_are_measured_over_requests_that_were_answered_right(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "SIZES", (size.Size("one", 1, 1), size.Size("several", 7, 5)))
    monkeypatch.setattr(size, "KINDS", ("parameter",))
    rows, raw = size.measure_sizes(bench)
    assert [(row.part, row.case) for row in rows] == [("parameter", "one"), ("parameter", "several")]
    assert rows[1].compared.startswith("cost ")
    assert all(many[0]["requests"] > 0 for many in raw.values())


@needs_programs
def test_two_workers_are_measured_beside_one_and_their_connections_counted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ASKED", [one for one in WORKLOADS if one.name == "preflight"])
    monkeypatch.setattr(workers, "DEALT", 100)
    rows, raw = workers.measure_workers(bench)
    assert [row.case for row in rows] == ["1 worker", "2 workers", "100, dealt out to 2 workers"]
    assert rows[1].compared.startswith("cost ")
    assert raw["1/preflight"][0]["requests"] > 0
    assert sum(raw["connections"]) == 100


@needs_programs
def test_idle_connections_stay_open_while_others_are_busy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE", 50)
    monkeypatch.setattr(connections, "BUSY", 40)
    rows, _ = connections.measure_connections(bench)
    kept = "40 busy, all connections to the backend kept"
    assert [row.case for row in rows] == ["32 busy", "32 busy, 50 idle", "40 busy", kept]
    assert all(row.compared.startswith("cost ") for row in rows[1:])


@pytest.mark.parametrize("sized", size.SIZES, ids=lambda sized: sized.name)
def test_configuration_of_each_size_has_no_errors_and_its_requests_are_spread(sized: size.Size) -> None:
    loaded = load_text(json.dumps(sized.config(8080, 8081)).encode())
    assert loaded.config is not None
    assert len(loaded.config.endpoints) == 2 * sized.endpoints
    for requests in sized.requests().values():
        assert len({one.fields["Origin"] for one in requests}) == min(sized.origins, size.RING)
    assert len({one.target for one in sized.requests()["fixed path"]}) == min(sized.endpoints, size.RING)


def test_checksum_of_the_long_body_tells_its_blocks_apart() -> None:
    first, second, third = blocks(2 * BLOCK_BYTES + 5)
    assert len(third) == 5
    right = checksum(iter((first, second, third)))
    for wrong in ((second, first, third), (first, first, third), (first, second)):
        assert checksum(iter(wrong)) != right


class Swapping(BaseHTTPRequestHandler):
    """Gives the blocks in another order."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", str(2 * BLOCK_BYTES))
        self.end_headers()
        for block in reversed(list(blocks(2 * BLOCK_BYTES))):
            self.wfile.write(block)


def test_download_notices_what_is_not_as_it_was_sent() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Swapping) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(AssertionError, match="not what was sent"):
                download(server.server_port, 2 * BLOCK_BYTES)
            with pytest.raises(AssertionError):
                download(server.server_port, 3 * BLOCK_BYTES)
        finally:
            server.shutdown()
            thread.join()
