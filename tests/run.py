"""`make test`: every test, as four runs side by side; a line says which run it is of.

The suite waits for processes and browsers as long as it computes, so that four runs keep two processors busy. Which
folder is in which run is fixed: the same tests run in the same order each time.
"""

import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]
OTHERS = {
    "second": ["benchmarks", "browser", "deploy", "docs", "packaging"],
    "third": ["property", "typing"],
    "fourth": ["unit"],
}


def folders() -> dict[str, list[str]]:
    """Name of a run → its folders. A new folder joins the first."""
    every = sorted({path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/*/**/test_*.py")})
    names = {"first": sorted({*every}.difference(*OTHERS.values())), **OTHERS}
    return {run: [f"tests/{name}" for name in those] for run, those in names.items()}


def told(name: str, run: subprocess.Popen[str]) -> None:
    """Prints what a run prints, line by line, until it has ended."""
    assert run.stdout is not None
    for line in run.stdout:
        print(f"{name:6} {line}", end="", flush=True)


def main() -> int:
    """Gives 0 where all runs passed."""
    runs = {
        name: subprocess.Popen(
            [sys.executable, "-m", "pytest", *paths],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for name, paths in folders().items()
    }
    readers = [threading.Thread(target=told, args=each) for each in runs.items()]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    codes = {name: run.wait() for name, run in runs.items()}
    for name, code in codes.items():
        print(f"{name:6} {'passed' if code == 0 else f'failed: pytest ended with {code}'}")
    return max(codes.values(), key=abs)


if __name__ == "__main__":
    sys.exit(main())
