"""target, allow, deny, mapping, group: each alone, and their order."""

import copy

import pytest

from crossgate.config.model import BackendConfig, FlatmapOp
from crossgate.pipeline.manipulate import compile_manipulation

DATA = {
    "id": 42,
    "user": {"name": "n", "mail": "m", "address": {"city": "c", "zip": "z"}, "none": None, "empty": {}},
    "list": [{"x": 1}, {"x": 2}],
}


def manipulated(data, **settings):
    manipulate = compile_manipulation(BackendConfig(index=0, hosts=(), url_pattern="/", method="GET", **settings))
    before = copy.deepcopy(data)
    result = manipulate(data)
    assert data == before, "what goes in is never changed"
    return result


def test_nothing_to_do_is_none():
    assert compile_manipulation(BackendConfig(index=0, hosts=(), url_pattern="/", method="GET")) is None


@pytest.mark.parametrize(
    ("target", "result"),
    [
        ("user", DATA["user"]),
        ("user.address", {"city": "c", "zip": "z"}),
        ("user.empty", {}),
        ("missing", {}),
        ("user.missing.deeper", {}),
        ("id", {}),
        ("list", {}),
        ("list.0", {}),
        ("user.none", {}),
        ("user.", {}),
    ],
)
def test_target_takes_an_object_or_nothing(target, result):
    assert manipulated(DATA, target=target) == result


@pytest.mark.parametrize(
    ("allow", "result"),
    [
        (("id",), {"id": 42}),
        (("user.name", "user.address.zip"), {"user": {"name": "n", "address": {"zip": "z"}}}),
        (("list",), {"list": [{"x": 1}, {"x": 2}]}),
        (("list.x",), {}),
        (("list.0.x",), {}),
        (("id.x",), {}),
        (("user.empty",), {"user": {"empty": {}}}),
        (("user.empty.x", "id"), {"id": 42}),
        (("user.none",), {"user": {"none": None}}),
        (("missing",), {}),
        (("user", "user.name"), {"user": {"name": "n"}}),
        (("user.name", "user"), {"user": DATA["user"]}),
    ],
)
def test_allow_keeps_the_branches_it_names(allow, result):
    assert manipulated(DATA, allow=allow) == result


@pytest.mark.parametrize(
    ("deny", "result"),
    [
        (("id", "user"), {"list": DATA["list"]}),
        (
            ("user.name", "user.address.city", "user.none", "user.empty", "list"),
            {"id": 42, "user": {"mail": "m", "address": {"zip": "z"}}},
        ),
        (("user.address.city", "user.address.zip"), DATA | {"user": DATA["user"] | {"address": {}}}),
        (("list.x", "list.0", "id.x", "missing.x"), DATA),
        (("user", "user.name"), {"id": 42, "list": DATA["list"]}),
        (("user.name", "user"), {"id": 42, "list": DATA["list"]}),
    ],
)
def test_deny_drops_the_branches_it_names(deny, result):
    assert manipulated(DATA, deny=deny) == result


def test_deny_is_ignored_beside_allow():
    assert manipulated(DATA, allow=("id",), deny=("id",)) == {"id": 42}


@pytest.mark.parametrize(
    ("mapping", "result"),
    [
        ({"a": "x"}, {"x": 1, "b": 2}),
        ({"a": "b"}, {"b": 1}),
        ({"a": "b", "b": "a"}, {"a": 1}),
        ({"a": "x", "x": "y"}, {"y": 1, "b": 2}),
        ({"a": "a"}, {"b": 2}),
        ({"missing": "a", "a.b": "c"}, {"a": 1, "b": 2}),
    ],
)
def test_mapping_renames_top_level_keys_in_order(mapping, result):
    """DEV-DATA-3 where names collide."""
    assert manipulated({"a": 1, "b": 2}, mapping=mapping) == result


def test_group_wraps_everything_and_also_nothing():
    assert manipulated(DATA, group="g") == {"g": DATA}
    assert manipulated({}, group="g.h") == {"g.h": {}}
    assert manipulated(None, group="g") == {"g": None}


def test_the_order_is_target_filter_mapping_group():
    settings = {"target": "user.address", "allow": ("city",), "mapping": {"city": "City"}, "group": "g"}
    assert manipulated(DATA, **settings) == {"g": {"City": "c"}}


def test_flatmap_replaces_filters_and_mapping():
    operation = FlatmapOp("del", ("name",))
    settings = {"target": "user.address", "allow": ("city",), "mapping": {"city": "City"}, "group": "g"}
    assert manipulated(DATA, flatmap=(operation,), **settings) == {"g": {"city": "c", "zip": "z"}}


def test_no_data_passes_through():
    assert manipulated(None, allow=("a",), mapping={"a": "b"}) is None
    assert manipulated(None, deny=("a",)) is None
    assert manipulated(None, target="a") == {}
