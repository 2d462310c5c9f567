"""Whole files as people run them, of either version: every endpoint asked and checked, alone and under load."""

import http.client
import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crossgate.config import load_file
from crossgate.diagnostics import Severity
from tests.support.process import Gateway, gateway
from tests.support.scripted_backend import ScriptedBackend, scripted_backend

DATA = Path(__file__).parent.parent / "data"
NEW, OLD = DATA / "forty_endpoints.json", DATA / "dozen_endpoints_v2.json"
ORIGIN = "https://shop.example"
REQUESTS, CONNECTIONS = 2000, 16

FLAT = {"items": [{"sku": "a", "cost": 1}, {"sku": "b", "cost": 2}], "tags": ["x"], "more": ["y"]}
SCRIPT: dict[str, Any] = {
    "/list": {"json": [1, {"two": 2.50}]},
    "/featured": {"gzip": True, "json": {"data": {"items": {"first": "lamp"}}}},
    "/user": {"json": {"name": "n", "address": {"city": "c", "street": "s"}, "secret": "s"}},
    "/order": {"body": '{"customer": "c-7", "total": 10.50, "lines": [1, 2]}'},
    "/error": {"status": 503, "headers": {"Content-Type": "text/plain"}, "body": "down"},
    "/text": {"body": "plain <text>"},
    "/stock": {"chunked": True, "json": {"left": 3}},
    "/flat": {"json": FLAT},
    "/feed": {
        "body": '<rss version="2.0"><channel><title>T</title><link>http://x.example</link>'
        "<description>D</description><item><title>I</title></item></channel></rss>"
    },
    "/xml": {"body": '<catalog year="1999"><item>a</item><item>b</item></catalog>'},
    "/picture": {"headers": {"Content-Type": "image/x", "Etag": '"1"'}, "base64": "AAECAwQFBgc="},
    "/teapot": {"status": 418, "headers": {"Content-Type": "text/tea"}, "body": "short"},
    "/moved": {"status": 302, "headers": {"Location": "/echo/moved"}},
    "/replayed": {"status": 307, "headers": {"Location": "/echo/replayed"}},
    "/slow": {"delay_ms": 600, "json": {}},
    "/shadow": {"json": {"shadow": True}},
}


@dataclass
class Ask:
    """A request, and what its answer is: the body's bytes, or data that is in it where `body` is a dict."""

    path: str
    body: bytes | dict[str, Any]
    status: int = 200
    method: str = "GET"
    sends: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    completed: bool = True
    content_type: str | None = "application/json; charset=utf-8"


