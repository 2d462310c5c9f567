"""How a gateway ends: what load balancers hear before, what happens to connections, and how long it may take."""

import contextlib
import http.client
import json
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from tests.support.children import free_port
from tests.support.load import load
from tests.support.process import PATIENCE_SECONDS, backend, gateway
from tests.support.waiting import wait_until

MODES = pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["alone", "workers"])
STOPPING = "requests in flight finish"


def configuration(url, **keys):
    endpoint = {"endpoint": "/{x}", "output_encoding": "no-op", "timeout": "60s", "backend": [{"url_pattern": "/{x}"}]}
    return {"version": 3, "listen_ip": "127.0.0.1", "host": [url], "endpoints": [endpoint], **keys}


@pytest.fixture
def held():
    """A backend whose /held answers when it is released."""
    released = threading.Event()

    def answer(handler):
        released.wait(PATIENCE_SECONDS)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")

    with backend({"/held": answer}) as running:
        running.let_go = released
        yield running
        released.set()


def written(tmp_path, content):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(content))
    return path


def asking(running, path):
    """A request on its way: the thread, and where its answer comes."""
    answers = []

    def ask():
        try:
            answers.append(running.ask("GET", path))
        except (OSError, http.client.HTTPException) as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answers


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS).close()
    except OSError:
        return True
    return False


@MODES
def test_readiness_ends_before_the_listener_does(tmp_path, arguments, held):
    drain = {"crossgate/drain": {"delay": "600s"}}
    with gateway(written(tmp_path, configuration(held.url, extra_config=drain)), *arguments) as running:
        status, headers, body = running.ask("GET", "/__ready")
        assert (status, json.loads(body), headers["Cache-Control"]) == (200, {"status": "ready"}, "no-store")
        running.process.send_signal(signal.SIGTERM)
        running.wait_for_log(STOPPING)
        # Each worker hears of it in its own time: asked so often, all have.
        wait_until(lambda: {running.ask("GET", "/__ready")[0] for _ in range(20)} == {503})
        assert json.loads(running.ask("GET", "/__ready")[2]) == {"reason": "draining", "status": "not ready"}
        status, headers, _ = running.ask("GET", "/else")
        assert (status, headers["Connection"]) == (200, "close")
        running.process.send_signal(signal.SIGTERM)
        assert running.wait() == 0


@MODES
def test_no_connection_is_taken_while_requests_in_flight_finish(tmp_path, arguments, held):
    with gateway(written(tmp_path, configuration(held.url)), *arguments) as running:
        thread, answers = asking(running, "/held")
        assert held.reached.acquire(timeout=PATIENCE_SECONDS)
        running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_refused(running.port))
        assert running.process.poll() is None
        held.let_go.set()
        thread.join(PATIENCE_SECONDS)
        assert (answers[0][0], answers[0][2]) == (200, b"held")
        assert running.wait() == 0


@MODES
@pytest.mark.parametrize("by", ["a second signal", "max_shutdown_wait_time"])
def test_requests_that_take_too_long_are_ended(tmp_path, arguments, held, by):
    keys = {} if by == "a second signal" else {"max_shutdown_wait_time": "100ms"}
    with gateway(written(tmp_path, configuration(held.url, **keys)), *arguments) as running:
        thread, answers = asking(running, "/held")
        assert held.reached.acquire(timeout=PATIENCE_SECONDS)
        running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_refused(running.port))
        if not keys:
            running.process.send_signal(signal.SIGTERM)
        assert running.wait() == 0
        thread.join(PATIENCE_SECONDS)
        assert isinstance(answers[0], (OSError, http.client.HTTPException))


def test_an_endpoint_of_that_path_and_disable_health_take_the_place_of_readiness(tmp_path, held):
    own = configuration(held.url)
    own["endpoints"][0]["endpoint"] = "/__ready"
    own["endpoints"][0]["backend"][0]["url_pattern"] = "/own"
    with gateway(written(tmp_path, own)) as running:
        assert json.loads(running.ask("GET", "/__ready")[2])["path"] == "/own"
    without = configuration(held.url, extra_config={"router": {"disable_health": True}})
    with gateway(written(tmp_path, without)) as running:
        assert json.loads(running.ask("GET", "/__ready")[2])["path"] == "/__ready"


