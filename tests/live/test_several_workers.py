"""`crossgate run --workers N` from outside: one process per worker, replaced when one dies, stopped together."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.process import backend, gateway
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the children of a process from /proc")


@pytest.fixture
def running(tmp_path):
    with backend() as upstream:
        path = tmp_path / "krakend.json"
        endpoint = {"endpoint": "/a", "output_encoding": "no-op", "backend": [{"url_pattern": "/a"}]}
        path.write_text(json.dumps({"version": 3, "host": [upstream.url], "endpoints": [endpoint]}))
        with gateway(path, "--workers", "2") as process:
            wait_until(lambda: len(children(process.process.pid)) == 2)
            yield process


def children(pid):
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_all_workers_serve_and_stop_together(running):
    assert [running.ask("GET", "/a")[0] for _ in range(20)] == [200] * 20
    workers = children(running.process.pid)
    assert running.stop() == 0
    assert not any(map(is_alive, workers))


def test_a_worker_that_dies_is_replaced_and_requests_go_on(running):
    first, second = children(running.process.pid)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(set(children(running.process.pid)) - {first}) == 2)
    assert second in children(running.process.pid)
    assert [running.ask("GET", "/a")[0] for _ in range(20)] == [200] * 20
    running.wait_for_log("ended by signal 9")


def test_workers_do_not_outlive_their_parent(running):
    workers = children(running.process.pid)
    running.process.kill()
    wait_until(lambda: not any(map(is_alive, workers)))
