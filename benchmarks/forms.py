"""`python -m benchmarks.forms`: what being compiled is worth, in each Python, beside nginx in the same rounds.

Installs this checkout into environments of their own as people do, pure and compiled (a few minutes for each Python; it
needs a C compiler, and a package index for what crossgate requires), and compares them as benchmarks.gateway does.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.gateway.comparison import Results, compare
from benchmarks.gateway.processes import has_programs
from benchmarks.gateway.stacks import BASE, Place, Stack, crossgate_command, stacks
from benchmarks.gateway.table import ratio
from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.report import PAGES, machine, write

ROOT = Path(__file__).parents[1]
PURE, COMPILED = "pure", "compiled"
ASKED = ("plain", "typical", "post", "json", "merge3", "gzip-json", "preflight", "auth")
_NAME = (
    "import platform, sys\n"
    "own = '' if sys.base_prefix == '/usr' else ' (own build)'\n"  # where distributions have theirs
    "print(platform.python_implementation(), platform.python_version() + own)\n"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms", description=__doc__)
    parser.add_argument(
        "--python", nargs="+", default=[sys.executable], metavar="PATH", help="these (the one that runs)"
    )
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement (2)")
    parser.add_argument("--rounds", type=int, default=5, help="of all measurements (5)")
    parser.add_argument("--only", nargs="+", choices=ASKED, default=ASKED, metavar="WORKLOAD", help="these workloads")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args()
    if not has_programs():
        return 1
    with tempfile.TemporaryDirectory() as folder:
        names = [_output(python, "-c", _NAME) for python in options.python]
        stands = [next(stack for stack in stacks() if stack.name == BASE)]
        for name, python in zip(names, options.python, strict=True):
            for form in (PURE, COMPILED):
                print(f"{name}: installing, {form}", file=sys.stderr)
                program = installed(python, form, Path(folder, f"{len(stands)}"))
                stands.append(Stack(_called(name, form), partial(_command, program), is_gateway=True))
        began = machine(options.rounds, options.seconds)
        asked = [replace(workload, can_be_paced=False) for workload in WORKLOADS if workload.name in options.only]
        results = compare(stands, asked, options.rounds, options.seconds)
    lines = table(results, names, options.only)
    print("\n".join(["", *lines]))
    if options.write:
        write(PAGES, {"forms-machine": began, "forms": lines})
    return 0


def installed(python: str, form: str, home: Path) -> str:
    """The Python of a new environment with this checkout in that form. Raises RuntimeError if it is in another."""
    subprocess.run([python, "-m", "venv", str(home)], check=True)
    own = str(home / "bin" / "python")
    pip = [own, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", str(ROOT)]
    subprocess.run(pip, check=True, env={**os.environ, "CROSSGATE_COMPILE": "1" if form == COMPILED else "0"})
    version = _output(own, "-m", "crossgate.cli.main", "version")
    if f"({form}" not in version:
        raise RuntimeError(f"this was to be {form}: {version}")
    return own


def table(results: Results, pythons: Sequence[str], workloads: Sequence[str]) -> list[str]:
    """Lines. Microseconds are those of the best round; ratios are medians of what each round had."""
    lines = [
        "| workload | Python | pure: µs CPU | × nginx | compiled: µs CPU | × nginx | compiled ÷ pure | spread |",
        f"|{'---|' * 8}",
    ]
    for workload in workloads:
        for python in pythons:
            pure, compiled = (workload, _called(python, PURE)), (workload, _called(python, COMPILED))
            worth = ratio(results, compiled, pure)
            assert worth
            cells = [workload, python, *_times(results, pure), *_times(results, compiled)]
            lines.append(f"| {' | '.join(cells)} | {worth.median:.2f} | {worth.least:.2f}–{worth.most:.2f} |")
    return lines


def _times(results: Results, of: tuple[str, str]) -> tuple[str, str]:
    by_nginx = ratio(results, of, (of[0], BASE))
    assert by_nginx
    return f"{min(one.cpu_us for one in results.measured[of]):.1f}", f"{by_nginx.median:.2f}"


def _called(python: str, form: str) -> str:
    return f"{python}, {form}"


def _command(python: str, place: Place) -> list[str]:
    return crossgate_command(place, python)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
