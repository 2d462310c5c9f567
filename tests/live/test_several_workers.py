"""`crossgate run --workers N` from outside: one process per worker, replaced when one dies, stopped together."""

import json
import os
import signal
import sys

import pytest

from tests.support.children import children, is_alive
from tests.support.process import backend, gateway, run_and_fail
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


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
@pytest.mark.parametrize("listen_ip", ["127.0.0.1", ""])
def test_a_port_that_another_gateway_holds_with_its_workers_is_refused(running, tmp_path, workers, listen_ip):
    path = tmp_path / "second.json"
    path.write_text(json.dumps({"version": 3, "listen_ip": listen_ip, "endpoints": []}))
    code, output = run_and_fail(path, *workers, "-p", str(running.port))
    assert code == 1
    assert f"cannot listen on {listen_ip or '*'}:{running.port}: Address already in use" in output
    assert [running.ask("GET", "/a")[0] for _ in range(10)] == [200] * 10


def test_a_port_that_one_gateway_holds_is_refused_to_workers(tmp_path):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []}))
    with gateway(path) as running:
        code, output = run_and_fail(path, "--workers", "2", "-p", str(running.port))
    assert code == 1
    assert "Address already in use" in output
