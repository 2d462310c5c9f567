"""Tests of many endpoints: each begins on a gateway that remembers nothing, and only what it needs is built anew."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from crossgate.cli.main import main
from crossgate.components import all_components
from crossgate.config import load_text
from crossgate.testing.init import observe
from crossgate.testing.init.observe import Observer
from crossgate.testing.init.token_drafts import Tokens
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree
from tests.support.work import calls_of, many_endpoints

LIMITED = {
    "version": 3,
    "host": ["http://backend:8080"],
    "extra_config": {"qos/ratelimit/service": {"max_rate": 1, "capacity": 2}},
    "endpoints": [
        {"endpoint": "/a/{id}", "backend": [{"url_pattern": "/a"}]},
        {"endpoint": "/a/b", "method": "POST", "backend": [{"url_pattern": "/b"}]},
        {"endpoint": "/c", "backend": [{"url_pattern": "/c"}]},
        {"endpoint": "/d", "backend": [{"url_pattern": "/d"}]},
    ],
}


def _ask(method: str, path: str, status: int) -> dict[str, Any]:
    return {"in": {"url": path, "method": method}, "out": {"status": status}}


def _chain(*steps: dict[str, Any]) -> dict[str, Any]:
    first, *others = steps
    return {**first, "next": _chain(*others)} if others else first


def _played(config: dict[str, Any], tests: Sequence[dict[str, Any]]) -> list[str]:
    """What differs, test by test."""
    loaded = load_text(json.dumps(config).encode(), components=all_components())
    suite = suite_of_tree({"tests": tests}, "tests").suite
    assert loaded.config is not None
    assert suite is not None
    with Player(loaded.config, all_components(), {}, 0.0) as player:
        return [", ".join(map(str, result.differences)) + result.failure for result in player.play(suite)]


def test_what_all_endpoints_share_is_remembered_within_a_test_and_forgotten_before_the_next() -> None:
    chain = _chain(_ask("GET", "/a/1", 200), _ask("POST", "/a/b", 200), _ask("GET", "/c", 503))
    other = _chain(_ask("GET", "/c", 200), _ask("GET", "/d", 200), _ask("GET", "/a/1", 503))
    assert _played(LIMITED, [chain, other, chain, _ask("GET", "/a/1", 200)]) == ["", "", "", ""]


@pytest.mark.parametrize(("method", "path"), [("POST", "/a/b"), ("GET", "/a/b"), ("GET", "/none"), ("PUT", "/a/b")])
def test_a_request_is_led_where_the_whole_configuration_leads_it(method: str, path: str) -> None:
    """GET /a/b is the endpoint with the parameter, PUT /a/b none at all."""
    expected = {"POST /a/b": "/a/b", "GET /a/b": "/a/{id}"}.get(f"{method} {path}", "")
    status = 200 if expected else 404 if path == "/none" else 405
    handled = {**LIMITED["extra_config"], "router": {"disable_handle_method_not_allowed": False}}
    test = {"in": {"url": path, "method": method}, "out": {"status": status, "route": expected}}
    assert _played({**LIMITED, "extra_config": handled}, [test, test]) == ["", ""]


def test_ten_times_as_many_endpoints_are_ten_times_the_work_to_write_a_suite_for() -> None:
    def write(count: int) -> None:
        loaded = load_text(json.dumps(many_endpoints(count)).encode(), components=all_components())
        assert loaded.config is not None
        with Player(loaded.config, all_components(), {}, 0.0, document=loaded.document) as player:
            assert len(list(Observer(player, is_brief=True).tests())) > count * 2

    write(10)  # what is imported when first used
    few, many = (calls_of(lambda count=count: write(count)) for count in (10, 100))
    assert many < few * 13


def _names_of_two_kinds(folder: Path) -> list[str]:
    """The tests that are written for endpoints of two kinds, of which the first of each is to be asked."""
    backend = [{"url_pattern": "/"}]
    limit = {"qos/ratelimit/router": {"max_rate": 5}}
    endpoints = [{"endpoint": f"/plain-{number}", "backend": backend} for number in range(4)]
    endpoints += [{"endpoint": f"/limited-{number}", "backend": backend, "extra_config": limit} for number in range(4)]
    path = folder / "krakend.json"
    path.write_text(json.dumps({"version": 3, "host": ["http://backend:8080"], "endpoints": endpoints}))
    suite = folder / "krakend.test.json"
    assert main(["test", "--init", "-c", str(path), str(suite)]) == 0
    tests = json.loads(suite.read_text())["tests"]
    asked = [test["name"] for test in tests if test["name"].endswith(" answers")]
    assert asked == ["GET /plain-0 answers", "GET /limited-0 answers"]
    assert sum("lets_through" in test for test in tests) == 8 + 1
    assert main(["test", str(suite)]) == 0
    return [test["name"] for test in tests]


@pytest.mark.parametrize(("most_requests", "of_endpoint"), [(1, 0), (4_000, 1_000)])
def test_once_there_are_many_requests_only_endpoints_of_another_kind_are_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    most_requests: int,
    of_endpoint: int,
) -> None:
    """There are as many where as many endpoints have to be read."""
    monkeypatch.setattr(observe, "MOST_REQUESTS", most_requests)
    monkeypatch.setattr(observe, "REQUESTS_OF_ENDPOINT", of_endpoint)
    names = _names_of_two_kinds(tmp_path)
    assert "what each of 8 endpoints lets through, and answers of 2, with every kind" in capsys.readouterr().out
    assert "GET /limited-0 has a limit" in names


def test_a_suite_says_which_endpoints_it_does_not_ask_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(observe, "MOST_REQUESTS", 1)
    _names_of_two_kinds(tmp_path)
    notes = json.loads((tmp_path / "krakend.test.json").read_text())["_notes"]
    assert "sent to 2 of 8 endpoints; of the others, where others of the same kind are asked, only" in notes[0]
    assert "GET /plain-1, GET /plain-2, GET /plain-3, GET /limited-1" in notes[1]
    yaml = tmp_path / "krakend.test.yaml"
    assert main(["test", "--init", "-c", str(tmp_path / "krakend.json"), str(yaml)]) == 0
    assert f"# {notes[1]}\n" in yaml.read_text()
    monkeypatch.setattr(observe, "MOST_KINDS", 1)
    yaml.unlink()
    assert main(["test", "--init", "-c", str(tmp_path / "krakend.json"), str(yaml)]) == 0
    assert "sent to 1 of 8 endpoints; of the others, to stay quick, only" in yaml.read_text()
    assert main(["test", str(yaml)]) == 0
    capsys.readouterr()


def test_tokens_of_a_suite_are_named_once_whatever_else_they_are_called() -> None:
    tokens = Tokens({"a-2": {"claims": {"n": 1}}})
    made = [tokens._named("a", {"claims": {"n": number}}) for number in (1, 2, 1, 3, 2)]
    assert made == ["a", "a-3", "a", "a-4", "a-3"]
    assert tokens._named("a-2", {"claims": {"n": 1}}) == "a-2"
