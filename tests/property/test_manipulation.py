"""Manipulation against a naive model: paths that are set and removed one by one in a copy."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config.model import BackendConfig
from crossgate.pipeline.manipulate import compile_manipulation

names = st.sampled_from(["a", "b", "c", "0", ""])
values = st.recursive(
    st.one_of(st.integers(0, 3), st.none(), st.just("t")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=14,
)
objects = st.dictionaries(names, values, max_size=5)
paths = st.lists(names, min_size=1, max_size=4).map(".".join)
path_lists = st.lists(paths, max_size=5).map(tuple)


def look_up(data, steps):
    """(found, value) behind object keys only."""
    for step in steps:
        if not isinstance(data, dict) or step not in data:
            return False, None
        data = data[step]
    return True, data


def is_prefix(short, long):
    return long[: len(short)] == short


def model_target(data, target):
    _, value = look_up(data, target.split("."))
    return value if isinstance(value, dict) else {}


def model_allow(data, allow):
    effective = []
    for path in (path.split(".") for path in allow):
        effective = [other for other in effective if not is_prefix(other, path) and not is_prefix(path, other)]
        effective.append(path)
    result = {}
    for path in effective:
        found, value = look_up(data, path)
        if found:
            here = result
            for step in path[:-1]:
                here = here.setdefault(step, {})
            here[path[-1]] = value
    return result


def model_deny(data, deny):
    result = copy.deepcopy(data)
    split = [path.split(".") for path in deny]
    for path in split:
        found, parent = look_up(result, path[:-1])
        if found and isinstance(parent, dict):
            parent.pop(path[-1], None)
    return result


def model_mapping(data, mapping):
    result = list(data.items())
    for old, new in mapping.items():
        moved = [value for key, value in result if key == old]
        if moved:
            result = [(key, value) for key, value in result if key not in (old, new)]
            if old != new:
                result.append((new, moved[0]))
    return dict(result)


@settings(max_examples=700, deadline=None)
@given(
    objects,
    st.one_of(st.just(""), paths),
    path_lists,
    path_lists,
    st.dictionaries(paths, names, max_size=4),
    st.sampled_from(["", "g", "a"]),
)
def test_manipulation_does_what_the_naive_model_does(data, target, allow, deny, mapping, group):
    expected = copy.deepcopy(data)
    if target:
        expected = model_target(expected, target)
    if allow:
        expected = model_allow(expected, allow)
    elif deny:
        expected = model_deny(expected, deny)
    expected = model_mapping(expected, mapping)
    if group:
        expected = {group: expected}

    backend = BackendConfig(0, (), "/", "GET", target=target, allow=allow, deny=deny, mapping=mapping, group=group)
    manipulate = compile_manipulation(backend)
    before = copy.deepcopy(data)
    result = manipulate(data) if manipulate else data
    assert result == expected
    assert data == before


@settings(max_examples=250, deadline=None)
@given(objects, path_lists.filter(bool))
def test_filters_are_idempotent_and_part_what_there_is(data, branches):
    allow = compile_manipulation(BackendConfig(0, (), "/", "GET", allow=branches))
    deny = compile_manipulation(BackendConfig(0, (), "/", "GET", deny=branches))
    assert allow(allow(data)) == allow(data)
    assert deny(deny(data)) == deny(data)
    if all("." not in branch for branch in branches):
        assert allow(data) | deny(data) == data
        assert not allow(data).keys() & deny(data).keys()
