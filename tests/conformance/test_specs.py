"""Runs `specs/*.json` against a real gateway process and a scripted backend.

A file has one configuration, and thus one process: `config`, perhaps `backend` (a script, see
`tests/support/scripted_backend.py`; anything else is answered with what was received), `arguments` and `environ` of the
gateway, and its `specs`:

    rule      the section of KrakenD's behaviour it shows
    in        method (GET), url, headers ({name: value or [values]}), body, chunked
    out       status; headers ({name: value, [values] or "", which is absence}); and one of
              body | body_matches | json (numbers as written) | json_has (what is named, null for absence)
    received  what the backend got by then, in any order, each named like json_has
    at_most_ms, at_least_ms   how long the answer took
    next      a spec to go on with

`{{backend}}` and `{{dead}}` stand for the backend's address and for one where nobody listens.

`crossgate test tests/conformance/specs` runs the same files without a process or a socket.
"""

import contextlib
import http.client
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import Gateway, gateway
from tests.support.scripted_backend import ScriptedBackend, dead_authority, scripted_backend

SPECS = Path(__file__).parent / "specs"
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(SPECS.glob("*.json"))}
CASES = [
    pytest.param(name, spec, id=f"{name}-{number}-{spec['rule']}")
    for name, content in FILES.items()
    for number, spec in enumerate(content["specs"], 1)
]
RECEIVE_SECONDS = 5.0
KNOWN_KEYS = frozenset(("rule", "in", "out", "received", "at_most_ms", "at_least_ms", "next"))
KNOWN_IN = frozenset(("method", "url", "headers", "body", "chunked"))
KNOWN_OUT = frozenset(("status", "headers", "body", "body_matches", "json", "json_has"))


class Stage:
    """The gateway and the backend of one file; those of the previous one end when another is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._stack = contextlib.ExitStack()
        self.gateway: Gateway
        self.backend: ScriptedBackend
        self._texts: dict[str, str] = {}

    def set_for(self, name: str) -> None:
        if name == self._name:
            return
        self.close()
        content = FILES[name]
        script: dict[str, Any] = {}
        self.backend = self._stack.enter_context(scripted_backend(script))
        self._texts = {"{{backend}}": self.backend.authority, "{{port}}": str(self.backend.port)}
        self._texts["{{dead}}"] = dead_authority()
        script.update(self.filled(content.get("backend", {})))
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(self.filled(content["config"])))
        environ = {"CROSSGATE_ALLOW_UNSUPPORTED": "", **content["environ"]}
        self.gateway = self._stack.enter_context(gateway(path, *content.get("arguments", []), environ=environ))
        self._name = name

    def filled(self, value: Any) -> Any:
        """The same with the addresses in it."""
        text = json.dumps(value)
        for mark, address in self._texts.items():
            text = text.replace(mark, address)
        return json.loads(text)

    def close(self) -> None:
        self._name = ""
        self._stack.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with contextlib.closing(Stage(tmp_path_factory.mktemp("conformance"))) as stage:
        yield stage


def ask(port: int, spec: dict[str, Any]) -> tuple[int, http.client.HTTPMessage, bytes]:
    """The request of a spec, its fields in order and nothing added but Host and the framing."""
    assert spec.keys() <= KNOWN_IN
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {
        name: [values] if isinstance(values, str) else values for name, values in spec.get("headers", {}).items()
    }
    body = spec["body"].encode() if "body" in spec else None
    try:
        connection.putrequest(
            spec.get("method", "GET"), spec["url"], skip_host="Host" in headers, skip_accept_encoding=True
        )
        for name, values in headers.items():
            for value in values:
                connection.putheader(name, value)
        if spec.get("chunked"):
            connection.putheader("Transfer-Encoding", "chunked")
        elif body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body, encode_chunked=spec.get("chunked", False))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def agrees(expected: Any, actual: Any) -> bool:
    """Whether what is named is there, and what is null is not."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(
            name not in actual if value is None else name in actual and agrees(value, actual[name])
            for name, value in expected.items()
        )
    return bool(expected == actual)


def values_with_literals(text: bytes) -> Any:
    """JSON whose numbers keep their text."""
    return json.loads(text, parse_int=lambda text: ("number", text), parse_float=lambda text: ("number", text))


def check_headers(expected: dict[str, Any], actual: http.client.HTTPMessage) -> None:
    for name, value in expected.items():
        lines = actual.get_all(name)
        if value == "":
            assert lines is None, f"{name} should be absent"
        else:
            assert lines == ([value] if isinstance(value, str) else value), name


def check_body(expected: dict[str, Any], body: bytes) -> None:
    if "body" in expected:
        assert body.decode() == expected["body"]
    if expected.get("body_matches"):
        assert re.fullmatch(expected["body_matches"], body.decode()), body
    if "json" in expected:
        assert values_with_literals(body) == values_with_literals(json.dumps(expected["json"]).encode())
    if "json_has" in expected:
        actual = json.loads(body)
        assert agrees(expected["json_has"], actual), actual


def check_received(expected: list[dict[str, Any]], backend: ScriptedBackend) -> None:
    """Where all calls are expected by path, other paths do not count: one that the spec before gave up (concurrent
    calls) may still come in.
    """
    paths = {one.get("path") for one in expected}
    by_path = bool(paths) and None not in paths
    end = time.monotonic() + RECEIVE_SECONDS
    count = len(expected)
    while True:
        received = [one.seen() for one in backend.wait_for(count, max(0.0, end - time.monotonic()))]
        seen = [one for one in received if not by_path or one["path"] in paths]
        if len(seen) >= len(expected) or time.monotonic() >= end:
            break
        count = len(received) + 1
    assert len(seen) == len(expected), seen
    for one in expected:
        match = next((other for other in seen if agrees(one, other)), None)
        assert match is not None, (one, seen)
        seen.remove(match)


@pytest.mark.parametrize(("name", "spec"), CASES)
def test_the_gateway_answers_as_the_rule_says(stage: Stage, name: str, spec: dict[str, Any]) -> None:
    stage.set_for(name)
    following: dict[str, Any] | None = stage.filled(spec)
    while following is not None:
        assert following.keys() <= KNOWN_KEYS
        assert following["out"].keys() <= KNOWN_OUT
        stage.backend.forget()
        started = time.monotonic()
        status, headers, body = ask(stage.gateway.port, following["in"])
        took_ms = 1000 * (time.monotonic() - started)
        expected = following["out"]
        assert status == expected["status"], body
        check_headers(expected.get("headers", {}), headers)
        check_body(expected, body)
        if "received" in following:
            check_received(following["received"], stage.backend)
        assert following.get("at_least_ms", 0) <= took_ms <= following.get("at_most_ms", 20_000)
        following = following.get("next")


def test_there_are_enough_specs_and_each_names_its_rule() -> None:
    assert len(CASES) >= 150
    sections = {re.match(r"§\d\.?\d?", spec["rule"])[0] for content in FILES.values() for spec in content["specs"]}
    assert sections >= {"§3", "§4", "§5.1", "§5.2", "§5.3", "§6.1", "§6.2", "§6.3", "§6.4", "§7", "§8"}