def test_readiness_changes_nothing_else_of_its_path(tmp_path):
    """DEV-LIFE-1: a GET, and no more than that."""
    path = written(tmp_path, {"version": 3, "listen_ip": "127.0.0.1", "endpoints": []})
    with gateway(path) as running:
        assert running.ask("GET", "/__ready")[0] == 200
        for method, asked in (("POST", "/__ready"), ("GET", "/__ready/"), ("GET", "/__READY"), ("GET", "/__readi")):
            assert running.ask(method, asked)[0] == 404


def test_a_gateway_without_a_key_set_is_not_ready_until_it_has_it(tmp_path):
    has_keys = threading.Event()

    def keys(handler):
        status = b"200 OK" if has_keys.is_set() else b"503 Not Yet"
        text = b'{"keys": []}'
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(text))
        handler.wfile.write(head + text)

    with backend({"/jwks": keys}) as issuer:
        validator = {"alg": "RS256", "jwk_url": f"{issuer.url}/jwks", "disable_jwk_security": True, "cache": True}
        content = configuration(issuer.url)
        content["endpoints"][0]["extra_config"] = {"auth/validator": validator}
        with gateway(written(tmp_path, content)) as running:
            assert issuer.reached.acquire(timeout=PATIENCE_SECONDS)
            status, _, body = running.ask("GET", "/__ready")
            assert (status, json.loads(body)["reason"]) == (503, f"no keys of {issuer.url}/jwks")
            has_keys.set()
            wait_until(lambda: running.ask("GET", "/__ready")[0] == 200)
            while issuer.reached.acquire(blocking=False):
                pass
            running.process.send_signal(signal.SIGHUP)
            running.wait_for_log("INFO reloaded: ")
            assert running.ask("GET", "/__ready")[0] == 200
            assert not issuer.reached.acquire(blocking=False), "the keys were fetched anew although nothing changed"


HAPROXY = """
global
  maxconn 200
  stats socket {stats}
defaults
  mode http
  timeout connect 60s
  timeout client 60s
  timeout server 60s
  timeout check 60s
frontend clients
  bind 127.0.0.1:{front}
  default_backend gateways
backend gateways
  option httpchk GET /__ready
  http-check expect status 200
  default-server check inter 100ms fall 1 rise 1
  server one 127.0.0.1:{one}
  server two 127.0.0.1:{two}
"""


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed (make test says how)")
def test_behind_haproxy_clients_see_no_error_while_one_gateway_after_the_other_is_replaced(tmp_path, held):
    path = written(tmp_path, configuration(held.url, extra_config={"crossgate/drain": {"delay": "5s"}}))
    ports = [free_port(), free_port()]
    front = free_port()
    (tmp_path / "haproxy.cfg").write_text(
        HAPROXY.format(front=front, one=ports[0], two=ports[1], stats=tmp_path / "stats")
    )
    with contextlib.ExitStack() as closing:
        running = [closing.enter_context(gateway(path, "-p", str(port))) for port in ports]
        balancer = subprocess.Popen(
            ["haproxy", "-db", "-f", str(tmp_path / "haproxy.cfg")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        closing.callback(balancer.wait)
        closing.callback(balancer.terminate)
        wait_until(lambda: answers_through(front))
        wait_until(lambda: servers_up(tmp_path / "stats") == {"one", "two"})
        with load(front, "/a", lambda status, _: status == 200) as requests:
            for ending, port in zip(running, ports, strict=True):
                requests.wait_for(50)
                ending.process.send_signal(signal.SIGTERM)
                assert ending.wait() == 0
                requests.wait_for(50)
                closing.enter_context(gateway(path, "-p", str(port)))
                # The balancer has to have taken it up before the other one goes.
                wait_until(lambda: servers_up(tmp_path / "stats") == {"one", "two"})
        assert requests.failed == []


def servers_up(path):
    """The servers that the balancer sends requests to."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(path))
        asking.sendall(b"show stat\n")
        lines = b"".join(iter(lambda: asking.recv(65_536), b"")).decode().splitlines()
    names = lines[0].removeprefix("# ").split(",")
    rows = [dict(zip(names, line.split(","), strict=False)) for line in lines[1:] if line]
    return {row["svname"] for row in rows if row["pxname"] == "gateways" and row["status"] == "UP"} - {"BACKEND"}


def answers_through(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/a")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
