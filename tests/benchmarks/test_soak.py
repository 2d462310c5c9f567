"""The soak, in small: its accounting has to come out even, and the gateway has to be at rest afterwards."""

import subprocess
import sys

from tests.support.benchmarks import ROOT


def test_a_short_soak_loses_nothing_and_leaves_nothing_behind() -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "--requests", "2000", "--laps", "2", "--clients", "32"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "2000 requests in " in ran.stdout
