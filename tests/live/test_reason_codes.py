"""Every reason code, brought about by a client: the log, the response field and the metric of a gateway that runs."""

import contextlib
import json
import re
import select
import socket
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path

import pytest

from crossgate.components.all_reasons import all_reasons
from tests.support.children import free_port
from tests.support.metrics import samples
from tests.support.process import PATIENCE_SECONDS, Gateway, gateway
from tests.support.refusals import (
    REVOKERS_TOKEN,
    SCRIPT,
    Places,
    Situation,
    asked,
    configurations,
    situations,
)
from tests.support.scripted_backend import ScriptedBackend, dead_authority, scripted_backend

SITUATIONS = situations()
OWN_COMPONENT = {"PYTHONPATH": str(Path(__file__).parents[1] / "data/own_component")}
NAMES = list(dict.fromkeys(one.config for one in SITUATIONS))


def ask(port: int, request: bytes, client: str = "reads") -> tuple[int, str | None]:
    """Status, and the code that the response shows; 0 where there is none."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        match client:
            case "leaves":
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(1) == b""
            case "does not read":
                await_reset(connection)
            case "is cut off":
                with pytest.raises((OSError, HTTPException)):
                    answer_to(request, connection)
            case _:
                return answer_to(request, connection)
        return 0, None


def await_reset(connection: socket.socket) -> None:
    """Until the other side has cut the connection off; nothing is read."""
    events = select.poll()
    events.register(connection, 0)  # errors are told of anyway
    assert events.poll(PATIENCE_SECONDS * 1000)


def answer_to(request: bytes, connection: socket.socket) -> tuple[int, str | None]:
    response = HTTPResponse(connection, method=request.partition(b" ")[0].decode())
    response.begin()
    response.read()
    return response.status, response.headers["X-Crossgate-Reason"]


def ask_in_a_crowd(port: int, one: Situation, holding: contextlib.ExitStack) -> tuple[int, str | None]:
    """The answer that the situation is about, once one of its many requests has it; the others are held."""
    crowd = [
        holding.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)) for _ in range(one.crowd)
    ]
    for connection in crowd:
        connection.sendall(one.request)
    seen: list[tuple[int, str | None]] = []
    while (one.status, one.code) not in seen:
        answered, _, _ = select.select(crowd, [], [], PATIENCE_SECONDS)
        assert answered, (one.code, seen)
        crowd.remove(answered[0])
        seen.append(answer_to(one.request, answered[0]))
    return seen[-1]


def pipelined(port: int, *requests: bytes) -> bytes:
    """All that comes back when the requests are sent at once on one connection, which the last one closes."""
    head = b"".join(request.replace(b"Connection: close\r\n", b"") for request in requests[:-1])
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        connection.sendall(head + requests[-1])
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def revoke(place: str) -> None:
    body = json.dumps({"key": "jti", "value": "revoked"}).encode()
    fields = {"Authorization": f"Bearer {REVOKERS_TOKEN}"}
    with urllib.request.urlopen(urllib.request.Request(f"http://{place}/revocations", body, fields)) as response:
        assert response.status == 204


class Run:
    """What became of the situations of one configuration: answers in order, then metrics and log."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[Situation | None] = []  # as the log has them: None of what came before one
        self.answers: list[tuple[int, str | None]] = []
        self.log: list[tuple[int, str]] = []
        self.counted: set[str] = set()
        self.passing: list[tuple[int, str | None]] = []
        self.pipelined = b""

    def go(self, running: Gateway, behind: ScriptedBackend, holding: contextlib.ExitStack) -> None:
        for situation in SITUATIONS:
            if situation.config != self.name:
                continue
            for request in situation.before:
                ask(running.port, request)
                self.asked.append(None)
            for request in situation.holds:
                self.hold(request, running, behind, holding)
            if situation.crowd:
                self.answers.append(ask_in_a_crowd(running.port, situation, holding))
            else:
                self.answers.append(ask(running.port, situation.request, situation.client))
            self.asked.append(situation)
        if self.name == "main":
            self.passing = [ask(running.port, asked(path)) for path in ("/plain", "/partly")]
            self.pipelined = pipelined(running.port, asked("/fails"), asked("/nowhere"), asked("/plain"))

    def hold(self, request: bytes, running: Gateway, behind: ScriptedBackend, holding: contextlib.ExitStack) -> None:
        """Have it at the backend, which does not answer; where it is answered before it gets there, once more."""
        behind.forget()
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            connection = holding.enter_context(socket.create_connection(("127.0.0.1", running.port), PATIENCE_SECONDS))
            connection.sendall(request)
            while not select.select([connection], [], [], 0)[0]:
                if behind.wait_for(1, 0.01):
                    return
                assert time.monotonic() < end, request
            answer_to(request, connection)
            connection.close()
            self.asked.append(None)
            assert time.monotonic() < end, request


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    folder: Path = tmp_path_factory.mktemp("refusals")
    found = {name: Run(name) for name in NAMES}
    metrics = {name: f"127.0.0.1:{free_port()}" for name in NAMES}
    with scripted_backend(SCRIPT) as behind, contextlib.ExitStack() as stack:
        places = Places(behind.authority, dead_authority(), f"127.0.0.1:{free_port()}", metrics)
        for name, text in configurations(folder, places).items():
            file = folder / f"{name}.json"
            file.write_text(text)
            running = stack.enter_context(gateway(file, "--allow-unsupported", environ=OWN_COMPONENT))
            if name == "main":
                revoke(places.revoker)
            with contextlib.ExitStack() as holding:
                found[name].go(running, behind, holding)
                with urllib.request.urlopen(f"http://{metrics[name]}/metrics") as response:
                    numbers = samples(response.read().decode())
            running.stop()
            lines = [json.loads(line) for line in (folder / f"{name}.log").read_text().splitlines()]
            found[name].log = [(line["status"], line["reason"]) for line in lines]
            found[name].counted = {
                match[1]
                for (metric, labels) in numbers
                if metric == "crossgate_refusals_total" and (match := re.search(r'reason="([^"]*)"', labels))
            }
        yield found


