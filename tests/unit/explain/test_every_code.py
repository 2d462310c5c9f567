"""For whatever follows from a file alone, explanations have the code that the gateway gives."""

import os
import time

import pytest

from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.explain.explainer import Explainer
from tests.support.asked_again import asked_of
from tests.support.refusals import Places, Situation, configurations, situations

NOT_SAYABLE = {"request.malformed", "request.coding-unknown", "request.version-unknown"}
"""Of requests that are no HTTP/1.1 to begin with."""
STATEFUL = [one for one in situations() if not one.follows_from_file]
FOLLOWING = [one for one in situations() if one.follows_from_file and one.code not in NOT_SAYABLE]


@pytest.fixture(scope="module")
def explainers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explained")
    made = {}
    for name, text in configurations(folder, Places("127.0.0.1:9001", "127.0.0.1:9002")).items():
        path = folder / f"{name}.json"
        path.write_text(text)
        loaded = load_file(
            str(path), environ=os.environ, allow_unsupported=True, serving=False, components=all_components()
        )
        assert loaded.config is not None, [found.message for found in loaded.diagnostics]
        explainer = Explainer(loaded, loaded.config, loaded.document, all_components(), os.environ, time.time())
        made[name] = explainer.__enter__()
    yield made
    for explainer in made.values():
        explainer.__exit__(None, None, None)


@pytest.mark.parametrize("one", FOLLOWING, ids=[f"{number}-{one.code}" for number, one in enumerate(FOLLOWING)])
def test_explanation_has_the_code_and_status_of_the_gateway(explainers, one: Situation):
    found = explainers[one.config].explain(asked_of(one.request))
    assert (found.reason, found.status, found.answer) == (one.code, one.status, "refused")
    assert found.meaning.endswith(".")


@pytest.mark.parametrize("one", STATEFUL, ids=[f"{number}-{one.code}" for number, one in enumerate(STATEFUL)])
def test_what_follows_from_state_is_named_as_a_possible_end(explainers, one: Situation):
    request = one.request if b"\r\n\r\n" in one.request else one.request + b"Host: gateway.test\r\n\r\n"
    found = explainers[one.config].explain(asked_of(request))
    assert one.code in {code for end, _ in found.unless for code in end.reasons} | {found.reason}
