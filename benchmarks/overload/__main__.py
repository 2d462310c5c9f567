"""`python -m benchmarks.overload`: a gateway that is offered twice what it can serve, and what a refusal costs.

The gateway has one core and `crossgate/overload`; the crowd of clients and the backend have the other. It is asked for
what costs little (the workload `typical`) and for what costs more (`merge3`): the less a request costs, the more of the
time goes into refusals. wrk finds out how much processor time a request takes, so how many fit into a second; the crowd
asks at rates around that, then at twice the best of them, five times in turn, since a machine is not equally quick at
all times. It takes eight minutes.
"""

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gateway.krakend_file import krakend_file
from benchmarks.gateway.measure import cpu_seconds, family, measure, pinned
from benchmarks.gateway.nginx import backend_command
from benchmarks.gateway.processes import free_port, has_programs, started, two_cores
from benchmarks.gateway.requests import Request, Ring
from benchmarks.gateway.workloads import WORKLOADS

IN_FLIGHT = 20
"""Backends answer in less than a millisecond: that many keep the gateway busy, and with more each would cost more."""
SHARES = (0.9, 1.05)
"""Of what fits into a core by the processor time that wrk's requests take. The better of these is the peak."""
TIMES = 2.0
ROUNDS = 5
CONNECTIONS = 2000
"""From the start, and in a pool."""
LEAST_SHARE, MOST_P99_MS = 0.9, 1000
MOST_BUSY = 0.9
"""A crowd that computes for more of the time than this may be what is slow."""
LEAST_CORE = 0.93
"""A gateway that has more to do than it can, and had less of its core than this, was not alone there."""
_COLUMNS = (
    "offered",
    "requests/s",
    "good answers/s",
    "of the peak",
    "p50 ms",
    "p99 ms",
    "refused/s",
    "hung up/s",
    "core",
)
HEADING = [f"| {' | '.join(['workload', 'crowd', 'bounds', *_COLUMNS])} |", "|---" * 12 + "|"]
Asked = dict[str, float]
"""What the crowd tells: `Outcome`, with percentiles in the place of times."""


