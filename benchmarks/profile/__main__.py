"""`python -m benchmarks.profile`: microseconds and calls per request, in process, and which functions they are in.

The workloads are those of the comparison with others (benchmarks.gateway). The table needs no quiet machine: times are
minima over many short turns, and calls are counted, not timed. `--rooms` and `--functions WORKLOAD` show where the time
is spent, as a profiler sees it; `--sockets` what kernel and event loop take beside it.
"""

import argparse
import asyncio
import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import uvloop

from benchmarks.gateway.krakend_file import krakend_file
from benchmarks.gateway.processes import has_programs
from benchmarks.gateway.tokens import key_set
from benchmarks.gateway.workloads import BODY, GZIPPED, WORKLOADS, Workload
from benchmarks.profile.in_process import BACKEND, wired
from benchmarks.profile.rooms import ROOMS, profiled, shares
from benchmarks.profile.sockets import HEADING as SOCKETS_HEADING
from benchmarks.profile.sockets import asked, table, with_sockets

ROUNDS = 200
REQUESTS_A_ROUND = 50
ROOMS_HEADING = [f"| workload | µs | {' | '.join(ROOMS)} |", f"|{'---|' * (len(ROOMS) + 2)}"]
HEADING = ["| workload | µs in process | calls of Python's | calls of C's |", "|---|---|---|---|"]


def answer_of(workload: Workload) -> bytes:
    """The backend's, as nginx would give it."""
    body, coding = (GZIPPED, b"Content-Encoding: gzip\r\n") if workload.passed_on == GZIPPED else (BODY, b"")
    return (
        b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 16:00:00 GMT\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n%b\r\n%b"
        % (len(body), coding, body)
    )


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


async def profile(workloads: Sequence[Workload], show: Callable[[Workload, Callable[[], None]], str]) -> None:
    """Make a gateway for each of them, have it answer once, and print what is said of the answer to the next."""
    output = sys.stdout
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):  # there go access logs
        keys = Path(folder, "keys.json")
        keys.write_bytes(key_set())
        for workload in workloads:
            requests = [request.text() for request in workload.make_requests()]
            answer, count = answer_of(workload), len(workload.calls)
            file = krakend_file(8080, BACKEND, {"jwk_local_path": str(keys)}, access_logs=workload.has_logs)
            async with wired(file) as gateway:
                first = await gateway.warm(requests[-1], answer, count)
                assert first.endswith(b"\r\n\r\n" + workload.expected), first
                print(show(workload, gateway.repeat(requests, answer, count)), file=output, flush=True)


def row(workload: Workload, once: Callable[[], None]) -> str:
    """Of the table."""
    return f"| {workload.name} | {fastest_us(once):.1f} | {' | '.join(map(str, calls(once)))} |"


def rooms_row(workload: Workload, once: Callable[[], None]) -> str:
    """Of the table of rooms: the quickest turn's microseconds, divided as a profiler divides them."""
    us, parts = fastest_us(once), shares(profiled(once, ROUNDS * REQUESTS_A_ROUND))
    return f"| {workload.name} | {us:.1f} | {' | '.join(f'{us * share:.1f}' for share in parts.values())} |"


def functions(workload: Workload, once: Callable[[], None]) -> str:
    """Those that take most of the time."""
    stats = profiled(once, ROUNDS * REQUESTS_A_ROUND)
    stats.stream = text = io.StringIO()  # type: ignore[attr-defined]
    stats.sort_stats("tottime").print_stats(45)
    return text.getvalue()


def run(workloads: Sequence[Workload], show: Callable[[Workload, Callable[[], None]], str]) -> None:
    """As `profile`, in an event loop like the gateway's own."""
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(profile(workloads, show))


def sockets_table(rounds: int, seconds: int) -> list[str]:
    """What a request takes in all, and of whom."""
    workloads = asked(WORKLOADS)
    in_process: dict[str, float] = {}

    def note(workload: Workload, once: Callable[[], None]) -> str:
        in_process[workload.name] = fastest_us(once)
        return ""

    with contextlib.redirect_stdout(io.StringIO()):
        run(workloads, note)
    return [*SOCKETS_HEADING, *table(with_sockets(workloads, rounds, seconds), in_process)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--functions", metavar="WORKLOAD", choices=[workload.name for workload in WORKLOADS])
    parser.add_argument("--sockets", action="store_true", help="beside what kernel and event loop take (wrk and nginx)")
    parser.add_argument("--rooms", action="store_true", help="in which rooms of the gateway the microseconds are spent")
    options = parser.parse_args()
    if options.sockets:
        if not has_programs():
            return 1
        print("\n".join(sockets_table(rounds=5, seconds=1)))
    elif options.functions:
        run([workload for workload in WORKLOADS if workload.name == options.functions], functions)
    else:
        print("\n".join(ROOMS_HEADING if options.rooms else HEADING))
        run(WORKLOADS, rooms_row if options.rooms else row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
