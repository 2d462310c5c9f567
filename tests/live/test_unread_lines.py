"""The gateway's own lines where nobody reads them: no request, no reload and no stop waits for a reader."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.children import free_port
from tests.support.process import PATIENCE_SECONDS, Gateway

STDOUT = {"telemetry/logging": {"level": "INFO", "stdout": True}}


def configuration(port, number, extra):
    endpoint = {
        "endpoint": "/a",
        "backend": [{"url_pattern": "/", "host": ["http://127.0.0.1:10"]}],
        "extra_config": {"proxy": {"static": {"strategy": "always", "data": {"number": number}}}},
    }
    return {"version": 3, "listen_ip": "127.0.0.1", "port": port, "endpoints": [endpoint], "extra_config": extra}


def fill(descriptor):
    """Until it takes not a byte more. It stays as it is for whoever else has it."""
    end = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK)
    for piece in (b"\n" * 4096, b"\n"):
        try:
            while True:
                os.write(end, piece)
        except BlockingIOError:
            pass
    os.close(end)


def read_until(descriptor, text):
    said = b""
    while text not in said:
        piece = os.read(descriptor, 65_536)
        assert piece, said
        said += piece


@pytest.mark.skipif(sys.platform != "linux", reason="opens a pipe a second time, by /proc")
@pytest.mark.parametrize(("arguments", "extra"), [((), STDOUT), (("--workers", "2"), {})], ids=["stdout", "workers"])
def test_a_reader_that_does_not_read_holds_up_neither_reload_nor_stop(tmp_path, arguments, extra):
    port = free_port()
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(configuration(port, 1, extra)))
    reader, writer = os.pipe()
    other = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=writer if extra else other,
        stderr=other if extra else writer,
    )
    running = Gateway.__new__(Gateway)
    running.process, running.port = process, port

    def answers(number):
        return number == json.loads(running.ask("GET", "/a")[2])["number"]

    try:
        read_until(reader, b" listens on ")
        assert answers(1)
        fill(writer)
        path.write_text('{"version": 3, "endpoints": [')  # told with an excerpt
        process.send_signal(signal.SIGHUP)
        assert answers(1)
        path.write_text(json.dumps(configuration(port, 2, extra)))
        process.send_signal(signal.SIGHUP)
        end = time.monotonic() + PATIENCE_SECONDS
        while not answers(2):
            assert time.monotonic() < end
        read_until(reader, b" reloaded: ")  # who reads again gets the lines that waited
        fill(writer)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        os.close(reader)
        os.close(writer)