@dataclass(frozen=True, slots=True)
class Span:
    """Of one asking. Who came in the first rush has hung up when it counts: `warm` is longer than `patience`."""

    warm: float = 2.2
    measured: float = 2.0
    patience: float = 2.0


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked for, by whom, and with which bounds."""

    workload: str
    is_pool: bool
    bounds: dict[str, Any]
    told_bounds: str

    @property
    def crowd(self) -> str:
        """In a word."""
        return "pool" if self.is_pool else "open"


_FIXED: dict[str, Any] = {"max_in_flight": IN_FLIGHT}
CASES = (
    Case("typical", True, _FIXED, "defaults"),
    Case("typical", False, _FIXED, "defaults"),
    Case("merge3", True, _FIXED, "defaults"),
    Case("merge3", False, _FIXED, "defaults"),
    Case("merge3", True, {"adaptive": True}, "adaptive"),
)


@dataclass(frozen=True, slots=True)
class Results:
    """Of one case. `rows` are in the order of SHARES; they and `twice` have one outcome for each round."""

    case: Case
    seconds: float
    rows: list[tuple[Asked, ...]]
    twice: list[Asked]
    served_us: float
    refusal_us: float


def overload(rounds: int = ROUNDS, span: Span = Span()) -> list[str]:
    """Lines of Markdown. Says on standard error what it does.

    Raises RuntimeError where the crowd or the gateway fails.
    """
    found = [measured(case, rounds, span) for case in CASES]
    return [
        *HEADING,
        *(line for one in found for line in table(one)),
        "",
        *(line for one in found for line in told(one)),
    ]


def measured(case: Case, rounds: int, span: Span) -> Results:
    """One case."""
    ours, theirs = two_cores()
    requests = next(workload for workload in WORKLOADS if workload.name == case.workload).make_requests()
    name = f"{case.workload}, {case.crowd}, {case.told_bounds}"
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        folder.chmod(0o755)
        backend = free_port()
        with started(backend_command(folder, backend), backend, folder, theirs):
            with _gateway(folder, backend, case.bounds, ours) as (port, pid):
                served = measure(Ring(requests), port, pid, 2, theirs, folder, connections=IN_FLIGHT)
                _say(f"{name}: a request takes {served.cpu_us:.0f} µs")
                ask = _Ask(requests, port, pid, theirs, span, case.is_pool, name)
                asked = [_round(ask, 1e6 / served.cpu_us) for _ in range(rounds)]
            refusal_us = _refusal_us(folder, backend, requests, ours, theirs)
    _say(f"{name}: a refusal takes {refusal_us:.0f} µs")
    twice = [one.pop() for one in asked]
    return Results(case, span.measured, list(zip(*asked, strict=True)), twice, served.cpu_us, refusal_us)


@dataclass(frozen=True, slots=True)
class _Ask:
    """How the crowd asks, but for how often."""

    requests: Sequence[Request]
    port: int
    pid: int
    core: int | None
    span: Span
    is_pool: bool
    name: str


def _round(ask: _Ask, fit: float) -> list[Asked]:
    """One for each of SHARES, and one at twice the best of them."""
    rows = [_ask_and_tell(ask, fit * share) for share in SHARES]
    best = max(row["good"] for row in rows) / ask.span.measured
    if not best:
        raise RuntimeError("no request was answered well")
    return [*rows, _ask_and_tell(ask, best * TIMES)]


def _ask_and_tell(ask: _Ask, per_second: float) -> Asked:
    row = _ask(ask, per_second)
    counts = f"{row['good']} good, {row['refused']} refused, {row['hung_up']} hung up, {row['broken']} broken"
    busy = f"the gateway had {row['core']:.0%} of a core, the crowd {row['busy']:.0%}"
    _say(f"{ask.name}: {row['asked']} asked, {counts}; {busy}")
    return row


def kept_share(rows: Sequence[Sequence[Asked]], some: Sequence[Asked]) -> float:
    """How much of the peak is left in some rounds: compared with the best of the same round, and then the median.

    What was measured one after the other is compared, so that a slow minute counts for both.
    """
    peaks = [max(row["good"] for row in in_round) for in_round in zip(*rows, strict=True)]
    return statistics.median(one["good"] / max(1, peak) for one, peak in zip(some, peaks, strict=True))


def table(one: Results) -> list[str]:
    """Its rows."""
    offered = [*(f"{share:.0%} of what fits into a core" for share in SHARES), "twice the peak"]
    case, lines = one.case, []
    for what, row in zip(offered, [*one.rows, one.twice], strict=True):
        per_second = [_median(row, name) / one.seconds for name in ("asked", "good", "refused", "hung_up")]
        asked, good, refused, hung_up = (f"{value:,.0f}" for value in per_second)
        share, core = f"{kept_share(one.rows, row):.0%}", f"{_median(row, 'core'):.0%}"
        times = f"{_median(row, 'good_p50_ms'):.0f} | {_median(row, 'good_p99_ms'):.0f}"
        which = f"| {case.workload} | {case.crowd} | {case.told_bounds} | {what} |"
        lines.append(f"{which} {asked} | {good} | {share} | {times} | {refused} | {hung_up} | {core} |")
    return lines


def told(one: Results) -> list[str]:
    """What it comes to, as an item of a list, and whether the crowd could keep up."""
    share, p99_ms = kept_share(one.rows, one.twice), _median(one.twice, "good_p99_ms")
    verdict = "met" if share >= LEAST_SHARE and p99_ms <= MOST_P99_MS else "missed"
    late, busy = (max(outcome[name] for outcome in one.twice) for name in ("late_ms", "busy"))
    broken = sum(outcome["broken"] for row in [*one.rows, one.twice] for outcome in row)
    if broken:
        verdict = f"not valid: {broken} requests broke"
    elif busy > MOST_BUSY:
        verdict = "not valid: the crowd could not keep up"
    elif min(_median(row, "core") for row in (one.twice, one.rows[-1])) < LEAST_CORE:
        verdict = "not valid: others took the gateway's core"
    aims = f"(aims: {LEAST_SHARE:.0%}, {MOST_P99_MS} ms; {verdict})"
    cost_us, refusal_us = one.served_us, one.refusal_us
    which = f"*{one.case.workload}*, {one.case.crowd}, {one.case.told_bounds}"
    return [
        f"* {which}: at twice what it can serve {share:.0%} of the peak at a p99 of {p99_ms:.0f} ms {aims}.",
        f"  A request takes {cost_us:.0f} µs, a refusal at once {refusal_us:.0f} µs: {refusal_us / cost_us:.2f} of it.",
        f"  The crowd computed for {min(busy, 1.0):.0%} of the time, and was late by {late:.0f} ms at most.",
    ]


def _median(row: Sequence[Asked], name: str) -> float:
    return statistics.median(one[name] for one in row)


def _say(text: str) -> None:
    print(f"overload: {text}", file=sys.stderr, flush=True)


@contextmanager
def _gateway(
    folder: Path, backend: int, bounds: dict[str, Any], core: int | None, host: str = ""
) -> Iterator[tuple[int, int]]:
    """Its port and pid. `host` is what the endpoint calls in the place of the backend."""
    port = free_port()
    keys: dict[str, object] = {"jwk_url": f"http://127.0.0.1:{backend}/jwk", "cache": True}
    file = krakend_file(port, f"127.0.0.1:{backend}", keys)
    file["extra_config"]["crossgate/overload"] = bounds
    if host:
        held = {"url_pattern": "/", "encoding": "no-op", "host": [f"http://{host}"]}
        file["endpoints"].append({"endpoint": "/held", "output_encoding": "no-op", "timeout": "1h", "backend": [held]})
    path = folder / f"{port}.json"
    path.write_text(json.dumps(file))
    command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path)]
    with started(command, port, folder, core) as pid:
        yield port, pid


def _ask(ask: _Ask, per_second: float) -> Asked:
    span = ask.span
    order = {
        "port": ask.port,
        "per_second": per_second,
        "patience_seconds": span.patience,
        "connections": CONNECTIONS,
        "is_pool": ask.is_pool,
        "pids": family(ask.pid),
        "warm_seconds": span.warm,
        "seconds": span.measured,
        "requests": [_text(request) for request in ask.requests],
    }
    command = [*pinned(ask.core), sys.executable, "-m", "benchmarks.overload.crowd"]
    ran = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    told: Asked = json.loads(ran.stdout)
    return told


def _text(request: Request) -> str:
    fields = "".join(f"{name}: {value}\r\n" for name, value in request.fields.items())
    return f"{request.method} {request.target} HTTP/1.1\r\nHost: gateway\r\n{fields}\r\n"


def _refusal_us(folder: Path, backend: int, requests: Sequence[Request], ours: int | None, theirs: int | None) -> float:
    """Processor time of a refusal: one request is under way for as long as wrk asks, and no other may be."""
    bounds = {"max_in_flight": 1, "queue": 0, "hold_refusals": "0s"}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            _gateway(folder, backend, bounds, ours, host) as (port, pid),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            client.sendall(b"GET /held HTTP/1.1\r\nHost: gateway\r\n\r\n")
            held, _ = silent.accept()
            held.recv(1)  # it is under way, until this is closed
            script = folder / "refused.lua"
            Ring(requests).write_script(script)
            before, began = cpu_seconds(family(pid)), time.monotonic()
            command = [*pinned(theirs), "wrk", "-t1", "-d2s", "-c32", "-s", str(script), f"http://127.0.0.1:{port}/"]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            spent = cpu_seconds(family(pid)) - before
            found = [line.split() for line in ran.stdout.splitlines()]
            count = next(int(words[0]) for words in found if words[1:3] == ["requests", "in"])
            refused = next((int(words[-1]) for words in found if words[:1] == ["Non-2xx"]), 0)
            held.close()
            if refused != count:
                raise RuntimeError(f"{count} requests in {time.monotonic() - began:.1f} s, {refused} refused")
            return spent / count * 1e6


def main() -> int:
    if not has_programs():
        return 1
    print("\n".join(overload()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
