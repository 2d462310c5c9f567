"""A browser cannot outlive whoever started it, however that one ends."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.launch import Name, find_browser, running_browser

_ROOT = Path(__file__).resolve().parents[2]
_STARTER = """
import sys, time
from tests.browser.launch import running_browser
with running_browser({name!r}, "data:text/html,waiting"):
    print("started", flush=True)
    sys.stdin.read()
"""
_GONE_SECONDS = 10.0


def _processes_of(directory: Path) -> list[int]:
    """The live processes that were started with a temporary directory below `directory`."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"TMPDIR={directory}/crossgate-browser-".encode() in environment.read_bytes():
                state = (environment.parent / "stat").read_text().rpartition(")")[2].split()[0]
                found += [int(environment.parent.name)] if state != "Z" else []
        except OSError:
            continue
    return found


def _wait_until_gone(directory: Path) -> list[int]:
    deadline = time.monotonic() + _GONE_SECONDS
    while (left := _processes_of(directory)) and time.monotonic() < deadline:
        time.sleep(0.02)  # processes of others: there is no event to wait for
    return left


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_browser_dies_with_a_starter_that_is_killed(tmp_path: Path, name: Name) -> None:
    if find_browser(name) is None:
        pytest.skip(f"{name} is not installed: `make browsers` says how to get it")
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER.format(name=name)],
        cwd=_ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "PYTHONPATH": str(_ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"started\n"
        assert _processes_of(tmp_path)
        starter.kill()
        starter.wait()

        assert _wait_until_gone(tmp_path) == []


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_stopped_browser_leaves_neither_process_nor_profile(
    tmp_path: Path, name: Name, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_browser(name) is None:
        pytest.skip(f"{name} is not installed: `make browsers` says how to get it")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with running_browser(name, "data:text/html,waiting") as browser:
        assert browser.is_running()
        assert _processes_of(tmp_path)

    assert _wait_until_gone(tmp_path) == []
    assert not any(tmp_path.iterdir())
