"""`crossgate run` from outside: a real process, a real backend, the documented CORS block."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests.support.process import Gateway, backend, gateway, run_and_fail

ORIGIN = "https://app.example.com"
CORS = {
    "allow_origins": [ORIGIN],
    "allow_methods": ["GET", "HEAD", "POST"],
    "allow_headers": ["Accept-Language"],
    "expose_headers": ["Content-Length", "Content-Type"],
    "max_age": "12h",
    "allow_credentials": False,
    "debug": True,
}
ASKING = {"Origin": ORIGIN}


def hang(handler):
    handler.server.release.wait(20)
    handler.close_connection = True


def die(handler):
    handler.close_connection = True


def garbage(handler):
    handler.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    handler.close_connection = True


def break_off(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    handler.close_connection = True


ANSWERS = {
    "/hang": hang,
    "/die": die,
    "/garbage": garbage,
    "/break-off": break_off,
    "/own-cors": (200, {"Access-Control-Allow-Origin": "*", "Vary": "Accept-Encoding"}, b"{}"),
    "/error": (503, {"Content-Type": "text/plain"}, b"down"),
    "/text": (200, {"Content-Type": "text/plain"}, b"no JSON"),
}


def configuration(backend_url, *, version, dead_url="http://127.0.0.1:10"):
    def endpoint(path, encoding, url=backend_url, **keys):
        return {
            "endpoint": f"/{encoding}{path}",
            "output_encoding": encoding,
            "timeout": "400ms",
            "backend": [{"host": [url], "url_pattern": path}],
            **keys,
        }

    endpoints = [endpoint(path, encoding) for encoding in ("no-op", "json") for path in [*ANSWERS, "/plain"]]
    endpoints += [endpoint("/dead", encoding, dead_url) for encoding in ("no-op", "json")]
    passing = ("headers_to_pass", "querystring_params") if version == 2 else ("input_headers", "input_query_strings")
    endpoints.append(
        endpoint("/users/{id}", "json", method="POST", **dict(zip(passing, (["X-Token"], ["page"]), strict=True)))
    )
    namespace = "github_com/devopsfaith/krakend-cors" if version == 2 else "security/cors"
    return {"version": version, "extra_config": {namespace: CORS}, "endpoints": endpoints}


@pytest.fixture(scope="module")
def upstream():
    with backend(ANSWERS) as running:
        yield running


@pytest.fixture(scope="module", params=[2, 3])
def running(request, tmp_path_factory, upstream):
    path = tmp_path_factory.mktemp("run") / "krakend.json"
    path.write_text(json.dumps(configuration(upstream.url, version=request.param)))
    with gateway(path) as process:
        process.version = request.param
        yield process


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no-op/plain", 200),
        ("GET", "/json/plain", 200),
        ("GET", "/nowhere", 404),
        ("POST", "/json/plain", 405),
        ("HEAD", "/json/plain", 405),
        ("GET", "/no-op/error", 503),
        ("GET", "/json/error", 500),
        ("GET", "/json/text", 500),
        ("GET", "/no-op/dead", 500),
        ("GET", "/json/dead", 500),
        ("GET", "/no-op/die", 500),
        ("GET", "/no-op/garbage", 500),
        ("GET", "/json/garbage", 500),
        ("GET", "/json/break-off", 500),
        ("GET", "/no-op/hang", 500),
        ("GET", "/json/hang", 500),
    ],
)
def test_every_response_has_the_cors_fields_once(running, method, path, status):
    got, headers, body = running.ask(method, path, ASKING)
    assert got == status
    assert headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    assert headers.get_all("Access-Control-Expose-Headers") == ["Content-Length, Content-Type"]
    assert "origin" in ", ".join(headers.get_all("Vary")).lower()
    assert b"Traceback" not in body


def test_a_request_that_is_no_http_is_answered_with_400_and_the_fields_known_so_far(running):
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
        client.sendall(b"GET /json/plain HTTP/1.1\r\nOrigin: https://app.example.com\r\nHost: a\r\nBad Name: x\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Access-Control-Allow-Origin: https://app.example.com\r\n" in answer


def test_a_backend_that_breaks_off_mid_body_never_looks_like_a_whole_answer(running):
    answer = b""
    with (
        contextlib.suppress(ConnectionResetError),
        socket.create_connection(("127.0.0.1", running.port), timeout=20) as client,
    ):
        client.sendall(b"GET /no-op/break-off HTTP/1.1\r\nHost: a\r\n\r\n")
        for piece in iter(lambda: client.recv(65536), b""):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert len(body) < 1000
    assert b" 200 " not in head or b"Content-Length: 1000" in head


def test_a_backends_own_cors_fields_are_replaced_and_its_vary_is_kept(running):
    _, headers, _ = running.ask("GET", "/no-op/own-cors", ASKING)
    assert headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    members = {member.strip().lower() for line in headers.get_all("Vary") for member in line.split(",")}
    assert members == {"accept-encoding", "origin"}
    running.wait_for_log("CORS headers of its own")


@pytest.mark.parametrize("path", ["/json/plain", "/nowhere", "/no-op/hang"])
def test_a_preflight_is_answered_before_routing(running, path):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "accept-language"}
    status, headers, body = running.ask("OPTIONS", path, {**ASKING, **asked})
    assert (status, body) == (200 if running.version == 2 else 204, b"")
    assert headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    assert headers.get_all("Access-Control-Allow-Methods") == ["POST"]
    assert [value.lower() for value in headers.get_all("Access-Control-Allow-Headers")] == ["accept-language"]
    assert headers.get_all("Access-Control-Max-Age") == ["43200"]


def test_a_refused_preflight_has_no_cors_fields(running):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    _, headers, _ = running.ask("OPTIONS", "/json/plain", asked)
    assert [name for name in headers if name.lower().startswith("access-control-")] == []


def test_debug_logs_what_was_decided_and_why(running):
    running.ask("GET", "/json/plain?debugged", {"Origin": "https://other.example"})
    line = running.wait_for_log("https://other.example")
    assert "[CORS] actual: GET /json/plain" in line
    assert "refused at origin-allowed: origin-not-listed" in line


def test_parameters_headers_and_queries_are_forwarded_as_listed(running):
    headers = {"X-Token": "t", "X-Other": "o", "Content-Type": "application/json"}
    _, _, body = running.ask("POST", "/json/users/7?page=2&secret=1", headers, b'{"a":1}')
    seen = json.loads(body)
    assert (seen["method"], seen["path"]) == ("POST", "/users/7?page=2")
    assert seen["headers"]["x-token"] == "t"
    assert "x-other" not in seen["headers"]


def test_sigterm_lets_a_request_in_flight_finish(tmp_path, upstream):
    slow = threading.Event()

    def answer_late(handler):
        slow.wait(20)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    with backend({"/late": answer_late}) as late:
        path = tmp_path / "krakend.json"
        endpoint = {
            "endpoint": "/late",
            "output_encoding": "no-op",
            "timeout": "20s",
            "backend": [{"url_pattern": "/late"}],
        }
        path.write_text(json.dumps({"version": 3, "host": [late.url], "endpoints": [endpoint]}))
        with gateway(path) as process:
            answers = []
            asking = threading.Thread(target=lambda: answers.append(process.ask("GET", "/late")))
            asking.start()
            assert late.reached.acquire(timeout=20)
            process.process.send_signal(signal.SIGTERM)
            process.wait_for_log("requests in flight finish")
            slow.set()
            asking.join(20)
            assert process.wait() == 0
            assert (answers[0][0], answers[0][2]) == (200, b"late")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 3,\n  "port": ]\n}', "krakend.json:2:11"),
        ('{"version": 5, "endpoints": []}', "unsupported version"),
        ("", "krakend.json:1:1"),
        (
            '{"version": 3, "extra_config": {"security/cors": {"allow_origins": "https://a.example"}}}',
            "allow_origins",
        ),
        ('{"version": 3, "timeout": "soon", "endpoints": []}', "timeout"),
    ],
)
def test_a_configuration_that_is_wrong_starts_nothing_and_says_where(tmp_path, text, said):
    path = tmp_path / "krakend.json"
    path.write_text(text)
    code, output = run_and_fail(path)
    assert code == 1
    assert said in output
    assert "^" in output or not text
    assert "Traceback" not in output
    assert "listens on" not in output


def test_a_missing_file_is_said_so(tmp_path):
    code, output = run_and_fail(tmp_path / "nowhere.json")
    assert code == 1
    assert "nowhere.json" in output
    assert "Traceback" not in output


def test_a_port_in_use_is_said_so(tmp_path):
    path = tmp_path / "krakend.json"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path.write_text(json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []}))
        code, output = run_and_fail(path, "-p", str(port))
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in output
    assert "Traceback" not in output


def test_a_configuration_from_standard_input_is_served():
    text = json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []})
    command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", "-", "-p", "0"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    running = Gateway(subprocess.Popen(command, text=True, **pipes))
    try:
        running.process.stdin.write(text)
        running.process.stdin.close()
        running.wait_until_ready()
        assert running.ask("GET", "/__health")[0] == 200
        assert running.stop() == 0
    finally:
        running.close()
