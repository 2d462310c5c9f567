"""What a real KrakenD answered, by its components: each recorded scenario is played, and comes out as recorded.

Those that are to come out otherwise are named with the deviation that says so.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from tests.components.departures import DEPARTURES, NOT_YET
from tests.support.lua_makers import shared_lua_makers
from tests.support.recorded import FOLDER, differences, play, scenarios

FILES = tuple(sorted(path.name.partition(".")[0] for path in FOLDER.glob("*.jsonl.xz")))
ALL = {scenario["id"]: scenario for name in FILES for scenario in scenarios(name)}


@pytest.fixture(scope="module", autouse=True)
def quick_lua(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Scripts find processes to run in without a start of Python for each scenario."""
    with shared_lua_makers(tmp_path_factory.mktemp("lua")):
        yield


@pytest.fixture(autouse=True)
def back_where_we_were() -> Iterator[None]:
    """Scenarios run in folders of their own."""
    before = Path.cwd()
    yield
    os.chdir(before)


def differing(name: str, folder: Path) -> list[str]:
    """What comes out otherwise than recorded. How often keys are fetched does not count: that is DEV-JWT-3."""
    scenario = ALL[name]

    async def bounded() -> dict[str, Any]:
        async with asyncio.timeout(60):
            return await play(scenario, folder)

    key_urls = re.findall(r'jwk_url[^,}]*?BACKEND(/[^"?]*)', json.dumps(scenario.get("config")))
    redirected = ["/other"] if name.startswith("jwt-jwks-302") else []
    # The backend that was recorded did not know the method `post`, and did not note such calls.
    unnoted = ["/x"] if name == "lua-http-lowermethod" else []
    return differences(scenario, uvloop.run(bounded()), frozenset([*key_urls, *redirected, *unnoted]))


@pytest.mark.parametrize("name", sorted(ALL.keys() - DEPARTURES.keys() - NOT_YET.keys()))
def test_a_recorded_scenario_comes_out_as_recorded(name: str, tmp_path: Path) -> None:
    assert differing(name, tmp_path) == []


@pytest.mark.parametrize("name", sorted(ALL.keys() & DEPARTURES.keys()))
def test_a_departure_is_one(name: str, tmp_path: Path) -> None:
    """Else its line is to be removed from the table."""
    assert differing(name, tmp_path) != []


@pytest.mark.parametrize("name", sorted(ALL.keys() & NOT_YET.keys()))
def test_what_needs_something_that_is_not_run_yet_does_not_come_out_as_recorded(name: str, tmp_path: Path) -> None:
    assert differing(name, tmp_path) != []


def test_every_departure_is_listed_with_the_deviations() -> None:
    text = (Path(__file__).parents[2] / "docs" / "deviations.md").read_text(encoding="utf-8")
    assert [code for code in sorted(set(DEPARTURES.values())) if code not in text] == []
