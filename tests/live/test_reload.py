"""Reloads of real processes, under load: a request never notices, and a mistake in a file never gets in."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.support.children import children, client_ports, free_port, is_alive
from tests.support.load import load
from tests.support.process import PATIENCE_SECONDS, Gateway, backend, gateway
from tests.support.waiting import wait_until

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the children of a process from /proc")
RELOADED, NOT_RELOADED = "INFO reloaded: ", "ERROR not reloaded: "
MODES = pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["alone", "workers"])


def configuration(url, number=0, **keys):
    """Its endpoint /a says the number."""
    endpoint = {
        "endpoint": "/a",
        "backend": [{"url_pattern": "/plain", "allow": ["nothing"]}],
        "extra_config": {"proxy": {"static": {"strategy": "always", "data": {"number": number}}}},
        "timeout": "60s",
    }
    held = {"endpoint": "/held", "output_encoding": "no-op", "timeout": "60s", "backend": [{"url_pattern": "/held"}]}
    return {"version": 3, "listen_ip": "127.0.0.1", "host": [url], "endpoints": [endpoint, held], **keys}


def write(path, content):
    """In the place of what was there, so that nobody reads half of it."""
    text = content if isinstance(content, str) else json.dumps(content)
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def reload(running, line=RELOADED):
    """SIGHUP, and the line that tells of its outcome."""
    before = running.count(line)
    running.process.send_signal(signal.SIGHUP)
    running.wait_for_count(line, before + 1)


def number_of(body):
    return json.loads(body)["number"]


def answers_of(running, asked=10):
    return {number_of(running.ask("GET", "/a")[2]) for _ in range(asked)}


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


@MODES
@linux
def test_a_hundred_reloads_under_load_fail_no_request(tmp_path, arguments):
    path = tmp_path / "krakend.json"
    with backend() as upstream:
        path.write_text(json.dumps(configuration(upstream.url)))
        with gateway(path, *arguments) as running:
            written = {0}

            def is_right(status, body):
                return status == 200 and number_of(body) in written

            with load(running.port, "/a", is_right) as requests:
                for number in range(1, 101):
                    if number % 10 == 0:
                        write(path, '{"version": 3, "endpoints": [}')
                        reload(running, NOT_RELOADED)
                    else:
                        written.add(number)
                        write(path, configuration(upstream.url, number))
                        reload(running)
                    if arguments and number % 9 == 0:
                        os.kill(children(running.process.pid)[number % 2], signal.SIGTERM)
                    requests.wait_for(4)
            assert requests.failed == []
            assert requests.answered >= 400
            assert answers_of(running) == {99}
            assert running.stop() == 0
    assert running.count("Traceback") == 0
    assert running.count(RELOADED) == 90


@linux
def test_killing_a_worker_fails_only_what_was_on_its_connections(tmp_path):
    path = tmp_path / "krakend.json"
    with backend() as upstream:
        path.write_text(json.dumps(configuration(upstream.url)))
        with (
            gateway(path, "--workers", "2") as running,
            load(running.port, "/a", lambda status, _: status == 200, clients=8) as requests,
        ):
            for _ in range(3):
                wait_until(lambda: len(children(running.process.pid)) == 2)
                victim = max(children(running.process.pid), key=lambda pid: len(client_ports(pid, running.port)))
                on_it = client_ports(victim, running.port)
                before = len(requests.failed)
                os.kill(victim, signal.SIGKILL)
                wait_until(lambda: len(set(children(running.process.pid)) - {victim}) == 2)  # noqa: B023 # called now
                requests.wait_for(100)
                failed = requests.failed[before:]
                assert {port for port, _ in failed} <= on_it
                assert len(failed) <= len(on_it)


@MODES
def test_a_request_in_flight_finishes_with_the_configuration_it_began_with(tmp_path, arguments, held):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(configuration(held.url)))
    with gateway(path, *arguments) as running:
        answers = []
        asking = threading.Thread(target=lambda: answers.append(running.ask("GET", "/held")))
        asking.start()
        assert held.reached.acquire(timeout=PATIENCE_SECONDS)
        # Another way of calling backends, so that the connections of before are not needed any more.
        after = configuration("http://127.0.0.1:10", disable_keep_alives=True)
        after["endpoints"] = after["endpoints"][:1]
        write(path, after)
        reload(running)
        assert running.ask("GET", "/held")[0] == 404
        held.let_go.set()
        asking.join(PATIENCE_SECONDS)
        assert (answers[0][0], answers[0][2]) == (200, b"held")


@MODES
def test_a_connection_that_is_kept_has_its_next_request_answered_by_the_new_configuration(tmp_path, arguments):
    path = tmp_path / "krakend.json"
    with backend() as upstream:
        path.write_text(json.dumps(configuration(upstream.url, 1)))
        with gateway(path, *arguments) as running:
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE_SECONDS)
            seen = []
            for number in (1, 2):
                write(path, configuration(upstream.url, number))
                reload(running)
                connection.request("GET", "/a")
                seen.append(number_of(connection.getresponse().read()))
                socket_then = connection.sock
            assert connection.sock is socket_then
            connection.close()
            if not arguments:
                assert seen == [1, 2]
            assert answers_of(running) == {2}


def test_a_file_that_is_wrong_changes_nothing_and_is_told_as_check_tells_it(tmp_path):
    path = tmp_path / "krakend.json"
    with backend() as upstream:
        path.write_text(json.dumps(configuration(upstream.url, 1)))
        with gateway(path, environ={"NO_COLOR": "1"}) as running:
            wrong = configuration(upstream.url, 2, timeout="soon")
            write(path, json.dumps(wrong, indent=1))
            reload(running, NOT_RELOADED)
            checked = subprocess.run(
                [sys.executable, "-m", "crossgate.cli.main", "check", "-c", str(path)],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "NO_COLOR": "1"},
            )
            said = "".join(running.log)
            told = checked.stdout.split("\n\n")[0].strip()
            assert told.startswith("error[")
            assert told in said
            assert answers_of(running) == {1}
            path.unlink()
            reload(running, NOT_RELOADED)
            assert answers_of(running) == {1}
            write(path, configuration(upstream.url, 3))
            reload(running)
            assert answers_of(running) == {3}


@MODES
def test_standard_input_cannot_be_read_again_and_the_gateway_goes_on(arguments):
    text = json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []})
    command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", "-", "-p", "0", *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    running = Gateway(subprocess.Popen(command, text=True, **pipes))
    try:
        running.process.stdin.write(text)
        running.process.stdin.close()
        running.wait_until_ready()
        assert running.ask("GET", "/__health")[0] == 200
        reload(running, NOT_RELOADED)
        assert "standard input cannot be read again" in "".join(running.log)
        assert running.ask("GET", "/__health")[0] == 200
        assert running.stop() == 0
    finally:
        running.close()


def test_connections_to_backends_are_kept_where_nothing_about_them_changed(tmp_path):
    path = tmp_path / "krakend.json"
    connections = set()

    def note(handler):
        connections.add(handler.client_address)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    with backend({"/plain": note}) as upstream:
        path.write_text(json.dumps(configuration(upstream.url, 1)))
        with gateway(path) as running:
            for number in range(2, 6):
                assert answers_of(running, 3) == {number - 1}
                write(path, configuration(upstream.url, number))
                reload(running)
            assert len(connections) == 1
            write(path, configuration(upstream.url, 9, idle_connection_timeout="9s"))
            reload(running)
            assert answers_of(running, 3) == {9}
            assert len(connections) == 2


def test_another_port_is_told_to_need_a_restart_and_all_else_is_taken(tmp_path):
    path = tmp_path / "krakend.json"
    port = free_port()
    before = {"version": 3, "listen_ip": "127.0.0.1", "port": port, "endpoints": []}
    write(path, before)
    command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    running = Gateway(subprocess.Popen(command, text=True, **pipes))
    try:
        running.wait_until_ready()
        write(path, {**before, "port": port + 1, "echo_endpoint": True})
        reload(running)
        assert running.count("another port or listen_ip needs a restart") == 1
        assert running.ask("GET", "/__echo/")[0] == 200
    finally:
        running.close()


@linux
def test_signals_to_the_whole_group_reload_and_stop_like_one_to_the_parent(tmp_path):
    path = tmp_path / "krakend.json"
    with backend() as upstream:
        path.write_text(json.dumps(configuration(upstream.url, 1)))
        with gateway(path, "--workers", "2") as running:
            workers = children(running.process.pid)
            write(path, configuration(upstream.url, 2))
            for pid in (running.process.pid, *workers):
                os.kill(pid, signal.SIGHUP)
            running.wait_for_log(RELOADED)
            wait_until(lambda: answers_of(running) == {2})
            for pid in (*workers, running.process.pid):
                os.kill(pid, signal.SIGTERM)
            assert running.wait() == 0
            wait_until(lambda: not any(map(is_alive, workers)))


@linux
def test_workers_that_are_ended_again_and_again_are_replaced_again_and_again(tmp_path):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []}))
    with gateway(path, "--workers", "2") as running:
        for _ in range(8):
            wait_until(lambda: len(children(running.process.pid)) == 2)
            assert running.ask("GET", "/__health")[0] == 200
            os.kill(children(running.process.pid)[0], signal.SIGKILL)
            running.wait_for_log("ended by signal 9")
        wait_until(lambda: len(children(running.process.pid)) == 2)
        assert running.ask("GET", "/__health")[0] == 200
        assert running.stop() == 0
