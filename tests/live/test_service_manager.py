"""A gateway under systemd: told what happens, and given a socket that outlives it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.children import children
from tests.support.process import PATIENCE_SECONDS, Gateway, gateway

MODES = pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["alone", "workers"])
RUN = """
import fcntl, os, sys
inherited = [os.dup(int(number)) for number in sys.argv[1].split(",")]
kept = [fcntl.fcntl(number, fcntl.F_DUPFD, 50) for number in inherited]
for number, descriptor in enumerate(kept, 3):
    os.dup2(descriptor, number)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(kept))
os.execv(sys.executable, [sys.executable, "-m", "crossgate.cli.main", "run", *sys.argv[2:]])
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []}))
    return path


def activated(path, inherited, *arguments):
    """A gateway that is given a descriptor as its third, or several from there on, as systemd does it."""
    several = inherited if isinstance(inherited, tuple) else (inherited,)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, ",".join(map(str, several)), "-c", str(path), *arguments],
        pass_fds=several,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Gateway(process)


@MODES
@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_hears_of_start_reload_and_stop(tmp_path, path, arguments, abstract):
    name = f"@crossgate-{os.getpid()}-{len(arguments)}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE_SECONDS)
        manager.bind("\0" + name[1:] if abstract else name)
        with gateway(path, *arguments, environ={"NOTIFY_SOCKET": name}) as running:
            assert manager.recv(4096).startswith(b"READY=1\nSTATUS=0 endpoints")
            running.process.send_signal(signal.SIGHUP)
            first, second, *_ = manager.recv(4096).split(b"\n")
            assert first == b"RELOADING=1"
            assert second.startswith(b"MONOTONIC_USEC=")
            assert int(second.partition(b"=")[2]) > 0
            assert manager.recv(4096).startswith(b"READY=1")
            path.write_text("{")
            running.process.send_signal(signal.SIGHUP)
            assert manager.recv(4096).startswith(b"RELOADING=1")
            assert manager.recv(4096).startswith(b"READY=1")
            running.process.send_signal(signal.SIGTERM)
            assert manager.recv(4096).startswith(b"STOPPING=1")
            assert running.wait() == 0


@MODES
def test_a_restart_refuses_no_connection_where_the_socket_is_the_managers(path, arguments):
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        port = listener.getsockname()[1]
        first = activated(path, listener.fileno(), *arguments)
        try:
            first.wait_until_ready()
            assert first.port == port
            assert first.ask("GET", "/__health")[0] == 200
            assert first.stop() == 0
            waiting = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
            waiting.request("GET", "/__health")
            answers = []
            thread = threading.Thread(target=lambda: answers.append(waiting.getresponse().status))
            thread.start()
            second = activated(path, listener.fileno(), *arguments)
            try:
                thread.join(PATIENCE_SECONDS)
                assert answers == [200]
                assert second.stop() == 0
            finally:
                second.close()
                waiting.close()
        finally:
            first.close()


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_every_socket_of_the_managers_is_served_by_every_process(path, workers):
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        running = activated(path, (one.fileno(), other.fileno()), *workers)
        try:
            running.wait_until_ready()
            held = []
            for listener in (one, other):
                running.port = listener.getsockname()[1]
                assert running.ask("GET", "/__health")[0] == 200
            for pid in children(running.process.pid) if workers else [running.process.pid]:
                sockets = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
                held.append([f"socket:[{os.fstat(each.fileno()).st_ino}]" in sockets for each in (one, other)])
            assert held == [[True, True]] * max(1, len(workers) and int(workers[1]))
            assert running.stop() == 0
        finally:
            running.close()


def test_what_is_no_listening_socket_is_refused(path):
    with socket.socket() as deaf:
        running = activated(path, deaf.fileno())
        try:
            assert running.wait() == 1
            assert "descriptor 3 is no TCP socket that listens" in "".join(running.log)
        finally:
            running.close()


def test_sockets_meant_for_another_process_are_left_alone(path):
    with gateway(path, environ={"LISTEN_FDS": "1", "LISTEN_PID": "1"}) as running:
        assert running.ask("GET", "/__health")[0] == 200