POSTS = {"method": "POST", "sends": b'{"p":1}', "headers": {"Content-Type": "application/json"}}
PASSED = {"content_type": None, "completed": False}
ASKS = [
    Ask("/products?page=2&drop=1", b'{"products":[1,{"two":2.5}]}'),
    Ask("/products/featured", b'{"first":"lamp"}'),
    Ask("/products/7", {"path": "/echo/products/7", "method": "GET"}, headers={"X-Request-Id": "r"}),
    Ask("/products", {"path": "/echo/products", "body": '{"p":1}', "framing": "chunked"}, **POSTS),
    Ask("/products/7", {"method": "PUT", "body": "put", "framing": "length"}, method="PUT", sends=b"put"),
    Ask("/products/7", {"method": "PATCH", "body": "patch"}, method="PATCH", sends=b"patch"),
    Ask("/products/7", {"method": "DELETE", "framing": "none"}, method="DELETE"),
    Ask("/products/a%20b/reviews/9?z=1&y=2", {"target": "/echo/r/9/p/a%20b?v=2&y=2&z=1"}),
    Ask(
        "/page/5", b'{"echo":{"path":"/echo/page/5"},"list":[1,{"two":2.5}],"user":{"address":{"city":"c"},"name":"n"}}'
    ),
    Ask("/page-with-gaps", b'{"name":"n"}', completed=False),
    Ask("/page-that-fails", b"", status=500, **PASSED),
    Ask("/orders/3/customer", {"customer": {"path": "/echo/customers/c-7"}}),
    Ask("/orders/3/trace", {"customer": "c-7", "trace": {"path": "/echo/3/of/c-7"}}),
    Ask("/orders", b'{"audit":{"body":"{\\"p\\":1}"},"order":{"body":"{\\"p\\":1}","method":"POST"}}', **POSTS),
    Ask("/orders/mirrored", b'{"body":"{\\"p\\":1}"}', **POSTS),
    Ask("/stock", b'{"left":3}'),
    Ask("/static/always", b'{"@note":"kept","customer":"c-7","lines":[1,2],"total":10.50,"version":1}'),
    Ask("/static/errored", b'{"sorry":true}', completed=False),
    Ask("/static/success", {"fine": True, "customer": "c-7"}),
    Ask("/static/complete", {"all": True, "customer": "c-7"}),
    Ask("/static/incomplete", {"partly": True, "customer": "c-7"}, completed=False),
    Ask("/flat", b'{"items":[{"id":"a"},{"id":"b"}],"tags":["x","y"]}'),
    Ask("/flat/merged", b'{"a":{"tags":["x","x"]}}'),
    Ask("/feed", b'{"description":"D","title":"T"}'),
    Ask("/legacy", b'{"-year":"1999","item":["a","b"]}'),
    Ask(
        "/legacy.xml",
        b"<doc><customer>c-7</customer><lines>1</lines><lines>2</lines><total>10.50</total></doc>",
        content_type="application/xml",
    ),
    Ask("/order.yaml", b"customer: c-7\n", content_type="application/yaml; charset=utf-8"),
    Ask(
        "/negotiated",
        b"<customer>c-7</customer>",
        headers={"Accept": "application/xml"},
        content_type="application/xml",
    ),
    Ask("/motto", b"plain <text>", content_type="text/plain; charset=utf-8"),
    Ask("/bare-list", b'[1,{"two":2.5}]'),
    Ask("/anything", b'{"collection":[1,{"two":2.5}]}'),
    Ask("/files/any.x", bytes(range(8)), content_type="image/x", completed=False),
    Ask("/upload", {"body": "up", "framing": "length"}, method="POST", sends=b"up", **PASSED),
    Ask("/teapot", b"short", status=418, content_type="text/tea", completed=False),
    Ask("/moved", b'{"path":"/echo/moved"}'),
    Ask("/replayed", b'{"body":"again","path":"/echo/replayed"}', method="POST", sends=b"again"),
    Ask("/errors/details", {"error_shop": {"http_status_code": 503, "http_body": "down"}}, completed=False),
    Ask("/errors/code", b"", status=503, **PASSED),
    Ask("/slow", b"", status=500, **PASSED),
    Ask("/filtered?a=1&b=2", {"call": {"method": "POST", "query": "a=1"}}, headers={"Authorization": "x"}),
]
OLD_ASKS = [
    Ask("/products?page=2", b'{"products":[1,{"two":2.5}]}'),
    Ask("/products/7?page=2&x=1", {"target": "/echo/products/7?page=2"}, headers={"X-Request-Id": "r"}),
    Ask("/products", {"body": '{"p":1}', "method": "POST"}, **POSTS),
    Ask("/users/me", b'{"address":{"city":"c"},"name":"n"}'),
    Ask("/users/you", b'{"user":{"name":"n"}}'),
    Ask("/page", b'{"user":{"name":"n"}}', completed=False),
    Ask("/orders/1/customer", {"customer": {"path": "/echo/customers/c-7"}}),
    Ask("/static", b'{"sorry":true}', completed=False),
    Ask("/flat", b'{"items":[{"sku":"a"},{"sku":"b"}],"tags":["x","y"]}'),
    Ask("/errors/details", {"error_shop": {"http_status_code": 503}}, completed=False),
    Ask("/teapot", b"short", status=418, content_type="text/tea", completed=False),
    Ask("/order.xml", b"<customer>c-7</customer>", content_type="application/xml"),
]


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedBackend]:
    with scripted_backend(SCRIPT) as running:
        yield running


