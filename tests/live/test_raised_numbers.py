"""Numbers that a request exceeded, raised as `crossgate explain` says: it passes once the gateway has reloaded."""

import argparse
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.config.setting import Setting, written
from crossgate.config.source import parse
from crossgate.explain.explainer import Explainer
from tests.support.process import PATIENCE_SECONDS, Gateway, gateway
from tests.support.raw_answer import answer_to
from tests.support.scripted_backend import scripted_backend
from tests.support.waiting import wait_until

PARSER = argparse.ArgumentParser()
add_request_arguments(PARSER)
HOUR = {"every": "1h"}
ROUTER, PROXY, BREAKER, KEYS = "qos/ratelimit/router", "qos/ratelimit/proxy", "qos/circuit-breaker", "auth/api-keys"
SERVER = {"max_body_bytes": 900, "max_target_bytes": 120, "max_head_bytes": 700, "max_headers": 9}


class Exceeding(NamedTuple):
    """A request that is refused once it was sent `before` times; `then` is what becomes of it after the change."""

    code: str
    target: str
    before: int = 0
    fields: tuple[str, ...] = ()
    body: str = ""
    then: tuple[int, str | None] = (200, None)

    def rendered(self, request_id: str) -> bytes:
        lines = ["Host: localhost", *self.fields, f"Content-Length: {len(self.body)}", "Connection: close"]
        method = "POST" if self.body else "GET"
        head = [f"{method} {self.target} HTTP/1.1", *lines, *([f"X-Request-Id: {request_id}"] if request_id else [])]
        return ("\r\n".join([*head, "", ""]) + self.body).encode()


IN_LOG = [
    Exceeding("limit.total", "/total", 3),
    Exceeding("limit.client", "/client", 2, ("X-Client: me",)),
    Exceeding("limit.backend", "/spared", 2),
    Exceeding("breaker.open", "/broken", 3, then=(500, "upstream.status")),
    Exceeding("request.target-too-long", f"/plain?{'a' * 150}"),
]
ONLY_IN_3 = [
    Exceeding("limit.key", "/key", 2, ("Authorization: Bearer mine",)),
    Exceeding("limit.total", "/by-default", 1),
    Exceeding("limit.client", "/client-by-default", 1, ("X-Client: me",)),
]
BY_SIZE = [
    Exceeding("request.body-too-large", "/stored", body="x" * 1000),
    Exceeding("request.head-too-large", "/plain", fields=(f"X-Long: {'x' * 800}",)),
    Exceeding("request.head-too-large", "/plain", fields=tuple(f"X-{number}: 1" for number in range(10))),
]
"""A log has neither the body nor the fields that a number would come of."""


def limit(rate: int, capacity: int | None, *, of_clients: bool = False, version: int = 3) -> dict[str, Any]:
    """A limit that lets through so many at once, by the names of its version."""
    if version == 2:
        rate_key = "clientMaxRate" if of_clients else "maxRate"
        found: dict[str, Any] = {rate_key: rate}
    else:
        prefix = "client_" if of_clients else ""
        found = {f"{prefix}max_rate": rate, **HOUR, **({} if capacity is None else {f"{prefix}capacity": capacity})}
    return {**found, **({"strategy": "header", "key": "X-Client"} if of_clients else {})}


