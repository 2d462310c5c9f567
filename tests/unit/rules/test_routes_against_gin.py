"""The rules about routes refuse what gin refuses, and nothing else."""

import copy
import json
import posixpath

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config import load_text
from tests.unit.rules.gin_tree import Node, Panic, add_route

SEGMENTS = st.sampled_from(
    [
        "{a}",
        "{b}",
        "{ab}",
        "x",
        "y",
        "xy",
        "x{a}",
        "{a}.json",
        "{a}b",
        ":c",
        "x:c",
        ":",
        "*",
        "x*",
        ":c:d",
        "",
        "..",
        ".",
    ]
)
PATHS = (
    st.lists(SEGMENTS, max_size=4).map(lambda segments: "/" + "/".join(segments)).filter(lambda p: "*" not in p[:-1])
)
METHODS = st.sampled_from(["GET", "POST"])


def route_of(path):
    """lura's rewriting, once more: a plain name in braces right after a slash is a parameter, and then everywhere."""
    for segment in path.split("/")[1:]:
        name, closed, _ = segment.removeprefix("{").partition("}")
        if segment.startswith("{") and closed and name and all(c.isalnum() or c in "_-" for c in name):
            path = path.replace("{" + name + "}", ":" + name)
    return path


def joined(route):
    """Go's path.Join, as gin uses it."""
    slash = "/" if route.endswith("/") and route.strip("/") else ""
    return posixpath.normpath("/" + route.strip("/")) + slash


def refused_by_gin(endpoints, *, auto_options):
    """The indexes of endpoints that panic, each left out of the tree then."""
    trees = {}
    refused = set()
    for index, (method, path) in enumerate(endpoints):
        before = copy.deepcopy(trees)
        try:
            add_route(trees.setdefault(method, Node()), joined(route_of(path)))
            if auto_options and (method, path) not in endpoints[:index]:
                registered = trees.setdefault(("OPTIONS", "paths"), set())
                if route_of(path) not in registered:
                    registered.add(route_of(path))
                    add_route(trees.setdefault("OPTIONS", Node()), joined(route_of(path)))
        except Panic:
            refused.add(index)
            trees = before
    return refused


def refused_by_the_rules(endpoints, *, auto_options):
    tree = {
        "version": 3,
        "host": ["http://127.0.0.1:8081"],
        "endpoints": [
            {"endpoint": path, "method": method, "backend": [{"url_pattern": "/"}]} for method, path in endpoints
        ],
        "extra_config": {"router": {"auto_options": auto_options}},
    }
    found = [d for d in load_text(json.dumps(tree).encode(), environ={}).diagnostics if d.code in ("CFG302", "CFG303")]
    assert all(d.severity == "error" and d.path.endswith(".endpoint") for d in found)
    return {int(d.path.split("[")[1].partition("]")[0]) for d in found}


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(METHODS, PATHS), min_size=1, max_size=7), st.booleans())
def test_endpoints_that_gin_panics_on_are_errors_and_no_others_are(endpoints, auto_options):
    expected = refused_by_gin(endpoints, auto_options=auto_options)
    found = refused_by_the_rules(endpoints, auto_options=auto_options)
    # What is refused is left out of the tree, by the rules too; a repetition of it is then refused with it or not.
    assert min(expected | found, default=-1) == min(expected, default=-1) == min(found, default=-1)
    first_of_each = {i for i in expected | found if endpoints[i] not in endpoints[:i]}
    assert expected & first_of_each == found & first_of_each
