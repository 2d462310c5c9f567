"""The examples, the code in the documentation and every way to wrap, under `mypy --strict` and pyright."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "examples" / "middleware"
PAGES = [ROOT / "README.md", ROOT / "docs" / "middleware.md", ROOT / "docs" / "migration.md"]


def mypy(*paths: Path, cache: Path) -> str:
    strict = ["--strict", "--config-file=", "--no-error-summary", "--no-color-output", f"--cache-dir={cache}"]
    return run([sys.executable, "-m", "mypy", *strict, *map(str, paths)])


def pyright(*paths: Path) -> str:
    return run([sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *map(str, paths)])


def run(command: list[str]) -> str:
    environ = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "MYPYPATH": str(EXAMPLES)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, cwd=EXAMPLES, env=environ)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every Python block of the documentation, as a file of its own."""
    folder = tmp_path_factory.mktemp("shown")
    files = []
    for page in PAGES:
        for number, text in enumerate(re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)):
            files.append(folder / f"{page.stem}_{number}.py".lower())
            files[-1].write_text(text)
    return files


def test_examples_and_documentation_pass_mypy_in_strict_mode(shown: list[Path], cache: Path) -> None:
    assert len(shown) >= 3
    assert mypy(*sorted(EXAMPLES.glob("*.py")), HERE / "wrapping.py", *shown, cache=cache) == ""


def test_examples_and_documentation_pass_pyright(shown: list[Path]) -> None:
    assert pyright(EXAMPLES, HERE / "wrapping.py", *shown).startswith("0 errors, 0 warnings")


def marked_lines() -> set[int]:
    lines = (HERE / "mistakes.py").read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


def test_mypy_finds_mistakes_in_the_use(cache: Path) -> None:
    found = re.findall(r"mistakes\.py:(\d+): error", mypy(HERE / "mistakes.py", cache=cache))
    assert set(map(int, found)) == marked_lines()


def test_pyright_finds_mistakes_in_the_use() -> None:
    found = re.findall(r"mistakes\.py:(\d+):\d+ - error", pyright(HERE / "mistakes.py"))
    assert set(map(int, found)) == marked_lines()
