"""Several processes on one port: all serve, the dead are replaced, one signal stops them all."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, os, sys, time
import uvloop
from crossgate.config.model import LimitsConfig
from crossgate.flow.timers import Timers
from crossgate.http.message import Response
from crossgate.server.channel import DRAIN, READY
from crossgate.server.listen import open_listener
from crossgate.server.serve import start_server
from crossgate.server.workers import run_workers

listener = open_listener("127.0.0.1", 0)

class App:
    upstream_mode = "strip"
    def route(self, request): return self
    def decide(self, request, route): return None
    async def respond(self, request):
        if request.path == b"/die":
            os._exit(7)
        return Response(200, [], b"%d" % os.getpid())
    def finish(self, *_): pass

async def serve(channel):
    stop = asyncio.Event()
    def listen():
        if any(message["word"] == DRAIN for message in channel.heard()):
            stop.set()
    asyncio.get_running_loop().add_reader(channel, listen)
    server = await start_server(App(), limits=LimitsConfig(), timers=Timers(time.monotonic), listeners=[listener])
    channel.tell(READY)
    await stop.wait()
    await server.drain(1)
    return 0

print(listener.getsockname()[1], flush=True)
sys.exit(run_workers(3, lambda index, channel: uvloop.run(serve(channel)), pause=lambda _: print("pause", flush=True)))
"""


def ask(port: int, path: str = "/") -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return int(answer.read())


def children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def wait_until(condition: object) -> None:
    end = time.monotonic() + 20
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def test_all_workers_serve_and_the_dead_are_replaced_until_a_signal_stops_them() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, cwd=ROOT, text=True) as parent:
        try:
            assert parent.stdout
            port = int(parent.stdout.readline())
            wait_until(lambda: len(children(parent.pid)) == 3)
            first = children(parent.pid)
            assert {ask(port) for _ in range(20)} <= first
            victim = min(first)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: victim not in children(parent.pid) and len(children(parent.pid)) == 3)
            for _ in range(20):
                assert ask(port) in children(parent.pid)
            parent.send_signal(signal.SIGTERM)
            assert parent.wait(20) == 0
            assert parent.stdout.read() == "", "a worker that has served is replaced without a pause"
            assert not [pid for pid in first if Path(f"/proc/{pid}").exists()]
        finally:
            parent.kill()


def test_workers_that_cannot_live_end_the_parent_with_their_exit_code() -> None:
    program = "import sys; from crossgate.server.workers import run_workers; sys.exit(run_workers(2, lambda *_: 3))"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=30, check=False)
    assert ran.returncode == 3


def test_interrupt_stops_workers_as_well() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, cwd=ROOT, text=True) as parent:
        try:
            assert parent.stdout
            port = int(parent.stdout.readline())
            wait_until(lambda: len(children(parent.pid)) == 3)
            ask(port)
            parent.send_signal(signal.SIGINT)
            assert parent.wait(20) == 0
        finally:
            parent.kill()
