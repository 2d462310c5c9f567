"""`X-Crossgate-Reason` is the gateway's own: no backend gives it, no cache keeps it, and only who may see it does."""

import contextlib
import json
import socket
from collections.abc import Iterator
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import PATIENCE_SECONDS, Gateway, gateway
from tests.support.scripted_backend import ScriptedBackend, scripted_backend

TOKEN = "a token for those who may see reasons"
SHOWN, TOLD = "X-Crossgate-Reason", "X-Crossgate-Explain"
PAGE, STRANGER = "https://app.example", "https://evil.example"
FAKE = {SHOWN: "route.none", "x-crossgate-reason": "token.expired", "Cache-Control": "max-age=600", "X-Kept": "yes"}
SCRIPT: dict[str, Any] = {
    "/fake": {"headers": FAKE, "json": {"a": 1}},
    "/fake-error": {"status": 404, "reason": "Not Found", "headers": FAKE, "body": "the backend's"},
}


def configuration(backend: str, **explain: Any) -> dict[str, Any]:
    def passing(path: str, target: str, **backend: Any) -> dict[str, Any]:
        own = {"url_pattern": target, "encoding": "no-op", **backend}
        return {"endpoint": path, "output_encoding": "no-op", "input_headers": ["*"], "backend": [own]}

    lua = {"extra_config": {"modifier/lua-proxy": {"post": f"response.load():headers('{SHOWN}', 'route.none')"}}}
    return {
        "version": 3,
        "host": [f"http://{backend}"],
        "extra_config": {
            "crossgate/explain": explain,
            "crossgate/log": {"access": "json", "file": "access.log"},
            "security/cors": {"allow_origins": [PAGE], "allow_methods": ["GET"], "allow_headers": ["X-Other"]},
        },
        "endpoints": [
            passing("/fake", "/fake"),
            passing("/fake-error", "/fake-error"),
            passing("/cached", "/fake", extra_config={"qos/http-cache": {}}),
            {**passing("/script", "/fake"), **lua},
            {"endpoint": "/data", "input_headers": [TOLD, "X-Other"], "backend": [{"url_pattern": "/fake"}]},
            passing("/echo", "/echo"),
        ],
    }


def ask(running: Gateway, path: str, method: str = "GET", **fields: str) -> tuple[int, HTTPMessage, bytes]:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *lines, "Connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", running.port), PATIENCE_SECONDS) as connection:
        connection.sendall(head.encode())
        response = HTTPResponse(connection, method=method)
        response.begin()
        return response.status, response.headers, response.read()


def with_token(**fields: str) -> dict[str, str]:
    return {TOLD.replace("-", "_"): TOKEN, **fields}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reasons")


@pytest.fixture(scope="module")
def both(folder: Path) -> Iterator[tuple[Gateway, Gateway, ScriptedBackend]]:
    """A gateway that shows reasons to who has the token, one that shows them to nobody, and their backend."""
    (folder / "token").write_text(TOKEN)
    with scripted_backend(SCRIPT) as behind, contextlib.ExitStack() as stack:
        running = []
        for name, explain in (("shows", {"token_file": str(folder / "token")}), ("hides", None)):
            tree = configuration(behind.authority, **(explain or {}))
            tree["extra_config"]["crossgate/log"]["file"] = str(folder / f"{name}.log")
            if explain is None:
                del tree["extra_config"]["crossgate/explain"]
            (folder / f"{name}.json").write_text(json.dumps(tree))
            running.append(stack.enter_context(gateway(folder / f"{name}.json")))
        yield running[0], running[1], behind


@pytest.mark.parametrize("path", ["/fake", "/fake-error", "/cached", "/script"])
@pytest.mark.parametrize("shown", [{}, with_token()])
def test_what_a_backend_a_cache_or_a_script_says_is_no_reason(both, path, shown):
    for running in both[:2]:
        status, fields, _ = ask(running, path, **shown)
        assert (status, fields.get_all(SHOWN)) == (404 if path == "/fake-error" else 200, None)
        if path != "/script":
            assert fields["X-Kept"] == "yes"


def test_only_the_token_shows_a_reason_and_no_cache_may_keep_the_answer(both):
    shows, hides, _ = both
    _, fields, _ = ask(shows, "/nowhere", **with_token())
    assert (fields.get_all(SHOWN), fields.get_all("Cache-Control")) == (["route.none"], ["no-store"])
    for running, sent in ((shows, {}), (shows, {"X_Crossgate_Explain": TOKEN[:-1]}), (hides, with_token())):
        _, fields, _ = ask(running, "/nowhere", **sent)
        assert (fields.get_all(SHOWN), fields.get_all("Cache-Control")) == (None, None)


def test_the_gateway_s_cache_keeps_the_answer_but_not_the_reason_why_a_page_may_not_read_it(both):
    shows, _, _behind = both
    for shown in (with_token(Origin=STRANGER), {}, {"Origin": STRANGER}, {"Origin": PAGE}, with_token()):
        _, fields, _ = ask(shows, "/cached", **shown)
        is_told = shown == with_token(Origin=STRANGER)
        assert fields.get_all(SHOWN) == (["cors.origin-not-listed"] if is_told else None)
        assert "no-store" in ", ".join(fields.get_all("Cache-Control", [])) or not is_told


@pytest.mark.parametrize("path", ["/echo", "/data"])
def test_no_backend_gets_the_token(both, path):
    shows, hides, behind = both
    for running in (shows, hides):
        behind.forget()
        ask(running, path, **with_token(X_Other="1"))
        (received,) = behind.received
        names = {name.lower() for name, _ in received.fields}
        assert "x-other" in names
        assert TOLD.lower() not in names


def test_a_page_needs_leave_to_send_the_token_and_to_read_the_reason(both):
    shows, _, _ = both
    asking = {"Origin": PAGE, "Access_Control_Request_Method": "GET"}
    _, fields, _ = ask(shows, "/echo", "OPTIONS", **asking, Access_Control_Request_Headers="x-other")
    assert "x-other" in fields["Access-Control-Allow-Headers"].lower()
    _, fields, _ = ask(shows, "/echo", "OPTIONS", **asking, Access_Control_Request_Headers="x-crossgate-explain")
    assert TOLD.lower() not in fields.get("Access-Control-Allow-Headers", "").lower()
    _, fields, _ = ask(shows, "/nowhere", **with_token(Origin=PAGE))
    assert fields[SHOWN] == "route.none"
    assert SHOWN.lower() not in fields.get("Access-Control-Expose-Headers", "").lower()


def test_the_token_is_in_no_log(both, folder):
    shows, _, _ = both
    ask(shows, "/nowhere", **with_token())
    assert shows.stop() == 0
    assert TOKEN not in "".join(shows.log)
    text = (folder / "shows.log").read_text()
    assert "route.none" in text
    assert TOKEN not in text
