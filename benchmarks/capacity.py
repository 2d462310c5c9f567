"""What one core carries, from the processor time that a request takes, and what memory goes to."""

from typing import Any

from benchmarks.gateway.comparison import Results
from benchmarks.gateway.paced import SHARE_OF_CAPACITY
from benchmarks.gateway.stacks import OURS
from benchmarks.scale.connections import FEW_NAME
from benchmarks.scale.size import SIZES

CAPACITY_HEADING = [
    "| of these requests | one takes | a core answers at most | and without queues |",
    "|---|---|---|---|",
]


def capacity(results: Results) -> list[str]:
    """Lines. Without queues: the share of it at which latencies were measured."""
    rows = []
    for workload, stack in results.measured:
        if stack == OURS:
            cpu_us = results.median(workload, stack, "cpu_us")
            most, calm = 1e6 / cpu_us, SHARE_OF_CAPACITY * 1e6 / cpu_us
            rows.append(f"| {workload} | {cpu_us:.0f} µs | {most:,.0f} /s | {calm:,.0f} /s |")
    return [*CAPACITY_HEADING, *rows]


def memory(parts: dict[str, Any]) -> list[str]:
    """Lines, from the raw figures of `benchmarks.scale`."""
    one, endpoints, origins = (parts["size"][f"{size.name}/fixed path"][0]["rss_mb"] for size in SIZES)
    many = 2 * SIZES[1].endpoints
    few = parts["connections"][FEW_NAME][0]["rss_mb"]
    (beside,) = (taken[0]["rss_mb"] for name, taken in parts["connections"].items() if name.endswith(" idle"))
    idle = next(int(name.split()[2].replace(",", "")) for name in parts["connections"] if name.endswith(" idle"))
    at_rest = max(one["rss_mb"] for held in parts["rest"].values() for one in held)
    peak = max(one["peak_rss_mb"] for one in parts["streams"].values())
    return [
        "| of a worker | memory |",
        "|---|---|",
        f"| at rest, with the file of the benchmarks, which has a validator | {at_rest:.0f} MB |",
        f"| at rest, with one no-op endpoint | {one:.0f} MB |",
        f"| an endpoint | {_each_kb(endpoints - one, many)} |",
        f"| an origin of CORS | {_each_kb(origins - one, SIZES[2].origins)} |",
        f"| a connection that waits | {_each_kb(beside - few, idle)} |",
        f"| while a body of a gigabyte passes | {peak:.0f} MB in all |",
    ]


def _each_kb(megabytes: float, count: int) -> str:
    return f"{max(megabytes, 0) * 1024 / count:.1f} KB"
