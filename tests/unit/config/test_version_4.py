"""`version: 4`, of the KrakenD 3.0 that is in preparation: read as version 3, with what is known to differ."""

from dataclasses import replace
from typing import Any

import pytest

from crossgate.config import load_text
from crossgate.config.namespaces.table import NAMESPACES
from tests.support.configurations import endpoint, service, text_of

CORS = {
    "allow_origins": ["https://app.example"],
    "allow_methods": ["GET", "PUT"],
    "allow_headers": ["Content-Type"],
    "expose_headers": ["X-Total"],
    "max_age": "1h",
    "allow_credentials": True,
    "debug": False,
    "allow_private_network": True,
    "options_passthrough": False,
    "options_success_status": 200,
}


def load(tree: dict[str, Any], **options: Any) -> Any:
    return load_text(text_of(tree), environ={}, **options)


def without_the_preview(loaded: Any) -> list[tuple[str, str, str]]:
    return [(each.code, str(each.severity), each.path) for each in loaded.diagnostics if each.code != "CFG227"]


def test_version_4_is_read_as_version_3_with_one_note() -> None:
    tree = service(
        extra_config={"security/cors": CORS}, endpoints=[endpoint(input_headers=["X-Id"], concurrent_calls=2)]
    )
    three, four = load(tree), load(tree | {"version": 4})
    assert replace(four.config, cors=None) == replace(three.config, cors=None)
    assert four.config.cors.config == three.config.cors.config
    assert without_the_preview(four) == without_the_preview(three)
    [note] = [each for each in four.diagnostics if each.code == "CFG227"]
    assert (str(note.severity), note.path) == ("note", "$.version")


def test_a_note_does_not_prevent_a_strict_start() -> None:
    assert load(service(version=4), strict=True).config is not None


def test_version_may_come_from_the_environment() -> None:
    loaded = load_text(text_of(service()), environ={"KRAKEND_VERSION": "4"})
    assert [(each.code, each.path) for each in loaded.diagnostics] == [("CFG227", "KRAKEND_VERSION")]


def test_names_of_krakend_1_are_not_read_any_more() -> None:
    loaded = load(service(version=4, extra_config={"github_com/devopsfaith/krakend-cors": CORS}))
    assert loaded.config.cors is None
    [found] = [each for each in loaded.diagnostics if each.code == "CFG208"]
    assert '"security/cors"' in found.hint
    assert load(service(extra_config={"github_com/devopsfaith/krakend-cors": CORS})).config.cors is not None


@pytest.mark.parametrize("spec", [spec for spec in NAMESPACES if spec.guard and spec.old], ids=lambda spec: spec.name)
def test_guard_under_a_name_of_krakend_1_is_no_guard_and_therefore_refused(spec: Any) -> None:
    for old in spec.old:
        tree = service(version=4, endpoints=[endpoint(extra_config={old: {"name": ["x"]}})])
        assert without_the_preview(load(tree))[0][:2] == ("CFG401", "error")
        assert load(tree, allow_unsupported=True).config.endpoints[0].unsupported == (old,)


@pytest.mark.parametrize("name", ["telemetry/opencensus", "telemetry/influx", "telemetry/metrics"])
def test_namespaces_that_are_gone_are_said_to_be(name: str) -> None:
    loaded = load(service(version=4, extra_config={name: {}}))
    [found] = [each for each in loaded.diagnostics if each.code == "CFG402"]
    assert "gone from KrakenD 3.0" in found.message
    assert "gone" not in load(service(extra_config={name: {}})).diagnostics[0].message


def test_plugins_are_said_to_be_gone_from_the_community_edition_and_still_close() -> None:
    tree = service(version=4, plugin={"folder": "x"}, extra_config={"plugin/http-server": {"name": ["a"]}})
    loaded = load(tree)
    assert [each.code for each in loaded.diagnostics] == ["CFG227", "CFG405", "CFG401"]
    assert all("Enterprise" in each.krakend for each in loaded.diagnostics[1:])
    assert load(tree, allow_unsupported=True).config.unsupported == ("plugin/http-server",)


@pytest.mark.parametrize("version", [0, 1, 5, 30])
def test_other_versions_are_refused_as_before(version: int) -> None:
    assert load(service(version=version)).config is None
