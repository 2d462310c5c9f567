"""The comparison with other proxies, in small: it runs, and access logs are where they are said to be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gateway.access_logs import check_logged
from tests.support.benchmarks import ROOT, needs_programs


@needs_programs
@pytest.mark.parametrize("more", [[], ["--access-logs"]])
def test_short_comparison_gives_a_row_for_each_stack_and_keeps_raw_figures(more: list[str], tmp_path: Path) -> None:
    raw = tmp_path / "raw.json"
    command = [sys.executable, "-m", "benchmarks.gateway", "--seconds", "1", "--rounds", "1", "--only", "preflight"]
    ran = subprocess.run(
        [*command, "--stacks", "nginx", "crossgate", "--output", str(raw), *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "| preflight | crossgate |" in ran.stdout
    figures = json.loads(raw.read_text())
    assert figures["access_logs"] is bool(more)
    assert all(one["requests"] > 0 for many in figures["measurements"].values() for one in many)


def test_log_with_too_few_lines_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.gateway.access_logs.PATIENCE_SECONDS", 0)
    log = tmp_path / "log"
    log.write_bytes(b"line\n" * 99)
    check_logged("it", log, 99, wanted=True)
    with pytest.raises(RuntimeError, match="not as many lines"):
        check_logged("it", log, 100, wanted=True)


def test_log_that_should_be_off_is_told(tmp_path: Path) -> None:
    check_logged("it", tmp_path / "none", 100, wanted=False)
    (tmp_path / "log").write_bytes(b"line\n" * 99)
    with pytest.raises(RuntimeError, match="should not"):
        check_logged("it", tmp_path / "log", 100, wanted=False)
