"""move, del and append of flatmap_filter."""

import pytest

from crossgate.config.model import FlatmapOp
from crossgate.golang.json_text import encode_json
from crossgate.pipeline.manipulate import compile_flatmap


def flat(data, *ops):
    operate = compile_flatmap([FlatmapOp(kind, args) for kind, *args in ops])
    before = encode_json(data)
    result = operate(data)
    assert encode_json(data) == before, "what goes in is never changed"
    return result


@pytest.mark.parametrize(
    ("source", "target", "data", "result"),
    [
        ("a", "b", {"a": 42}, {"b": 42}),
        ("a", "b", {"a": 42, "b": 1}, {"b": 1}),  # an edge renamed stays in its place: the later one wins
        ("b.a", "b.c", {"a": 1, "b": {"a": 42}}, {"a": 1, "b": {"c": 42}}),
        ("b.a", "x.c", {"b": {"a": 42}}, {"b": {"c": 42}}),  # equal depth renames, whatever the rest says
        ("b.a", "b.b.a.c", {"b": {"a": 42}}, {"b": {"b": {"a": {"c": 42}}}}),
        ("b.a", "c", {"a": 1, "b": {"a": 42}}, {"a": 1, "b": None, "c": 42}),
        ("b.a", "a", {"a": 1, "b": {"a": 42, "z": 0}}, {"a": 42, "b": {"z": 0}}),
        ("b.*.c", "b.*.x", {"b": [{"c": 1}, {"c": {"d": 2}}, 3]}, {"b": [{"x": 1}, {"x": {"d": 2}}, 3]}),
        ("b.*.c", "b.*.c.b.x", {"b": {"f": {"c": 1}}}, {"b": {"f": {"c": {"b": {"x": 1}}}}}),
        ("a.*.b.c", "a.*.c", {"a": [{"b": {"c": 1, "d": 2}}]}, {"a": [{"b": {"d": 2}, "c": 1}]}),
        ("a.*.b", "b", {"a": {"x": {"b": 1}, "y": {"b": 2}}}, {"a": {"x": None, "y": None}, "b": 2}),
        ("a.b.c", "x.c", {"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"d": 2}}, "c": 1}),  # no x: stays above
        ("a.0", "first", {"a": [1, 2, 3]}, {"a": [2, 3], "first": 1}),
        ("missing", "x", {"a": 1}, {"a": 1}),
        ("a.b", "c", {"a": 1}, {"a": 1}),
        ("a.*", "b.*", {"a": {"x": 1, "*": 2}}, {"a": {"x": 1, "*": 2}}),
    ],
)
def test_move(source, target, data, result):
    assert flat(data, ("move", source, target)) == result


@pytest.mark.parametrize(
    ("paths", "data", "result"),
    [
        (["b"], {"a": 1, "b": 2}, {"a": 1}),
        (["missing", "a.b.c"], {"a": 1}, {"a": 1}),
        (["a.*.p"], {"a": []}, {"a": []}),
        (["a.*.p"], {"a": {}}, {"a": {}}),
        (["a.*.p"], {"a": [{"p": 1, "q": 2}, {"p": 3}, 4]}, {"a": [{"q": 2}, None, 4]}),
        (["a.b"], {"a": {"b": 1}}, {"a": None}),
        (["a.0", "a.1"], {"a": [1, 2, 3]}, {"a": [3]}),
        (["a.*"], {"a": [1, 2], "b": 1}, {"a": None, "b": 1}),
        (["a.*.b.*.c"], {"a": [{"b": [{"c": 1, "d": 2}]}]}, {"a": [{"b": [{"d": 2}]}]}),
        (["a", "b"], {"a": 1, "b": 2}, None),
        (["*"], {"a": 1}, None),
        (["a"], {}, {}),
    ],
)
def test_del(paths, data, result):
    assert flat(data, ("del", *paths)) == result


@pytest.mark.parametrize(
    ("source", "target", "data", "result"),
    [
        ("a", "b", {"a": [1], "b": [2, 3]}, {"b": [2, 3, 1]}),
        ("a", "b", {"a": [], "b": []}, {"b": []}),
        ("a", "b", {"a": [1], "b": []}, {"b": [1]}),
        ("a", "b", {"a": 1, "b": [2]}, {"a": 1, "b": [2]}),
        ("a", "b", {"a": [1], "b": {}}, {"a": [1], "b": {}}),
        ("a", "missing", {"a": [1]}, {"a": [1]}),
        (
            "x.a",
            "y.b",
            {"x": {"a": [{"k": 1}], "z": 0}, "y": {"b": [[2]]}},
            {"x": {"z": 0}, "y": {"b": [[2], {"k": 1}]}},
        ),
        ("a.*.n", "all", {"a": [{"n": 1}, {"n": 2, "m": 3}], "all": [0]}, {"a": [None, {"m": 3}], "all": [0, 1, 2]}),
    ],
)
def test_append(source, target, data, result):
    assert flat(data, ("append", source, target)) == result


def test_operations_run_in_order_as_one():
    sub = {"b": True, "c": 42, "d": "t", "e": [1, 2]}
    data = {"s": 42, "a": sub, "collection": [sub, sub], "y": [0, 1], "z": [10, 11]}
    assert flat(
        data,
        ("del", "c"),
        ("append", "y", "z"),
        ("move", "s", "S"),
        ("move", "a.b", "a.B"),
        ("del", "collection.*.b", "collection.*.d", "collection.*.e"),
        ("move", "collection.*.c", "collection.*.x"),
    ) == {
        "S": 42,
        "a": {"B": True, "c": 42, "d": "t", "e": [1, 2]},
        "collection": [{"x": 42}, {"x": 42}],
        "z": [10, 11, 0, 1],
    }


def test_operations_without_their_arguments_do_nothing():
    """DEV-DATA-10."""
    assert flat({"a": 1}, ("move", "a"), ("append",), ("del",)) == {"a": 1}


def test_no_data_stays_no_data():
    assert flat(None, ("del", "a")) is None


def test_wildcards_of_a_promotion_take_their_labels_at_any_depth():
    """DEV-DATA-4."""
    data = {"a": {"b": {"c": {"x": {"y": {"z": 1}}, "u": {"y": {"z": 2}}}}}}
    moved = flat(data, ("move", "a.b.c.*.y.z", "a.b.c.*.z"))
    assert moved == {"a": {"b": {"c": {"x": {"y": None, "z": 1}, "u": {"y": None, "z": 2}}}}}


def test_deep_and_large_data_cost_neither_stack_nor_quadratic_time():
    deep = 1
    for _ in range(9000):
        deep = {"a": deep}
    assert flat({"keep": 1, "deep": deep}, ("del", "deep.a.a"), ("move", "keep", "kept")) == {
        "kept": 1,
        "deep": {"a": None},
    }
    rows = [{"in": {"v": n}} for n in range(20_000)]
    result = flat({"r": rows, "s": [0] * 20_000}, ("move", "r.*.in.v", "r.*.v"), ("append", "r", "s"))
    assert result["s"][-1] == {"in": None, "v": 19_999}
    assert len(result["s"]) == 40_000
