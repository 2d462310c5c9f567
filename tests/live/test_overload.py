"""A gateway that has more to do than it may: who is answered, who waits, who is refused, and who never waits."""

import contextlib
import json
import re
import signal
import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.children import free_port
from tests.support.metrics import samples
from tests.support.process import PATIENCE_SECONDS, backend, gateway
from tests.support.waiting import wait_until

ORIGIN = "https://app.example"
PAGE = {"Origin": ORIGIN}


@pytest.fixture
def held():
    """A backend that answers /held when it is released, and counts who came."""
    released, came = threading.Event(), []

    def answer(handler):
        came.append(handler.path)
        released.wait(PATIENCE_SECONDS)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")

    with backend({"/held": answer}) as running:
        running.let_go, running.came = released, came
        yield running
        released.set()


def configuration(url, metrics_port, overload):
    def endpoint(path, method="GET", **more):
        one = {"url_pattern": "/held", "method": "GET"}
        return {"endpoint": path, "method": method, "output_encoding": "no-op", "backend": [one], **more}

    return {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "host": [url],
        "timeout": "100s",
        "endpoints": [endpoint("/held"), endpoint("/held", "POST")],
        "extra_config": {
            "security/cors": {"allow_origins": [ORIGIN], "allow_methods": ["GET", "POST"]},
            "crossgate/metrics": {"listen": f"127.0.0.1:{metrics_port}"},
            "crossgate/overload": overload,
        },
    }


def metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_SECONDS) as answer:
        return samples(answer.read().decode())


def test_what_is_more_than_may_be_under_way_waits_or_is_refused_readably(tmp_path, held):
    port = free_port()
    overload = {"max_in_flight": 2, "queue": 1, "queue_timeout": "100s", "retry_after": "2s"}
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(configuration(held.url, port, overload)))
    with gateway(path) as running, ThreadPoolExecutor(3) as clients:
        asked = [clients.submit(running.ask, "GET", "/held", PAGE) for _ in range(3)]
        wait_until(lambda: len(held.came) == 2 and metrics(port)["crossgate_overload_queued", ""] == 1)

        def is_refused(method, reads_it=True):
            status, headers, body = running.ask(method, "/held", PAGE if reads_it else {})
            assert (status, body, headers["Retry-After"]) == (503, b"", "2")
            assert headers["Access-Control-Allow-Origin"] == (ORIGIN if reads_it else None)

        is_refused("GET")  # before it is read
        is_refused("GET", reads_it=False)
        is_refused("POST")  # after that
        preflight = {**PAGE, "Access-Control-Request-Method": "POST"}
        status, headers, _ = running.ask("OPTIONS", "/held", preflight)
        assert (status, headers["Access-Control-Allow-Origin"]) == (204, ORIGIN)
        assert running.ask("GET", "/__health")[0] == 200
        assert running.ask("GET", "/__ready")[0] == 200
        assert running.ask("GET", "/nowhere", PAGE)[0] in (404, 503)

        # What is under way stays under way for the next configuration.
        running.process.send_signal(signal.SIGHUP)
        running.wait_for_count("INFO reloaded: ", 1)
        is_refused("GET")
        is_refused("POST")
        running.wait_for_log("[OVERLOAD] refused")
        numbers = metrics(port)
        assert numbers["crossgate_in_flight", ""] == numbers["crossgate_in_flight_limit", ""] == 2
        assert numbers["crossgate_overload_refused_total", 'reason="queue-full"'] >= 5
        refused = 'endpoint="",method="GET",status="503"'
        assert numbers["crossgate_requests_total", refused] >= 3  # though nobody read them

        held.let_go.set()
        assert [answer.result()[::2] for answer in asked] == [(200, b"held")] * 3
        assert running.ask("GET", "/held", PAGE)[::2] == (200, b"held")
        numbers = metrics(port)
        assert (numbers["crossgate_in_flight", ""], numbers["crossgate_overload_queued", ""]) == (0, 0)
        assert running.count("[OVERLOAD]") < numbers["crossgate_overload_refused_total", 'reason="queue-full"']


def test_a_request_that_is_refused_before_it_is_read_is_in_the_access_log_as_any_other(tmp_path, held):
    port = free_port()
    log, path = tmp_path / "access.log", tmp_path / "krakend.json"
    written = configuration(held.url, port, {"max_in_flight": 1, "queue": 0})
    written["extra_config"]["crossgate/log"] = {"access": "json", "file": str(log)}
    written["extra_config"]["router"] = {
        "trusted_proxies": ["127.0.0.0/8"],
        "remote_ip_headers": ["X-Real-IP"],
        "logger_skip_paths": ["/quiet"],
    }
    path.write_text(json.dumps(written))
    with gateway(path) as running, ThreadPoolExecutor(1) as clients:
        asked = clients.submit(running.ask, "GET", "/held")
        wait_until(lambda: len(held.came) == 1)
        fields = {**PAGE, "User-Agent": "probe", "X-Real-IP": "10.1.2.3"}
        assert running.ask("POST", "/held?n=1", fields)[0] == 503  # is read
        for target in ("/held?n=1", "/quiet", "/nowhere?token=hidden"):
            assert running.ask("GET", target, fields)[0] == 503
        wait_until(lambda: log.exists() and len(log.read_text().splitlines()) == 3)
        held.let_go.set()
        asked.result()
        read, unread, nowhere = (json.loads(line) for line in log.read_text().splitlines()[:3])
        assert (read["client"], read["user_agent"], read["origin"]) == ("10.1.2.3", "probe", ORIGIN)
        assert len({read["request_id"], unread["request_id"], nowhere["request_id"], ""}) == 4
        differs = {name for name in read if read[name] != unread[name]}
        assert differs <= {"method", "route", "time", "request_id", "duration_ms", "upstream_ms"}
        assert (unread["method"], unread["status"], unread["route"]) == ("GET", 503, "")
        assert (nowhere["path"], nowhere["query"]) == ("/nowhere", "token=***")
        decided = [
            number
            for (name, labels), number in metrics(port).items()
            if name == "crossgate_cors_decisions_total" and 'kind="actual",outcome="allowed"' in labels
        ]
        assert decided == [4]


