"""Figures find their places in the pages, and nothing else in a page changes."""

from pathlib import Path

import pytest

from benchmarks.capacity import capacity
from benchmarks.gateway.comparison import Results
from benchmarks.gateway.measure import Measurement
from benchmarks.gateway.stacks import BASE, OURS
from benchmarks.report import PAGES, claim, gateway_figures, write

PAGE = """Before.
<!-- figures: one -->
old
<!-- end of figures -->
Between.
<!-- figures: other -->
kept
<!-- end of figures -->
"""


def test_figures_are_written_between_their_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    write([page], {"one": ["| a \\1 |", "| b |"]})
    assert page.read_text() == PAGE.replace("old", "| a \\1 |\n| b |")


def test_figure_without_a_place_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    with pytest.raises(KeyError, match="no page has a place for third"):
        write([page], {"one": ["new"], "third": ["lost"]})


def _results() -> Results:
    results = Results()
    for stack, cpu_us in ((BASE, 25.0), (OURS, 50.0)):
        results.measured["typical", stack] = [Measurement(1000, 1e6 / cpu_us, 1.0, cpu_us, 1.0, 30.0)]
    return results


@pytest.mark.parametrize(
    "name",
    [
        "overload",
        "scale-machine",
        "scale",
        "memory",
        "profile",
        "rooms",
        "sockets",
        "switches",
        "limits",
        "lua",
        "plugins",
        "guards",
        *gateway_figures(_results(), [], []),
    ],
)
def test_each_figure_has_one_place_in_the_pages(name: str) -> None:
    assert sum(page.read_text().count(f"<!-- figures: {name} -->\n") for page in PAGES) == 1


def test_a_core_carries_a_second_of_processor_time() -> None:
    assert capacity(_results())[-1] == "| typical | 50 µs | 20,000 /s | 14,000 /s |"


def test_claim_is_the_typical_row() -> None:
    said = claim(_results())
    assert "2.0 times the processor time that nginx takes" in said
    assert "KrakenD takes about 3.0 times as much as crossgate" in said
