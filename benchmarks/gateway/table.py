"""The comparison as tables in Markdown: processor time first, rates second, and which aims are met."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.gateway.comparison import Results
from benchmarks.gateway.krakend_figures import krakend_by_nginx
from benchmarks.gateway.stacks import BASE, KRAKEND, OURS
from benchmarks.gateway.workloads import WORKLOADS

HEADING = "| workload | stack | µs CPU | × nginx | spread | KrakenD ÷ ours | requests/s | p99 ms at 70 % | RSS MB |"
RULE = f"|{'---|' * (HEADING.count('|') - 1)}"
LEAST_BY_KRAKEND = {
    "plain": 4.0,
    "typical": 3.5,
    "post": 3.0,
    "json": 3.0,
    "merge3": 3.0,
    "gzip-json": 2.5,
    "preflight": 2.0,
    "auth": 3.0,
}
MOST_BY_NGINX = 2.0
MOST_FOR_LOGS = 1.15
MOST_P99_BY_NGINX = 2.0
MOST_RSS_MB = 45


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of ratios that were each taken within a round, and their spread."""

    median: float
    least: float
    most: float


def ratio(results: Results, above: tuple[str, str], below: tuple[str, str]) -> Ratio | None:
    """Of processor time; each is a workload and a stack. None where one was not measured."""
    if above not in results.measured or below not in results.measured:
        return None
    pairs = zip(results.measured[above], results.measured[below], strict=True)
    ratios = [one.cpu_us / other.cpu_us for one, other in pairs]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def by_krakend(results: Results, workload: str) -> tuple[float, bool] | None:
    """KrakenD's processor time in ours, and whether it was measured in this run. None where there is no figure."""
    measured = ratio(results, (workload, KRAKEND), (workload, OURS))
    if measured:
        return measured.median, True
    ours, known = ratio(results, (workload, OURS), (workload, BASE)), krakend_by_nginx(workload)
    return (known / ours.median, False) if ours and known else None


def table(results: Results) -> list[str]:
    """Lines; the order is that of the measurements."""
    return [HEADING, RULE, *(_row(results, workload, stack) for workload, stack in results.measured)]


def _row(results: Results, workload: str, stack: str) -> str:
    base = ratio(results, (workload, stack), (workload, BASE))
    krakend = by_krakend(results, workload) if stack == OURS else None
    p99 = results.p99_ms.get((workload, stack))
    cells = [
        workload,
        f"**{stack}**" if stack == OURS else stack,
        f"{results.median(workload, stack, 'cpu_us'):.1f}",
        f"{base.median:.2f}" if base else "",
        f"{base.least:.2f}–{base.most:.2f}" if base and stack != BASE else "",
        f"{'' if krakend[1] else '≈ '}{krakend[0]:.1f}" if krakend else "",
        f"{results.median(workload, stack, 'per_second'):.0f}",
        f"{statistics.median(p99):.1f}" if p99 else "",
        f"{results.median(workload, stack, 'rss_mb'):.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def aims(results: Results) -> list[str]:
    """Lines: what was to be reached, and what was."""
    lines = ["| aim | reached | |", "|---|---|---|"]

    def line(aim: str, figure: float, *, is_most: bool, limit: float, sign: str = "") -> None:
        met = figure <= limit if is_most else figure >= limit
        shown = f"{figure:.0f}" if limit == MOST_RSS_MB else f"{figure:.2f}"
        lines.append(f"| {aim} {'≤' if is_most else '≥'} {limit:g} | {sign}{shown} | {'met' if met else 'missed'} |")

    for name, least in LEAST_BY_KRAKEND.items():
        if krakend := by_krakend(results, name):
            sign = "" if krakend[1] else "≈ "
            line(f"{name}: KrakenD's processor time ÷ ours", krakend[0], is_most=False, limit=least, sign=sign)
    if typical := ratio(results, ("typical", OURS), ("typical", BASE)):
        line("typical: ours ÷ nginx's", typical.median, is_most=True, limit=MOST_BY_NGINX)
    if logged := ratio(results, ("typical, access logs on", OURS), ("typical", OURS)):
        line("typical: with access logs ÷ without", logged.median, is_most=True, limit=MOST_FOR_LOGS)
    for name in [workload.name for workload in WORKLOADS if workload.has_peers]:
        ours, base = results.p99_ms.get((name, OURS)), results.p99_ms.get((name, BASE))
        if ours and base:
            figure = statistics.median(one / other for one, other in zip(ours, base, strict=True))
            line(f"{name}: p99 at 70 % of capacity ÷ nginx's", figure, is_most=True, limit=MOST_P99_BY_NGINX)
    held = [one.rss_mb for (_, stack), many in results.measured.items() if stack == OURS for one in many]
    if held:
        line("MB of a worker", max(held), is_most=True, limit=MOST_RSS_MB)
    return lines


def gate_costs(results: Results) -> list[str]:
    """Lines: what a guard adds to `typical`. Of workloads that were both measured."""
    lines = ["| | µs CPU more than typical | spread |", "|---|---|---|"]
    base = results.measured.get(("typical", OURS))
    for name in ("auth", "auth, each token new"):
        own = results.measured.get((name, OURS))
        if own and base:
            more = [one.cpu_us - other.cpu_us for one, other in zip(own, base, strict=True)]
            lines.append(f"| {name} | {statistics.median(more):.1f} | {min(more):.1f}–{max(more):.1f} |")
    return lines


def notes(results: Results, absent: Sequence[str]) -> list[str]:
    """What has to be known beside the table."""
    said = [f"{name} is left out." for name in absent]
    if not any(stack == KRAKEND for _, stack in results.measured):
        said.append("≈: no KrakenD was at hand; reckoned from its figures relative to nginx's (±10 %).")
    return said