def started(file: Path) -> Callable[..., Iterator[Gateway]]:
    @pytest.fixture(scope="module")
    def running(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedBackend) -> Iterator[Gateway]:
        path = tmp_path_factory.mktemp("whole") / file.name
        path.write_text(file.read_text().replace("127.0.0.1:9000", upstream.authority))
        with gateway(path) as process:
            yield process

    return running


shop, old_shop = started(NEW), started(OLD)


def agrees(expected: Any, actual: Any) -> bool:
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(name in actual and agrees(value, actual[name]) for name, value in expected.items())
    return bool(expected == actual)


def fault_of(ask: Ask, connection: http.client.HTTPConnection) -> str:
    """What is wrong with the answer, "" if nothing."""
    connection.request(ask.method, ask.path, ask.sends, {"Origin": ORIGIN, **ask.headers})
    response = connection.getresponse()
    body = response.read()
    if response.status != ask.status:
        return f"status {response.status} {body[:200]!r}"
    if body != ask.body if isinstance(ask.body, bytes) else not agrees(ask.body, json.loads(body)):
        return f"body {body[:500]!r}"
    if response.headers.get_all("X-Krakend-Completed") != ["true" if ask.completed else "false"]:
        return "X-Krakend-Completed"
    if ask.content_type is not None and response.headers["Content-Type"] != ask.content_type:
        return f"Content-Type {response.headers['Content-Type']}"
    if response.headers.get_all("Access-Control-Allow-Origin") != [ORIGIN]:
        return "Access-Control-Allow-Origin"
    return ""


def check(process: Gateway, ask: Ask) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=20)
    try:
        assert fault_of(ask, connection) == ""
    finally:
        connection.close()


@pytest.mark.parametrize("file", [NEW, OLD], ids=lambda file: file.stem)
def test_the_files_have_neither_errors_nor_warnings(file: Path) -> None:
    loaded = load_file(str(file), environ={})
    found = [(str(diagnostic.severity), diagnostic.code) for diagnostic in loaded.diagnostics]
    assert loaded.config is not None
    assert [code for severity, code in found if severity != Severity.NOTE] == []
    assert ("note", "COR403") in found  # `*` forwards Origin


def test_every_endpoint_of_the_files_is_asked() -> None:
    assert len(json.loads(NEW.read_text())["endpoints"]) == len(ASKS) == 40
    assert len(json.loads(OLD.read_text())["endpoints"]) == len(OLD_ASKS) == 12


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: f"{ask.method} {ask.path}")
def test_every_endpoint_of_the_file_of_forty_answers(shop: Gateway, ask: Ask) -> None:
    check(shop, ask)


@pytest.mark.parametrize("ask", OLD_ASKS, ids=lambda ask: f"{ask.method} {ask.path}")
def test_every_endpoint_of_the_version_2_file_answers(old_shop: Gateway, ask: Ask) -> None:
    check(old_shop, ask)


def test_what_the_file_says_of_errors_and_options_is_obeyed(shop: Gateway) -> None:
    status, headers, body = shop.ask("GET", "/nowhere", {"Origin": "https://eu.shop.example"})
    assert (status, body) == (404, b'{"error":"no such thing"}')
    assert headers["Access-Control-Allow-Origin"] == "https://eu.shop.example"
    status, headers, body = shop.ask("DELETE", "/orders")
    assert (status, body) == (405, b'{"error":"not like that"}')
    status, headers, _ = shop.ask("OPTIONS", "/products/7")
    assert (status, headers["Allow"]) == (200, "DELETE, GET, PATCH, PUT")
    assert shop.ask("GET", "/__debug/")[2] == b'{"message":"pong"}'


def test_under_load_every_answer_is_right_and_none_is_lost(shop: Gateway) -> None:
    asks = [ask for ask in ASKS if ask.path != "/slow"]
    faults: list[str] = []
    answered = [0] * CONNECTIONS

    def client(number: int) -> None:
        chance = random.Random(number)
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)
        try:
            for _ in range(REQUESTS // CONNECTIONS):
                ask = chance.choice(asks)
                fault = fault_of(ask, connection)
                if fault:
                    faults.append(f"{ask.method} {ask.path}: {fault}")
                answered[number] += 1
        except (OSError, http.client.HTTPException) as error:
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(answered) == REQUESTS
