"""`python -m benchmarks.profile`: microseconds and calls per request, in process, and which functions they are in.

The first table needs no quiet machine: times are minima over many short turns, and calls are counted, not timed.
`--functions WORKLOAD` shows where one of them spends its time, as a profiler sees it.
"""

import argparse
import asyncio
import cProfile
import pstats
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvloop

from benchmarks.gateway.stacks import ORIGIN
from benchmarks.gateway.workloads import BODY, WORKLOADS, Workload
from benchmarks.profile.in_process import BACKEND, wired

ROUNDS = 200
REQUESTS_A_ROUND = 50
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 16:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\nLast-Modified: Sun, 22 Nov 2026 15:00:00 GMT\r\n"
    b'Connection: keep-alive\r\nETag: "6921d3a0-400"\r\nAccept-Ranges: bytes\r\n\r\n%b' % (len(BODY), BODY)
)
CALLS = {"preflight": 0, "merge": 2}


def config() -> dict[str, Any]:
    backend = {"url_pattern": "/body.json", "host": [f"http://{BACKEND}"]}
    return {
        "version": 3,
        "name": "profile",
        "listen_ip": "127.0.0.1",
        "timeout": "3s",
        "extra_config": {
            "router": {"disable_access_log": True},
            "security/cors": {"allow_origins": [ORIGIN], "allow_methods": ["GET"], "max_age": "10m"},
        },
        "endpoints": [
            {"endpoint": "/proxy", "output_encoding": "no-op", "backend": [{**backend, "encoding": "no-op"}]},
            {"endpoint": "/json", "backend": [backend]},
            {"endpoint": "/merge", "backend": [{**backend, "group": "a"}, {**backend, "group": "b"}]},
        ],
    }


def request_of(workload: Workload) -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in workload.headers.items())
    return f"{workload.method} {workload.path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n{fields}\r\n".encode()


def fastest_us(once: Callable[[], None]) -> float:
    """The quickest of many short turns: what else the machine does only ever adds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter_ns()
        for _ in range(REQUESTS_A_ROUND):
            once()
        best = min(best, time.perf_counter_ns() - begin)
    return best / REQUESTS_A_ROUND / 1000


def calls(once: Callable[[], None]) -> tuple[int, int]:
    """How many functions of Python's and of C's one request calls."""
    counted = {"call": 0, "c_call": 0}

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        if event in counted:
            counted[event] += 1

    sys.setprofile(note)
    try:
        once()
    finally:
        sys.setprofile(None)
    return counted["call"], counted["c_call"]


async def profile(functions: str | None) -> None:
    workloads = [workload for workload in WORKLOADS if workload.name != "connections"]
    if functions is None:
        print("| workload | µs in process | Python calls | C calls |\n|---|---|---|---|")
    for workload in workloads:
        if functions not in (None, workload.name):
            continue
        request, count = request_of(workload), CALLS.get(workload.name, 1)
        async with wired(config()) as gateway:
            answer = await gateway.warm(request, ANSWER, count)
            assert answer.endswith(workload.expected), answer
            once = gateway.repeat(request, ANSWER, count)
            if functions is None:
                us = fastest_us(once)
                print(f"| {workload.name} | {us:.1f} | {' | '.join(map(str, calls(once)))} |")
            else:
                show(once)


def show(once: Callable[[], None]) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(ROUNDS * REQUESTS_A_ROUND):
        once()
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--functions", metavar="WORKLOAD", choices=[workload.name for workload in WORKLOADS])
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(profile(parser.parse_args().functions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
