"""Logs of a running gateway: where they go, what stands in them, whom an id of a request reaches."""

import json
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import PATIENCE_SECONDS, Gateway, backend, gateway, run_and_fail

SECRET = "s3cret"
BACKEND = {"output_encoding": "no-op", "input_headers": ["Content-Type"]}


def write(folder: Path, host: str, **extra: object) -> Path:
    path = folder / "krakend.json"
    configuration = {
        "version": 3,
        "host": [host],
        "extra_config": {"security/cors": {"allow_origins": ["https://a.example"]}, **extra},
        "endpoints": [{"endpoint": "/users/{id}", **BACKEND, "backend": [{"url_pattern": "/u", "encoding": "no-op"}]}],
    }
    path.write_text(json.dumps(configuration))
    return path


def lines_once(path: Path, count: int) -> list[str]:
    """The file's lines, once there are so many."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        lines = path.read_text().splitlines() if path.exists() else []
        if len(lines) >= count or time.monotonic() > end:
            return lines
        time.sleep(0.01)


def ask(running: Gateway, number: int, **headers: str) -> dict[str, str]:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    _, answered, _ = running.ask("GET", f"/users/{number}?token={SECRET}&a=1", fields)
    return dict(answered)


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_sigusr1_goes_on_in_a_new_file_in_every_process(tmp_path: Path, workers: tuple[str, ...]) -> None:
    log, moved = tmp_path / "access.log", tmp_path / "access.log.1"
    with (
        backend() as upstream,
        gateway(
            write(tmp_path, upstream.url, **{"crossgate/log": {"access": "json", "file": str(log)}}), *workers
        ) as running,
    ):
        for number in range(20):
            ask(running, number, Authorization=f"Bearer {SECRET}", Cookie=SECRET, Origin="https://a.example")
        first = lines_once(log, 20)
        log.rename(moved)
        running.process.send_signal(signal.SIGUSR1)
        second: list[str] = []
        end = time.monotonic() + PATIENCE_SECONDS
        while len(second) < 20 and time.monotonic() < end:
            ask(running, 99)
            second = log.read_text().splitlines() if log.exists() else []
        assert running.stop() == 0

    assert len(first) == 20
    assert len(second) >= 20
    assert SECRET not in moved.read_text() + log.read_text()
    members = [json.loads(line) for line in first]
    assert {each["route"] for each in members} == {"/users/{id}"}
    assert {(each["cors"], each["cors_reason"]) for each in members} == {("actual-allowed", "origin-listed")}
    assert {each["query"] for each in members} == {"token=***&a=1"}
    assert all(each["upstream_ms"] > 0 and each["duration_ms"] >= each["upstream_ms"] for each in members)


def test_an_id_of_a_request_is_taken_or_made_passed_on_returned_and_logged(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    own = {"access": "{request_id} {path}", "file": str(log)}
    with backend() as upstream, gateway(write(tmp_path, upstream.url, **{"crossgate/log": own})) as running:
        given = running.ask("GET", "/users/1", {"X-Request-Id": "mine-1"})
        made = running.ask("GET", "/users/2")
        unusable = running.ask("GET", "/users/3", {"X-Request-Id": 'a"b c'})
        missed = running.ask("GET", "/nowhere", {"X-Request-Id": "mine-4"})
        running.stop()

    assert given[1].get_all("X-Request-Id") == ["mine-1"]
    assert missed[1]["X-Request-Id"] == "mine-4"
    ids = ["mine-1", made[1]["X-Request-Id"], unusable[1]["X-Request-Id"], "mine-4"]
    assert len(set(ids)) == 4
    assert all(len(each) == 32 for each in ids[1:3])
    assert log.read_text() == "".join(
        f"{each} {path}\n" for each, path in zip(ids, ["/users/1", "/users/2", "/users/3", "/nowhere"], strict=True)
    )
    for (_, _, body), each in zip((given, made, unusable), ids, strict=False):
        sent = {name.lower(): value for name, value in json.loads(body)["headers"].items()}
        assert sent["x-request-id"] in (each, [each])


def test_without_crossgate_log_there_is_no_id(tmp_path: Path) -> None:
    with backend() as upstream, gateway(write(tmp_path, upstream.url)) as running:
        _, answered, body = running.ask("GET", "/users/1")
        running.stop()
    assert answered["X-Request-Id"] is None
    assert b"request-id" not in body.lower()


def test_graylog_gets_the_access_log_and_the_gateways_own_lines(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as graylog:
        graylog.bind(("127.0.0.1", 0))
        graylog.settimeout(PATIENCE_SECONDS)
        address = f"127.0.0.1:{graylog.getsockname()[1]}"
        path = write(tmp_path, "http://127.0.0.1:9999", **{"telemetry/gelf": {"address": address, "enable_tcp": False}})
        with gateway(path) as running:
            running.ask("GET", "/nowhere")
            messages = []
            while not any("/nowhere" in each["short_message"] for each in messages):
                messages.append(json.loads(graylog.recv(65_536)))
            running.stop()
    assert any("listens on" in each["short_message"] for each in messages)
    assert {each["version"] for each in messages} == {"1.1"}
    assert {each["host"] for each in messages} == {os.uname().nodename}


def test_a_file_that_cannot_be_opened_prevents_the_start(tmp_path: Path) -> None:
    path = write(tmp_path, "http://127.0.0.1:9999", **{"crossgate/log": {"file": str(tmp_path / "none" / "a.log")}})
    code, said = run_and_fail(path)
    assert code == 1
    assert "a.log" in said
    assert "Traceback" not in said


def is_blocked(pid: int, number: signal.Signals) -> bool:
    """Whether a process has that signal wait."""
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(re.search(r"(?m)^SigBlk:\s*(\w+)", status)[1], 16) >> (number - 1) & 1)  # type: ignore[index]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it says which signals wait only there")
@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_a_rotation_before_the_gateway_serves_does_not_end_it(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """It reads its configuration from standard input, and so waits until that ends."""
    configuration = write(tmp_path, "http://127.0.0.1:9999").read_text()
    process = subprocess.Popen(
        [sys.executable, "-m", "crossgate.cli.main", "run", "-c", "-", "-p", "0", *workers],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    running = Gateway(process)
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_blocked(process.pid, signal.SIGUSR1):
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGHUP)
        process.stdin.write(configuration)
        process.stdin.close()
        running.wait_until_ready()
        assert running.ask("GET", "/nowhere")[0] == 404
        assert running.stop() == 0
    finally:
        running.close()


def test_graylog_over_tcp_gets_whole_messages_and_may_come_back(tmp_path: Path) -> None:
    with Graylog() as graylog:
        gelf = {"address": f"127.0.0.1:{graylog.port}", "enable_tcp": True}
        path = write(tmp_path, "http://127.0.0.1:9999", **{"telemetry/gelf": gelf})
        with gateway(path) as running:
            running.ask("GET", "/nowhere")
            graylog.until("listens on")
            graylog.until("/nowhere")
            graylog.drop()
            while not graylog.has("/again"):  # what is written to a connection that has ended is lost
                running.ask("GET", "/again")
            running.stop()
        assert {each["version"] for each in graylog.messages} == {"1.1"}


class Graylog(socketserver.ThreadingTCPServer):
    """An input over TCP: messages that end in a NUL, on any number of connections."""

    daemon_threads = True

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._connections: list[socket.socket] = []
        graylog = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                graylog._connections.append(self.request)
                rest = b""
                while data := self.request.recv(65_536):
                    *whole, rest = (rest + data).split(b"\0")
                    with graylog._changed:
                        graylog.messages += map(json.loads, whole)
                        graylog._changed.notify_all()

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def has(self, text: str) -> bool:
        return any(text in each["short_message"] for each in self.messages)

    def until(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.has(text), PATIENCE_SECONDS), self.messages

    def drop(self) -> None:
        for connection in self._connections:
            connection.shutdown(socket.SHUT_RDWR)

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


def test_a_reader_of_standard_output_that_does_not_read_holds_nothing_up(tmp_path: Path) -> None:
    end, stdout = os.pipe()
    with backend() as upstream:
        path = write(tmp_path, upstream.url, **{"crossgate/log": {"access": "json"}})
        with gateway(path, stdout=stdout) as running:
            os.close(stdout)
            for number in range(60):
                ask(running, number, User_Agent="a" * 5000)
            assert running.stop() == 0  # with 300 kB of lines where 64 find room
    os.close(end)