@contextlib.contextmanager
def busy_gateway(tmp_path, held, **overload):
    """A gateway with as much under way as may be: itself, its port of metrics, and the request that it answers."""
    port = free_port()
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(configuration(held.url, port, {"max_in_flight": 1, **overload})))
    with gateway(path) as running, ThreadPoolExecutor(1) as clients:
        first = clients.submit(running.ask, "GET", "/held")
        wait_until(lambda: len(held.came) == 1)
        yield running, port, first


def test_one_whose_client_is_gone_does_not_reach_the_backend(tmp_path, held):
    with busy_gateway(tmp_path, held, queue=5, queue_timeout="100s") as (running, port, first):
        with socket.create_connection(("127.0.0.1", running.port)) as gone:
            gone.sendall(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_until(lambda: metrics(port)["crossgate_overload_queued", ""] == 1)
        wait_until(lambda: metrics(port)["crossgate_overload_queued", ""] == 0)
        held.let_go.set()
        assert first.result()[0] == 200
        assert len(held.came) == 1


GET = b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n"


def held_back(running, port, stack):
    """A connection whose request is neither read nor answered, since too many others are refused."""

    def number():
        return metrics(port)["crossgate_overload_held", ""]

    while True:
        before = number()
        burst, asked = (stack.enter_context(socket.create_connection(("127.0.0.1", running.port))) for _ in range(2))
        burst.sendall(GET * 1000)  # many more than are refused at once
        wait_until(lambda before=before: number() == before + 1)
        asked.sendall(GET)
        asked.setblocking(False)
        answers = []

        def is_decided(asked=asked, before=before, answers=answers):
            with contextlib.suppress(BlockingIOError):
                answers.append(asked.recv(4096))
            return answers or number() == before + 2

        wait_until(is_decided)
        if not answers:
            asked.settimeout(PATIENCE_SECONDS)
            return asked


def test_refusals_beyond_some_are_held_until_there_is_room_or_the_client_is_gone(tmp_path, held):
    overload = {"queue": 0, "hold_refusals": "100s"}
    with busy_gateway(tmp_path, held, **overload) as (running, port, first), contextlib.ExitStack() as stack:
        gone, more, late = (held_back(running, port, stack) for _ in range(3))
        number = metrics(port)["crossgate_overload_held", ""]
        gone.close()
        wait_until(lambda: metrics(port)["crossgate_overload_held", ""] == number - 1)
        more.sendall(GET + GET[:9])
        more.sendall(GET[9:])
        running.process.send_signal(signal.SIGHUP)
        running.wait_for_count("INFO reloaded: ", 1)
        held.let_go.set()
        assert first.result()[0] == 200
        answered = b""
        while answered.count(b"HTTP/1.1 ") < 3 or not answered.endswith((b"held", b"\r\n\r\n")):
            answered += more.recv(65536)
        assert late.recv(65536).startswith(b"HTTP/1.1 200 ")
        wait_until(lambda: metrics(port)["crossgate_overload_held", ""] == 0)
        assert running.ask("GET", "/held")[0] == 200


def test_a_gateway_that_stops_answers_whom_it_holds(tmp_path, held):
    overload = {"queue": 0, "hold_refusals": "100s"}
    with busy_gateway(tmp_path, held, **overload) as (running, port, first), contextlib.ExitStack() as stack:
        late = held_back(running, port, stack)
        running.process.send_signal(signal.SIGTERM)
        running.wait_for_log("requests in flight finish")
        held.let_go.set()
        assert first.result()[0] == 200
        assert b"\r\nConnection: close\r\n" in late.recv(65536)
        running.process.wait(PATIENCE_SECONDS)


def test_a_host_has_no_more_connections_than_it_may_and_calls_wait_for_one(tmp_path, held):
    port = free_port()
    hosts = {"max_connections": 2, "queue": 1, "queue_timeout": "100s"}
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(configuration(held.url, port, {"hosts": hosts})))
    with gateway(path) as running, ThreadPoolExecutor(3) as clients:
        asked = [clients.submit(running.ask, "GET", "/held", PAGE) for _ in range(3)]
        wait_until(lambda: len(held.came) == 2 and metrics(port)["crossgate_upstream_queued", ""] == 1)
        status, headers, _ = running.ask("GET", "/held", PAGE)
        assert (status, headers["Access-Control-Allow-Origin"]) == (500, ORIGIN)
        line = running.wait_for_log("connections are busy")
        assert re.search(r"all 2 connections are busy, and 1 calls wait for one", line)
        numbers = metrics(port)
        assert numbers["crossgate_upstream_refused_total", 'reason="host-queue-full"'] == 1
        authority = held.url.removeprefix("http://")
        assert numbers["crossgate_upstream_connections", f'host="{authority}",state="busy"'] == 2
        held.let_go.set()
        assert [answer.result()[::2] for answer in asked] == [(200, b"held")] * 3
