"""`python -m benchmarks.overload`: a gateway that is offered twice what it can serve, and what a refusal costs.

The gateway has one core and `crossgate/overload`; the crowd of clients and the backend have the other. It is asked for
what costs little (the workload `typical`) and for what costs more (`merge3`): the less a request costs, the more of the
time goes into refusals. wrk finds out how much processor time a request takes, so how many fit into a second; the crowd
asks at rates around that, then at twice the best of them, five times in turn, since a machine is not equally quick at
all times. It takes three minutes.
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

OVERLOAD: dict[str, Any] = {"max_in_flight": 20, "hold_refusals": "0s"}
"""Backends answer in less than a millisecond: that many keep the gateway busy, and with more each would cost more."""
NAMES = ("typical", "merge3")
SHARES = (0.9, 1.05, 1.2)
"""Of what fits into a core by the processor time that wrk's requests take. The best of these is the peak."""
TIMES = 2.0
ROUNDS = 5
CONNECTIONS = 2000
"""From the start: as many as wait in the gateway and in its sockets."""
LEAST_SHARE, MOST_P99_MS = 0.9, 1000
MOST_BUSY = 0.9
"""A crowd that computes for more of the time than this may be what is slow."""
LEAST_CORE = 0.93
"""A gateway that has more to do than it can, and had less of its core than this, was not alone there."""
_COLUMNS = ("workload", "offered", "requests/s", "good answers/s", "of the peak", "p50 ms", "p99 ms", "refused/s")
HEADING = [f"| {' | '.join([*_COLUMNS, 'hung up/s', 'core'])} |", "|---" * 10 + "|"]
Asked = dict[str, float]
"""What the crowd tells: `Outcome`, with percentiles in the place of times."""


@dataclass(frozen=True, slots=True)
class Span:
    """Of one asking. Who came in the first rush has hung up when it counts: `warm` is longer than `patience`."""

    warm: float = 2.2
    measured: float = 2.0
    patience: float = 2.0


@dataclass(frozen=True, slots=True)
class Results:
    """Of one workload. `rows` are in the order of SHARES; they and `twice` have one outcome for each round."""

    name: str
    seconds: float
    rows: list[tuple[Asked, ...]]
    twice: list[Asked]
    served_us: float
    refusal_us: float


def overload(rounds: int = ROUNDS, span: Span = Span()) -> list[str]:
    """Lines of Markdown. Says on standard error what it does.

    Raises RuntimeError where the crowd or the gateway fails.
    """
    found = [measured(name, rounds, span) for name in NAMES]
    return [
        *HEADING,
        *(line for one in found for line in table(one)),
        *(line for one in found for line in ("", *told(one))),
    ]


def measured(name: str, rounds: int, span: Span) -> Results:
    """One workload."""
    ours, theirs = two_cores()
    requests = next(workload for workload in WORKLOADS if workload.name == name).make_requests()
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        folder.chmod(0o755)
        backend = free_port()
        with started(backend_command(folder, backend), backend, folder, theirs):
            with _gateway(folder, backend, OVERLOAD, ours) as (port, pid):
                served = measure(Ring(requests), port, pid, 2, theirs, folder, connections=64)
                _say(f"{name}: a request takes {served.cpu_us:.0f} µs")
                asked = [_round(requests, port, pid, 1e6 / served.cpu_us, theirs, span, name) for _ in range(rounds)]
            refusal_us = _refusal_us(folder, backend, requests, ours, theirs)
    _say(f"{name}: a refusal takes {refusal_us:.0f} µs")
    twice = [one.pop() for one in asked]
    return Results(name, span.measured, list(zip(*asked, strict=True)), twice, served.cpu_us, refusal_us)


def _round(
    requests: Sequence[Request], port: int, pid: int, fit: float, core: int | None, span: Span, name: str
) -> list[Asked]:
    """One for each of SHARES, and one at twice the best of them."""
    rows = [_ask_and_tell(requests, port, pid, fit * share, core, span, name) for share in SHARES]
    best = max(row["good"] for row in rows) / span.measured
    if not best:
        raise RuntimeError("no request was answered well")
    return [*rows, _ask_and_tell(requests, port, pid, best * TIMES, core, span, name)]


def _ask_and_tell(
    requests: Sequence[Request], port: int, pid: int, per_second: float, core: int | None, span: Span, name: str
) -> Asked:
    row = _ask(requests, port, pid, per_second, core, span)
    counts = f"{row['good']} good, {row['refused']} refused, {row['hung_up']} hung up, {row['broken']} broken"
    busy = f"the gateway had {row['core']:.0%} of a core, the crowd {row['busy']:.0%}"
    _say(f"{name}: {row['asked']} asked, {counts}; {busy}")
    return row


def kept_share(rows: Sequence[Sequence[Asked]], twice: Sequence[Asked]) -> float:
    """How much of the peak is left at twice the load: compared with the best row, round by round, and then the median.

    What was measured one after the other is compared, so that a slow minute counts for both.
    """
    best = max(rows, key=lambda row: _median(row, "good"))
    return statistics.median(one["good"] / max(1, other["good"]) for one, other in zip(twice, best, strict=True))


def table(one: Results) -> list[str]:
    """Its rows."""
    peak = max(_median(row, "good") for row in one.rows) / one.seconds
    offered = [*(f"{share:.0%} of what fits into a core" for share in SHARES), "twice the peak"]
    lines = []
    for what, row in zip(offered, [*one.rows, one.twice], strict=True):
        per_second = [_median(row, name) / one.seconds for name in ("asked", "good", "refused", "hung_up")]
        asked, good, refused, hung_up = (f"{value:,.0f}" for value in per_second)
        times = f"{_median(row, 'good_p50_ms'):.0f} | {_median(row, 'good_p99_ms'):.0f}"
        share, core = f"{per_second[1] / peak:.0%}", f"{_median(row, 'core'):.0%}"
        lines.append(f"| {one.name} | {what} | {asked} | {good} | {share} | {times} | {refused} | {hung_up} | {core} |")
    return lines


def told(one: Results) -> list[str]:
    """What it comes to, and whether the crowd could keep up."""
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
    return [
        f"*{one.name}*, at twice what it can serve: {share:.0%} of the peak at a p99 of {p99_ms:.0f} ms {aims}.",
        f"A request takes {cost_us:.0f} µs, a refusal {refusal_us:.0f} µs: {refusal_us / cost_us:.2f} of it.",
        f"The crowd computed for {busy:.0%} of the time, and was late by {late:.0f} ms at most.",
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


def _ask(requests: Sequence[Request], port: int, pid: int, per_second: float, core: int | None, span: Span) -> Asked:
    order = {
        "port": port,
        "per_second": per_second,
        "patience_seconds": span.patience,
        "connections": CONNECTIONS,
        "pids": family(pid),
        "warm_seconds": span.warm,
        "seconds": span.measured,
        "requests": [_text(request) for request in requests],
    }
    command = [*pinned(core), sys.executable, "-m", "benchmarks.overload.crowd"]
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
    bounds = {"max_in_flight": 1, "queue": 0}
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
