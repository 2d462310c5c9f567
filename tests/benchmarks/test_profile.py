"""The profile, in small: each workload is answered in process, and calls are counted."""

import asyncio
import sys

import pytest
import uvloop

from benchmarks.gateway.workloads import WORKLOADS
from benchmarks.profile import __main__ as profile


def test_each_workload_is_answered_right_and_its_calls_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "ROUNDS", 1)
    few = [workload for workload in WORKLOADS if workload.can_be_paced]
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(profile.profile(few, profile.row))
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()]
    assert [row[0].removeprefix("| ") for row in rows] == [workload.name for workload in few]
    assert all(int(row[2]) > 10 for row in rows)
    assert sys.getprofile() is None
