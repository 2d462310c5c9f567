"""What a real KrakenD answered, by its components: each recorded scenario is played, and comes out as recorded.

Those that are to come out otherwise are named with the deviation that says so.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import uvloop

from tests.components.departures import DEPARTURES
from tests.support.recorded import Scenario, differences, play, scenarios

FILES = ("botdetector", "router", "routes")
ALL = {scenario["id"]: scenario for name in FILES for scenario in scenarios(name)}


def played(scenario: Scenario, folder: Path) -> dict[str, Any]:
    async def bounded() -> dict[str, Any]:
        async with asyncio.timeout(60):
            return await play(scenario, folder)

    return uvloop.run(bounded())


@pytest.mark.parametrize("name", sorted(ALL.keys() - DEPARTURES.keys()))
def test_a_recorded_scenario_comes_out_as_recorded(name: str, tmp_path: Path) -> None:
    assert differences(ALL[name], played(ALL[name], tmp_path)) == []


@pytest.mark.parametrize("name", sorted(ALL.keys() & DEPARTURES.keys()))
def test_a_departure_is_one(name: str, tmp_path: Path) -> None:
    """Else its line is to be removed from the table."""
    assert differences(ALL[name], played(ALL[name], tmp_path)) != []


def test_every_departure_is_listed_with_the_deviations() -> None:
    text = (Path(__file__).parents[2] / "docs" / "deviations.md").read_text(encoding="utf-8")
    assert [code for code in sorted(set(DEPARTURES.values())) if code not in text] == []
