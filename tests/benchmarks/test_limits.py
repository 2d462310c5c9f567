"""The cost of limits, in small: each decision has a row, and a crowd drives nobody out."""

import re

import pytest

from benchmarks import limits


def test_each_decision_has_a_row_and_real_clients_stay_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MANY", 1000)
    lines = limits.rows(1, 1000)
    end = lines.index("")
    assert lines[:2] == limits.HEADING
    assert all(re.fullmatch(r"\| [^|]+ \| \d+\.\d\d \| (under 2)? \|", line) for line in lines[2:end])
    assert "1,000 were still refused." in " ".join(lines[end:])