def test_each_code_has_a_situation():
    assert {situation.code for situation in SITUATIONS} == all_reasons().keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_response_says_status_and_code(runs: dict[str, Run], name: str):
    expected = [one for one in SITUATIONS if one.config == name]
    wrong = [
        (one.code, one.status, answer, one.request[:60])
        for one, answer in zip(expected, runs[name].answers, strict=True)
        if answer != ((one.status, one.code) if one.client == "reads" else (0, None))
    ]
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", NAMES)
def test_the_log_says_status_and_code_of_every_request(runs: dict[str, Run], name: str):
    run = runs[name]
    wrong = [
        (situation.code, line, situation.request[:60])
        for number, (situation, line) in enumerate(zip(run.asked, run.log[: len(run.asked)], strict=True))
        if situation is not None
        and (situation.status, situation.code) not in (run.log[number:] if situation.crowd else [line])
    ]
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", NAMES)
def test_the_metric_counts_every_code(runs: dict[str, Run], name: str):
    codes = {one.code for one in SITUATIONS if one.config == name}
    assert sorted(codes - runs[name].counted) == []


def test_what_is_answered_has_none_not_even_where_a_part_is_missing(runs: dict[str, Run]):
    assert runs["main"].passing == [(200, None), (200, None)]


def test_each_of_several_requests_that_come_at_once_has_its_own(runs: dict[str, Run]):
    shown = re.findall(rb"HTTP/1.1 (\d+)|X-Crossgate-Reason: (\S+)", runs["main"].pipelined)
    found = [status or code for status, code in shown]
    assert found == [b"500", b"upstream.status", b"404", b"route.none", b"200"]
