"""`python -m benchmarks.cors`: the cost of each CORS layer per request, ours beside its peers.

Minima of many interleaved rounds, since on a shared machine noise only ever adds. An actual request's cost is the whole
request less the bare application's; a preflight's is the whole, since a layer answers it by itself. The last rows are
the engine without a middleware: deciding and joining the fields into a head that is being written, with one and with a
thousand allowed origins, and by a server that has the Origin at hand and need not look for it among the fields.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.cors.stacks import BROWSER_HEADERS, ORIGIN, PREFLIGHT_HEADERS, all_stacks
from crossgate.cors import CorsPolicy

REQUESTS_PER_ROUND = 50  # few, so that a slow layer's turn also fits between two interruptions of a busy machine
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def main() -> int:
    """Measure, print the table, keep the raw minima."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cors", description=__doc__)
    parser.add_argument("--rounds", type=int, default=600)
    parser.add_argument("--json", type=Path, help="write the minima there, in microseconds per request")
    arguments = parser.parse_args()

    stacks = all_stacks()
    subjects: dict[str, Callable[[], None]] = {}
    for stack in stacks:
        subjects |= {
            f"{stack.name}|bare": stack.bare,
            f"{stack.name}|actual": stack.actual,
            f"{stack.name}|preflight": stack.preflight,
        }
    for origins in (1, 1000):
        subjects |= engine_subjects(origins)
    minima = measure(subjects, arguments.rounds)
    report = {key: value * 1e6 for key, value in minima.items()}
    print(render(report, [stack.name for stack in stacks], arguments.rounds))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1))
    return 0


def engine_subjects(origins: int) -> dict[str, Callable[[], None]]:
    """The engine merged into a writer, with that many allowed origins; the one that asks is the last."""
    allowed = [f"https://tenant-{number}.example.net" for number in range(origins - 1)] + [ORIGIN]
    policy = CorsPolicy(
        allow_origins=allowed, allow_methods=["GET", "PUT"], allow_headers=["content-type", "x-token"], max_age=600
    )
    decide = policy.decide
    origin = ORIGIN.encode()

    def actual() -> None:
        b"".join((HEAD, decide(b"GET", BROWSER_HEADERS).edits.block, b"\r\n"))

    def with_origin_at_hand() -> None:
        b"".join((HEAD, policy.decide_actual(b"GET", origin).edits.block, b"\r\n"))

    def preflight() -> None:
        b"".join((HEAD, decide(b"OPTIONS", PREFLIGHT_HEADERS).edits.block, b"\r\n"))

    def bare() -> None:
        b"".join((HEAD, b"", b"\r\n"))

    name = f"engine, {origins} origin{'s' if origins > 1 else ''}"
    return {
        f"{name}|bare": bare,
        f"{name}|actual": actual,
        f"{name}|at hand": with_origin_at_hand,
        f"{name}|preflight": preflight,
    }


def measure(subjects: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """The least seconds per request of each subject over all rounds, the subjects taking turns."""
    minima = dict.fromkeys(subjects, float("inf"))
    for number in range(rounds):
        for key, request in subjects.items():
            begin = time.perf_counter()
            for _ in range(REQUESTS_PER_ROUND):
                request()
            minima[key] = min(minima[key], (time.perf_counter() - begin) / REQUESTS_PER_ROUND)
        if sys.stderr.isatty():
            print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return minima


def render(report: dict[str, float], names: list[str], rounds: int) -> str:
    """A Markdown table; Starlette's cost is 1."""
    starlette_actual = report["Starlette / FastAPI|actual"] - report["Starlette / FastAPI|bare"]
    starlette_preflight = report["Starlette / FastAPI|preflight"]
    lines = [
        f"Python {platform.python_version()}, {rounds} rounds of {REQUESTS_PER_ROUND} requests each, minima",
        "",
        "| layer | actual µs | Starlette = 1 | preflight µs | Starlette = 1 |",
        "|---|---|---|---|---|",
    ]
    for name in [*names, "engine, 1 origin", "engine, 1000 origins"]:
        actual = report[f"{name}|actual"] - report[f"{name}|bare"]
        preflight = report[f"{name}|preflight"]
        cells = (actual, actual / starlette_actual, preflight, preflight / starlette_preflight)
        lines.append(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    for name in ("engine, 1 origin", "engine, 1000 origins"):
        actual = report[f"{name}|at hand"] - report[f"{name}|bare"]
        lines.append(f"| {name}, Origin at hand | {actual:.2f} | {actual / starlette_actual:.2f} | | |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
