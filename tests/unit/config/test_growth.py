"""What reading a configuration costs grows with its length and not faster."""

import gc
import json

import pytest

from crossgate.components import all_components
from crossgate.config import load_text
from crossgate.config.namespaces.resemblance import resembled
from crossgate.config.source import parse
from crossgate.config.source.json_scanner import scan_json
from crossgate.config.source.place import Place
from crossgate.config.uncollected import uncollected
from crossgate.cors.keys import nearest_name
from tests.support.work import calls_of, grows_linearly, many_endpoints


def test_ten_times_as_many_endpoints_are_ten_times_the_work_to_read() -> None:
    texts = {count: json.dumps(many_endpoints(count), indent=2).encode() for count in (100, 1_000)}

    def load(count: int) -> None:
        loaded = load_text(texts[count], components=all_components())
        assert loaded.config is not None
        assert len(loaded.diagnostics) >= count // 10, "what is wrong is found, and its place"

    assert grows_linearly(load)


def _stands(place: Place | None) -> object:
    if place is None:
        return None
    below = None if place.children is None else {step: _stands(child) for step, child in place.children.items()}
    return place.start, place.end, place.key_start, place.key_end, below


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, -2.5e3, "x\\"]", {"b": {}}, [], true, null], "\\u00e9\\ud800": {"c,:d": "é"} }',
        "{}",
        ' \n{"a" :\t{"b"\r\n:[ [ ] , {} ]}}\n ',
        '{"n": 0.' + "9" * 5_000 + ', "m": ' + "9" * 300 + "}",
        json.dumps(many_endpoints(3), indent=1),
        '{"a":' * 50 + "[1, [2]]" + "}" * 50,
    ],
)
def test_places_found_when_asked_for_are_those_of_the_scanner(text: str) -> None:
    parsed = parse(text.encode(), name="krakend.json")
    assert parsed.tree is not None
    assert _stands(parsed.places.root) == _stands(scan_json(text)[0])


def test_the_collector_is_held_off_only_while_a_configuration_is_read() -> None:
    @uncollected()
    def fail() -> None:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise LookupError

    assert gc.isenabled()
    with pytest.raises(LookupError):
        fail()
    assert gc.isenabled()


@pytest.mark.parametrize("name", ["quality/rate-17", "x/yyyyyyyyyyyy", "a"])
def test_namespace_that_resembles_none_is_told_by_its_letters(name: str) -> None:
    resembled("warm/up", "service")
    assert calls_of(lambda: resembled(name, "service")) < 10_000


def test_name_of_a_policy_that_nobody_defined_is_held_against_some_of_many() -> None:
    names = tuple(f"policy-{number}" for number in range(20_000))
    assert calls_of(lambda: nearest_name("policy-x", names)) < 50_000
    assert nearest_name("polciy-7", names) == "policy-7"
