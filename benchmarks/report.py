"""`python -m benchmarks.report`: measure anew, and write the figures into the pages that show them.

Between `<!-- figures: NAME -->` and `<!-- end of figures -->` pages are this program's; everything else is people's.
It takes twenty minutes on a machine where nothing else goes on, `--quick` two, whose figures are good for trying only.
"""

import argparse
import contextlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import guards, limits, lua
from benchmarks.capacity import capacity, memory
from benchmarks.gateway.__main__ import stacks_at_hand
from benchmarks.gateway.comparison import Results, compare
from benchmarks.gateway.processes import has_programs
from benchmarks.gateway.stacks import BASE, OURS
from benchmarks.gateway.table import aims, by_krakend, gate_costs, notes, ratio, table
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.overload.__main__ import ROUNDS as OVERLOAD_ROUNDS
from benchmarks.overload.__main__ import overload
from benchmarks.plugins import ROUNDS as PLUGIN_ROUNDS
from benchmarks.plugins import plugins
from benchmarks.profile import __main__ as profile
from benchmarks.scale.__main__ import PARTS, scale
from benchmarks.scale.rows import table as scale_table
from benchmarks.switches import ROUNDS as SWITCH_ROUNDS
from benchmarks.switches import switches

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs/benchmarks.md", ROOT / "docs/sizing.md", ROOT / "docs/components/lua.md")
SECTIONS = ("gateway", "overload", "scale", "profile", "limits", "switches", "lua", "plugins", "guards")
_BLOCK = re.compile(r"(?s)(<!-- figures: ([\w-]+) -->\n).*?(<!-- end of figures -->)")
_VERSIONS = {
    "nginx": (["nginx", "-v"], r"nginx/([\d.]+)"),
    "haproxy": (["haproxy", "-v"], r"version ([\d.]+)"),
    "Go": (["go", "version"], r"go([\d.]+)"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: to see that all of it runs")
    parser.add_argument("--rounds", type=int, default=3, help="of all measurements (3)")
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement (2)")
    parser.add_argument("--only", nargs="*", choices=SECTIONS, default=SECTIONS, help="these sections")
    parser.add_argument("--krakend", metavar="PATH", help="the KrakenD to measure beside (the one on PATH, if any)")
    parser.add_argument("--raw", type=Path, metavar="FILE", help="keep the raw figures here, as JSON")
    options = parser.parse_args()
    if not has_programs():
        return 1
    rounds, seconds = (1, 1) if options.quick else (options.rounds, options.seconds)
    figures: dict[str, list[str]] = {}
    raw: dict[str, object] = {}
    if "gateway" in options.only:
        began = machine(rounds, seconds)
        present, absent = stacks_at_hand(options.krakend)
        results = compare(present, WORKLOADS, rounds, seconds)
        figures |= gateway_figures(results, absent, began)
        raw["gateway"] = results.raw()
    if "overload" in options.only:
        figures["overload"] = overload(1 if options.quick else OVERLOAD_ROUNDS)
    if "scale" in options.only:
        began = machine(rounds, seconds)
        requests, body_bytes = (20_000, 100_000_000) if options.quick else (300_000, 1_000_000_000)
        rows, parts = scale(PARTS, rounds, seconds, requests, body_bytes)
        figures |= {"scale-machine": began, "scale": scale_table(rows), "memory": memory(parts)}
        raw["scale"] = parts
    if "profile" in options.only:
        figures |= profile_figures(rounds)
    if "limits" in options.only:
        figures["limits"] = limits.rows(*((20, 10_000) if options.quick else (limits.TURNS, limits.MADE_UP)))
    if "switches" in options.only:
        figures["switches"] = switches(10 if options.quick else SWITCH_ROUNDS)
    if "lua" in options.only:
        figures["lua"] = lua.rows(turns=5 if options.quick else 40)
    if "guards" in options.only:
        figures["guards"] = guards.rows(20 if options.quick else guards.TURNS)
    if "plugins" in options.only:
        figures["plugins"] = plugins(20 if options.quick else PLUGIN_ROUNDS)
    write(PAGES, figures)
    if options.raw:
        options.raw.write_text(json.dumps(raw, indent=1) + "\n")
    return 0


def gateway_figures(results: Results, absent: Sequence[str], began: list[str]) -> dict[str, list[str]]:
    """By the names that pages call them."""
    return {
        "gateway-machine": began,
        "gateway": [*table(results), "", *notes(results, absent)],
        "aims": aims(results),
        "tokens": gate_costs(results),
        "capacity": capacity(results),
        "claim": [claim(results)],
    }


def claim(results: Results) -> str:
    """What the README says of `typical`."""
    ours, krakend = ratio(results, ("typical", OURS), ("typical", BASE)), by_krakend(results, "typical")
    assert ours
    assert krakend
    about = "" if krakend[1] else "about "
    return (
        "A browser's ordinary call, to a route with a parameter and a query and with all its fields passed on, takes\n"
        f"{ours.median:.1f} times the processor time that nginx takes for it. KrakenD takes {about}{krakend[0]:.1f}"
        " times as much as crossgate\n([benchmarks](docs/benchmarks.md))."
    )


def profile_figures(rounds: int) -> dict[str, list[str]]:
    """What `make profile` prints, the rooms, and what kernel and event loop take beside them."""
    return {
        "sockets": profile.sockets_table(rounds, 1),
        "profile": _printed([*profile.HEADING], profile.row),
        "rooms": _printed([*profile.ROOMS_HEADING], profile.rooms_row),
    }


def _printed(heading: list[str], show: Callable[..., str]) -> list[str]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        profile.run(WORKLOADS, show)
    return [*heading, *output.getvalue().splitlines()]


def machine(rounds: int, seconds: int) -> list[str]:
    """One line: where, how busy it was before, with what, and how long."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cores = f"{len(os.sched_getaffinity(0))} cores ({found[1] if found else platform.machine()})"
    busy = f"load average {os.getloadavg()[0]:.1f} before"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    programs = ", ".join([python, *filter(None, map(_version, _VERSIONS))])
    return [f"{rounds} round{'' if rounds == 1 else 's'} of {seconds} s on {cores}, {busy}; {programs}."]


def _version(name: str) -> str:
    command, pattern = _VERSIONS[name]
    beside = Path(sys.executable).parent / command[0]
    program = str(beside) if beside.exists() else shutil.which(command[0])
    if program is None:
        return ""
    ran = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    found = re.search(pattern, ran.stdout + ran.stderr)
    return f"{name} {found[1]}" if found else ""


def write(pages: Sequence[Path], figures: dict[str, list[str]]) -> None:
    """Put them where pages name them. Raise KeyError if a figure is named nowhere."""
    missing = set(figures)
    for page in pages:
        text = page.read_text()

        def put(block: re.Match[str]) -> str:
            begin, name, end = block.groups()
            if name not in figures:
                return block[0]
            missing.discard(name)
            return begin + "\n".join(figures[name]) + "\n" + end

        page.write_text(_BLOCK.sub(put, text))
    if missing:
        raise KeyError(f"no page has a place for {', '.join(sorted(missing))}")


if __name__ == "__main__":
    sys.exit(main())
