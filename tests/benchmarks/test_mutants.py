"""The measurement of written suites, in small: what is mutated, and what becomes of a mutant."""

import json

import pytest

from benchmarks.mutants.__main__ import chosen, main
from benchmarks.mutants.blind import BLIND
from benchmarks.mutants.files import own_files, whole
from benchmarks.mutants.kinds import BY_LISTS, KINDS
from benchmarks.mutants.measure import Measured
from benchmarks.mutants.mutations import mutated

CONFIG = {
    "version": 3,
    "host": ["http://shop:8000"],
    "timeout": "2s",
    "extra_config": {"auth/api-keys": {"keys": [{"key": "k-1", "roles": ["shop"]}]}},
    "endpoints": [
        {"endpoint": "/a/{id}", "input_headers": ["X-A"], "backend": [{"url_pattern": "/b/{id}", "allow": ["id"]}]},
        {
            "endpoint": "/keyed",
            "extra_config": {"auth/api-keys": {"roles": ["shop"]}},
            "backend": [{"url_pattern": "/k"}],
        },
    ],
}


@pytest.fixture(scope="module")
def measured():
    return Measured(CONFIG)


@pytest.mark.parametrize(
    ("place", "key", "value", "outcome"),
    [
        (("endpoints", 0), "timeout", "3s", "requests"),
        (("endpoints", 0, "backend", 0), "allow", ["id", "iban"], "settings"),
        (("extra_config", "auth/api-keys", "keys", 0), "key", "k-2", "missed"),
        (("endpoints", 0), "input_headers", ["x-a"], "same"),
        ((), "name", "shop", "same"),
        ((), "idle_timeout", "7s", "beside"),
        (("endpoints", 0), "endpoint", "no-slash", "no start"),
    ],
)
def test_mutant_is_judged_by_what_it_changes(measured, place, key, value, outcome):
    tree = json.loads(json.dumps(CONFIG))
    node = tree
    for step in place:
        node = node[step]
    node[key] = value
    assert measured.judged(tree).outcome == outcome


def test_mutants_are_different_ones_of_every_kind_that_fits_and_the_same_each_time():
    kinds = {**KINDS, **BLIND}
    once, again = (chosen({"one": CONFIG}, kinds, 130, 7)["one"] for _ in range(2))
    assert once == again
    assert len({json.dumps(tree, sort_keys=True) for _, tree in once}) == len(once) == 130
    assert {"timeout put", "path changed", "auth/api-keys dropped", "a key deleted"} <= {kind for kind, _ in once}


def test_every_kind_finds_something_to_change_in_the_projects_own_files():
    trees = [tree for _, part in own_files() if (tree := whole(part)) is not None]
    assert set(KINDS) >= BY_LISTS
    for kind, mutate in {**KINDS, **BLIND}.items():
        assert any(mutated(tree, mutate, number) is not None for tree in trees for number in range(3)), kind


@pytest.mark.parametrize("endpoints", [[{}], [{"backend": [{}]}], [{"endpoint": 1, "backend": {}}], [None], {}, None])
def test_no_kind_fails_where_something_is_missing_or_of_another_type(endpoints):
    tree = {"endpoints": endpoints, "extra_config": []}
    for mutate in {**KINDS, **BLIND}.values():
        assert mutated(tree, mutate, 1) != tree


def test_report_counts_by_kinds(tmp_path, monkeypatch, capsys):
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(CONFIG))
    monkeypatch.setattr("sys.argv", ["mutants", str(path), "--only", "path changed", "--count", "2"])
    assert main() == 0
    *_, whole_row = capsys.readouterr().out.splitlines()
    assert whole_row.startswith("| **all** | 2 | 2 (100.0 %) | 2 (100.0 %) |")