def configuration(backend: str, version: int) -> dict[str, Any]:
    names = {
        ROUTER: "github.com/devopsfaith/krakend-ratelimit/juju/router",
        PROXY: "github.com/devopsfaith/krakend-ratelimit/juju/proxy",
        BREAKER: "github.com/devopsfaith/krakend-circuitbreaker/gobreaker",
    }

    def endpoint(path: str, extra: Any = None, behind: Any = None, pattern: str = "/ok", **more: Any) -> dict[str, Any]:
        old = {name: names[name] if version == 2 else name for name in names}
        own = {old.get(name, name): value for name, value in (extra or {}).items()}
        backend = {old.get(name, name): value for name, value in (behind or {}).items()}
        return {
            "endpoint": path, "extra_config": own,
            "backend": [{"url_pattern": pattern, "extra_config": backend}], **more,
        }  # fmt: skip

    found = [
        endpoint("/total", {ROUTER: limit(3, 3, version=version)}),
        endpoint("/client", {ROUTER: limit(2, 2, of_clients=True, version=version)}),
        endpoint("/spared", behind={PROXY: {"max_rate" if version == 3 else "maxRate": 2, "capacity": 2, **HOUR}}),
        endpoint(
            "/broken",
            behind={BREAKER: {"interval": 60, "timeout": 3600, "max_errors" if version == 3 else "maxErrors": 2}},
            pattern="/fails",
        ),
        endpoint("/plain"),
        endpoint("/stored", method="POST"),
    ]
    if version == 3:
        found += [
            endpoint("/key", {KEYS: {"client_max_rate": 2}}),
            endpoint("/by-default", {ROUTER: limit(100, None)}),
            endpoint("/client-by-default", {ROUTER: {**limit(9, None, of_clients=True), "every": "1s"}}),
        ]
    service = {
        "crossgate/log": {"access": "json", "file": "access.log"},
        "crossgate/explain": {"loopback_only": True},
        "crossgate/server": SERVER,
        **({KEYS: {"keys": [{"key": "mine"}]}} if version == 3 else {}),
    }
    return {"version": version, "host": [f"http://{backend}"], "extra_config": service, "endpoints": found}


def ask(running: Gateway, one: Exceeding, request_id: str = "") -> tuple[int, str | None]:
    """What the last of its requests gets."""
    answer: tuple[int, str | None] = (0, None)
    for number in range(one.before + 1):
        request = one.rendered(request_id if number == one.before else "")
        with socket.create_connection(("127.0.0.1", running.port), PATIENCE_SECONDS) as connection:
            connection.sendall(request)
            answer = answer_to(request, connection)
    return answer


@pytest.mark.parametrize("version", [3, 2])
def test_numbers_are_raised_so_that_the_request_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "krakend.json"
    all_of_them = [*IN_LOG, *BY_SIZE, *(ONLY_IN_3 if version == 3 else [])]
    with scripted_backend({"/ok": {"json": {"a": 1}}, "/fails": {"status": 500, "body": "no"}}) as behind:
        path.write_text(json.dumps(configuration(behind.authority, version), indent=2))
        with gateway(path) as running:
            for number, one in enumerate(all_of_them):
                assert ask(running, one, f"request-{number}")[1] == one.code
            last, log = f"request-{len(all_of_them) - 1}", tmp_path / "access.log"
            wait_until(lambda: last in log.read_text())
            changes = settings_for(all_of_them)
            for setting in changes:
                text = written(parse(path.read_bytes(), name="krakend.json"), setting)
                assert text is not None
                path.write_text(text)
            running.process.send_signal(signal.SIGHUP)
            running.wait_for_log("reloaded: ")
            after = [(one.code, one.target, ask(running, one)) for one in all_of_them]
    assert after == [(one.code, one.target, one.then) for one in all_of_them]


def settings_for(all_of_them: list[Exceeding]) -> list[Setting]:
    """What explanations of the log's lines, or of the requests themselves, say."""
    loaded = load_file("krakend.json", environ=os.environ, serving=False, components=all_components())
    assert loaded.config is not None
    assert loaded.document is not None
    found = []
    with Explainer(loaded, loaded.config, loaded.document, all_components(), os.environ, time.time()) as explainer:
        for number, one in enumerate(all_of_them):
            options = ["--request-id", f"request-{number}", "--log", "access.log"]
            if one in BY_SIZE:
                options = ["--url", f"http://localhost{one.target}", *(f"-H{field}" for field in one.fields)]
                options += [f"-d{one.body}"] if one.body else []
            (asked,) = read_requests(PARSER.parse_args(options), base_url="http://localhost")
            explanation = explainer.explain(asked)
            assert explanation.reason == one.code
            assert explanation.change is not None
            assert explanation.change.setting is not None, explanation.change.text
            assert str(explanation.change.setting.value) in explanation.change.text
            found.append(explanation.change.setting)
    return found
