"""The ASGI middleware behind a real server: what clients see of streams, HEAD, 304, failures and WebSockets."""

import http.client
import socket
import threading

import pytest
import uvicorn
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from crossgate.cors import CorsPolicy
from crossgate.middleware.asgi import CORSMiddleware

ORIGIN = "https://app.example.com"
POLICY = CorsPolicy(allow_origins=[ORIGIN], allow_methods=["PUT"], allow_headers=["X-Token"])


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "welcome"})
        await send({"type": "websocket.close"})
        return
    path = scope["path"]
    if path == "/broken":
        raise RuntimeError("the application's own fault")
    status = 304 if path == "/unchanged" else 200
    headers = [(b"vary", b"Accept"), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if path == "/stream":
        await send({"type": "http.response.body", "body": b"one,", "more_body": True})
        await send({"type": "http.response.body", "body": b"two,", "more_body": True})
    if path == "/cut-off":
        await send({"type": "http.response.body", "body": b"one,", "more_body": True})
        raise RuntimeError("in the middle")
    await send({"type": "http.response.body", "body": b"" if status == 304 else b"end"})


@pytest.fixture(scope="module")
def port():
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        CORSMiddleware(application, POLICY), lifespan="off", log_level="critical", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ask(method, path, **headers):
        connection.request(method, path, headers={"Origin": ORIGIN, **headers})
        return connection.getresponse()

    yield ask
    connection.close()


def cors_of(response):
    members = {member.strip() for line in response.headers.get_all("vary", []) for member in line.split(",")}
    return response.headers.get_all("access-control-allow-origin"), members


def test_a_stream_arrives_whole_with_one_allow_origin_and_both_vary_members(ask):
    response = ask("GET", "/stream")
    assert response.read() == b"one,two,end"
    assert cors_of(response) == ([ORIGIN], {"Accept", "Origin"})


@pytest.mark.parametrize(("method", "path", "status"), [("HEAD", "/", 200), ("GET", "/unchanged", 304)])
def test_answers_without_a_body_have_the_fields(ask, method, path, status):
    response = ask(method, path)
    assert (response.status, response.read()) == (status, b"")
    assert cors_of(response) == ([ORIGIN], {"Accept", "Origin"})


def test_a_preflight_is_answered_and_the_connection_goes_on(ask):
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-token"}
    response = ask("OPTIONS", "/broken", **asked)
    assert (response.status, response.read()) == (204, b"")
    assert cors_of(response)[0] == [ORIGIN]
    assert response.headers["Access-Control-Allow-Methods"] == "PUT"
    assert ask("GET", "/").read() == b"end"


def test_an_exception_is_a_500_that_the_page_may_read(ask):
    response = ask("GET", "/broken")
    assert (response.status, response.read()) == (500, b"")
    assert cors_of(response) == ([ORIGIN], {"Origin"})


def test_a_stream_that_breaks_off_is_not_taken_for_whole(ask):
    response = ask("GET", "/cut-off")
    assert cors_of(response)[0] == [ORIGIN]
    with pytest.raises(http.client.IncompleteRead):
        response.read()


@pytest.mark.parametrize("origin", [ORIGIN, None])
def test_a_websocket_of_an_allowed_origin_or_no_browser_is_accepted(port, origin):
    with connect(f"ws://127.0.0.1:{port}/", origin=origin) as websocket:
        assert websocket.recv() == "welcome"


def test_a_websocket_of_the_servers_own_origin_is_accepted(port):
    with connect(f"ws://127.0.0.1:{port}/", origin=f"http://127.0.0.1:{port}") as websocket:
        assert websocket.recv() == "welcome"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN + ".evil.example"])
def test_a_websocket_of_another_origin_is_answered_with_403(port, origin):
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{port}/", origin=origin):
        pass
    assert refused.value.response.status_code == 403
