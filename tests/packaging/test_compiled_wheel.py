"""When a wheel is compiled and when it is not. That the compiled one works is tested by `make test-compiled`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(into: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A wheel, or not, where there is no C compiler."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    environment = {**os.environ, "CC": "no-such-compiler", **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("asked", ["", "0"])
def test_wheel_is_pure_unless_compiling_is_asked_for(asked: str, tmp_path: Path) -> None:
    done = build(tmp_path, CROSSGATE_COMPILE=asked)
    assert done.returncode == 0, done.stderr
    assert "compiler" not in done.stdout + done.stderr
    assert [path.name.partition("-py3-")[2] for path in tmp_path.iterdir()] == ["none-any.whl"]


def test_wheel_is_pure_and_says_why_where_there_is_no_compiler(tmp_path: Path) -> None:
    done = build(tmp_path, CROSSGATE_COMPILE="auto")
    assert done.returncode == 0, done.stderr
    assert "The wheel is pure Python: there is no C compiler (no-such-compiler)." in done.stdout + done.stderr
    assert [path.name.partition("-py3-")[2] for path in tmp_path.iterdir()] == ["none-any.whl"]


@pytest.mark.parametrize(("asked", "reason"), [("1", "there is no C compiler"), ("yes", "is 0, 1 or auto")])
def test_what_was_asked_for_and_cannot_be_had_builds_nothing(asked: str, reason: str, tmp_path: Path) -> None:
    done = build(tmp_path, CROSSGATE_COMPILE=asked)
    assert done.returncode != 0
    assert reason in done.stderr
    assert list(tmp_path.iterdir()) == []
