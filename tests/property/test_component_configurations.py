"""Whatever stands under a component's namespace gives a value or diagnostics, in every scope, and never a traceback.

What starts can also be compiled, printed and built.
"""

import json
import logging
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components import COMPONENTS
from crossgate.components.component import Surroundings
from crossgate.config import load_text
from crossgate.config.component import component_keys
from crossgate.flow.timers import Timers
from crossgate.plan import Identity, compile_plan, render_json, render_text
from tests.support.configurations import backend, endpoint, service, trees

TABLES = component_keys(COMPONENTS)
SOUND = st.sampled_from(
    [
        "RS256",
        "HS256",
        "kid",
        "https://a.example/x",
        "http://a.example",
        "/nowhere",
        "1s",
        "x",
        "$2b$10$x",
        "127.0.0.1:1",
    ]
)
VALUES = trees | SOUND | st.lists(SOUND, max_size=2) | st.lists(st.lists(SOUND, max_size=3), max_size=2)


def objects(scope: str, name: str) -> st.SearchStrategy[Any]:
    keys = [key.name for key in TABLES[scope, name].keys] or ["type", "items", "properties", "$ref"]  # free objects
    return st.dictionaries(st.sampled_from(keys) | st.text(max_size=5), VALUES, max_size=6) | trees


@pytest.mark.parametrize(("scope", "name"), sorted(TABLES))
@given(data=st.data())
def test_any_object_gives_a_value_or_diagnostics(scope: str, name: str, data: st.DataObject) -> None:
    extra = {"extra_config": {name: data.draw(objects(scope, name))}}
    of_service = extra if scope == "service" else {}
    if scope != "service" and ("service", name) in TABLES and data.draw(st.booleans()):
        of_service = {"extra_config": {name: data.draw(objects("service", name))}}
    of_endpoint, of_backend = (extra if scope == other else {} for other in ("endpoint", "backend"))
    tree = service(**of_service, endpoints=[endpoint(**of_endpoint, backend=[backend(**of_backend)])])
    for version in (2, 3):  # drawing takes longer than loading
        text = json.dumps(tree | {"version": version}).encode()
        for allow in (False, True):
            loaded = load_text(text, components=COMPONENTS, allow_unsupported=allow)
            if loaded.config is not None:
                plan = compile_plan(loaded.config, identity=Identity.own("0"))
                assert render_text(plan)
                assert render_json(plan)
                break  # what is allowed only takes errors away: see test_config_load


def test_the_strategies_reach_configurations_that_start() -> None:
    """Else the test above says little."""
    started = 0
    for scope, name in TABLES:
        extra = {"extra_config": {name: {}}}
        keys = {other: extra if other == scope else {} for other in ("service", "endpoint", "backend")}
        tree = service(
            **keys["service"], endpoints=[endpoint(**keys["endpoint"], backend=[backend(**keys["backend"])])]
        )
        loaded = load_text(json.dumps(tree).encode(), components=COMPONENTS)
        if loaded.config is None:
            continue
        started += 1
        plan = compile_plan(loaded.config, identity=Identity.own("0"))
        log = logging.getLogger("x")
        around = Surroundings(_never, Timers(_zero), log, Random(0), _zero, lambda _key, make: make())
        for component in COMPONENTS:
            if component.name in {*plan.components, *plan.endpoints[0].config.components}:
                assert component.build(plan, around) is not None
    assert started >= len(TABLES) // 2


async def _never(_request: Any) -> Any:
    raise AssertionError("nobody is called")


def _zero() -> float:
    return 0.0
