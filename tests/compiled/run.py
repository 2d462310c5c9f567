"""`make test-compiled`: builds the compiled wheel, installs it beside this environment's packages, tests it there.

The tests are those of what is compiled and of what goes through it; the rest of the suite would only run the same
Python twice. `--quick` is what every change has to pass: compiled without optimising, which means the same and is done
sooner, and the tests that need no processes of their own. `--soak` is benchmarks.soak there. Where nothing can be
compiled it says so and is content: the pure form is everybody's.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from hatch_build import obstacle  # noqa: E402

QUICK = ("compiled", "unit/flow", "unit/http", "unit/server", "unit/transport", "unit/pipeline", "conformance")
TESTS = (
    *QUICK,
    "unit/gateway",
    "cors",
    "live",
    "property/test_call_lines.py",
    "property/test_cors_fronts.py",
    "property/test_manipulation.py",
    "property/test_merge.py",
    "property/test_request_framing.py",
    "property/test_router.py",
    "benchmarks/test_soak.py",
)


def environment(home: Path) -> Path:
    """An environment that sees what is installed here, but has its own crossgate in front. Gives its Python."""
    venv.create(home, clear=True, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "neighbours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "python"


def main() -> int:
    """Gives the exit code of what was run."""
    parser = argparse.ArgumentParser(prog="python tests/compiled/run.py")
    parser.add_argument("--quick", action="store_true", help="what every change has to pass")
    parser.add_argument("--soak", type=int, metavar="REQUESTS", help="so many requests among faults instead of tests")
    parser.add_argument("tests", nargs="*", help="these tests instead")
    options = parser.parse_args()
    reason = obstacle()
    if reason is not None:
        print(f"test-compiled: skipped, {reason}")
        return 0
    work = Path(sys.prefix, "compiled")
    print("Compiling (a minute or two) ...", flush=True)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work / "dist")]
    level = {"MYPYC_OPT_LEVEL": "0"} if options.quick else {}
    for old in (work / "dist").glob("*.whl"):
        old.unlink()
    subprocess.run(build, cwd=ROOT, check=True, env={**os.environ, **level, "CROSSGATE_COMPILE": "1"})
    (wheel,) = (work / "dist").glob("*.whl")
    python = environment(work / "environment")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    tests = options.tests or [str(ROOT / "tests" / name) for name in (QUICK if options.quick else TESTS)]
    command = [str(python), "-m", "pytest", *tests]
    if options.soak:
        command = [str(python), "-m", "benchmarks.soak", "--requests", str(options.soak)]
    return subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "CROSSGATE_FORM": "compiled"}).returncode


if __name__ == "__main__":
    sys.exit(main())
