"""Caches of a running gateway: bodies that break off, changes, ages, fields of connections, origins."""

import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import Gateway, gateway
from tests.support.scripted_backend import Received, ScriptedBackend, scripted_backend

KEPT = b"Date: %b\r\nCache-Control: max-age=3600\r\n" % formatdate(usegmt=True).encode()
DATED_SECONDS = 1000
ORIGINS = ("https://a.example", "https://b.example")


def answer(body: bytes, *lines: bytes, status: bytes = b"200 OK", says: bytes | None = None) -> bytes:
    head = [b"HTTP/1.1 " + status, KEPT.rstrip(), *lines, b"Content-Length: %d" % len(body) if says is None else says]
    return b"\r\n".join([*head, b"Connection: close", b"", body])


def numbered(make: Any) -> Any:
    """A backend's answers by the number of the call, the connection closed behind each."""
    calls = iter(range(1, 1000))

    def reply(received: Received) -> Iterator[bytes]:
        yield make(b"%d" % next(calls), received)

    return reply


def broken_first(first: bytes) -> Any:
    return numbered(lambda number, _: first if number == b"1" else answer(b'{"n":%b}' % number))


def for_one_origin(number: bytes, received: Received) -> bytes:
    [origin] = [value for name, value in received.fields if name == "Origin"] or ["none"]
    return answer(number, b"Access-Control-Allow-Origin: " + origin.encode())


BROKEN = {
    "/short": answer(b'{"n":1}', says=b"Content-Length: 70"),
    "/chunks": answer(b'7\r\n{"n":1}\r\n', says=b"Transfer-Encoding: chunked"),
    "/chunk": answer(b'70\r\n{"n":1}', says=b"Transfer-Encoding: chunked"),
}
FORMS = ("no-op", "json")
SCRIPT = {
    **{f"{path}/{form}": broken_first(first) for path, first in BROKEN.items() for form in FORMS},
    "/items": numbered(lambda number, _: answer(b'{"n":%b}' % number)),
    "/failing": numbered(
        lambda number, received: answer(
            b'{"n":%b}' % number, status=b"409 Conflict" if received.method == "PUT" else b"200 OK"
        )
    ),
    "/old": numbered(
        lambda number, _: answer(number, b"Age: 7").replace(
            KEPT, b"Date: %b\r\nCache-Control: max-age=3600\r\n" % formatdate(time.time() - DATED_SECONDS).encode()
        )
    ),
    "/fields": numbered(
        lambda number, _: answer(
            number, b"Connection: X-Named", b"X-Named: 1", b"Keep-Alive: 5", b"Proxy-Authenticate: Basic", b"X-Mine: 1"
        )
    ),
    "/origin": numbered(for_one_origin),
}


def configuration(authority: str) -> dict[str, Any]:
    def endpoint(path: str, url: str, method: str = "GET", encoding: str = "no-op", *, cached: bool = True) -> Any:
        backend: dict[str, Any] = {"host": [f"http://{authority}"], "url_pattern": url, "encoding": encoding}
        if cached:
            backend["extra_config"] = {"qos/http-cache": {}}
        return {
            "endpoint": path,
            "method": method,
            "output_encoding": encoding,
            "input_headers": ["Origin", "If-None-Match", "X-Evil"],
            "backend": [backend],
        }

    cors = {"security/cors": {"allow_origins": list(ORIGINS)}}
    endpoints = [endpoint(path, path, encoding="json" if path.endswith("json") else "no-op") for path in SCRIPT]
    endpoints += [endpoint(f"/save{path}", path, "PUT", "json", cached=False) for path in ("/items", "/failing")]
    return {"version": 3, "extra_config": cors, "endpoints": endpoints}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, ScriptedBackend]]:
    file = tmp_path_factory.mktemp("caches") / "krakend.json"
    with scripted_backend(SCRIPT) as backend:
        file.write_text(json.dumps(configuration(backend.authority)))
        with gateway(file) as started:
            yield started, backend


Running = tuple[Gateway, ScriptedBackend]


@pytest.mark.parametrize("path", BROKEN)
@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_broke_off_is_given_to_nobody_else(running: Running, path: str, form: str) -> None:
    started, _ = running
    with contextlib.suppress(http.client.HTTPException, ConnectionError):
        status, _, body = started.ask("GET", f"{path}/{form}")
        assert status != 200 or not body.strip().endswith(b"}"), "it is not given as if it were whole"
    assert [started.ask("GET", f"{path}/{form}")[2].strip() for _ in range(2)] == [b'{"n":2}'] * 2


def test_what_another_endpoint_has_changed_is_asked_for_again(running: Running) -> None:  # DEV-CACHE-6
    started, _ = running
    asked = [started.ask("GET", "/items")[2] for _ in range(2)]
    assert started.ask("PUT", "/save/items", body=b"{}")[0] == 200
    asked += [started.ask("GET", "/items")[2] for _ in range(2)]
    assert asked == [b'{"n":1}', b'{"n":1}', b'{"n":3}', b'{"n":3}']


def test_what_failed_has_changed_nothing(running: Running) -> None:
    started, backend = running
    assert started.ask("GET", "/failing")[2] == b'{"n":1}'
    started.ask("PUT", "/save/failing", body=b"{}")
    assert backend.received[-1].method == "PUT"
    assert started.ask("GET", "/failing")[2] == b'{"n":1}'


def test_a_kept_answer_says_its_age_once_and_keeps_its_date(running: Running) -> None:  # DEV-CACHE-5
    started, _ = running
    first, again = [started.ask("GET", "/old") for _ in range(2)]
    assert first[1].get_all("Age") == ["7"]
    assert again[2] == b"1"
    [age] = again[1].get_all("Age", [])
    assert DATED_SECONDS <= int(age) < DATED_SECONDS + 600
    assert again[1].get_all("Date") == first[1].get_all("Date")


def test_fields_of_a_connection_are_not_kept(running: Running) -> None:
    started, _ = running
    for _ in range(2):
        status, headers, body = started.ask("GET", "/fields")
        assert (status, body, headers["X-Mine"]) == (200, b"1", "1")
        assert not {"X-Named", "Keep-Alive", "Proxy-Authenticate"} & set(headers)


def test_no_origin_gets_what_is_for_another(running: Running) -> None:  # DEV-CACHE-1
    started, _ = running
    for origin in (*ORIGINS, *ORIGINS[::-1]):
        for _ in range(2):
            _, headers, _ = started.ask("GET", "/origin", {"Origin": origin})
            assert headers.get_all("Access-Control-Allow-Origin") == [origin]
            assert "Origin" in headers["Vary"]
    _, headers, _ = started.ask("GET", "/origin")
    assert "Access-Control-Allow-Origin" not in headers


def test_no_worker_gives_what_was_changed_through_another(tmp_path: Path) -> None:  # DEV-CACHE-6
    file = tmp_path / "krakend.json"
    with scripted_backend({"/items": numbered(lambda number, _: answer(b'{"n":%b}' % number))}) as backend:
        file.write_text(json.dumps(configuration(backend.authority)))
        with gateway(file, "--workers", "2") as started:
            given = set()
            for _ in range(1000):  # connections go to either
                given.add(started.ask("GET", "/items")[2])
                if len(given) == 2:
                    break
            assert given == {b'{"n":1}', b'{"n":2}'}
            assert started.ask("PUT", "/save/items", body=b"{}")[0] == 200
            assert not given & {started.ask("GET", "/items")[2] for _ in range(40)}
