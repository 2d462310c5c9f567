"""The rule about endless redirects finds what a client of the gateway's own router would be sent round by."""

import json
import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config import load_text
from crossgate.config.model import RouterConfig
from crossgate.config.rules.route_overlaps import MAX_STEPS, RouteOverlaps
from crossgate.config.rules.route_text import routed_endpoints
from crossgate.config.url_paths import joined_path
from crossgate.pipeline.router import Router, clean_path
from crossgate.pipeline.verdict import Judge, Redirect

SEGMENTS = st.sampled_from(["{x}", "{x}", "a", "ab", "abc", "A", "b{x}"])
PATHS = st.builds(
    lambda segments, slash: "/" + "/".join(segments) + slash,
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
TRIED = [
    b"/" + b"/".join(parts) + slash
    for count in (1, 2, 3)
    for parts in product((b"a", b"ab", b"abc", b"A", b"b1", b"1"), repeat=count)
    for slash in (b"", b"/")
]


def loaded(paths, **router):
    endpoints = [{"endpoint": path, "backend": [{"url_pattern": "/"}]} for path in paths]
    tree = {"version": 3, "host": ["http://127.0.0.1:1"], "endpoints": endpoints, "extra_config": {"router": router}}
    return load_text(json.dumps(tree).encode(), environ={})


def found_in(paths, **router):
    return [found for found in loaded(paths, **router).diagnostics if found.code == "CFG319"]


def path_of(found):
    return found.message.split()[1].encode()


def added_by(found):
    return re.search(r"add an endpoint (\S+)", found.hint)[1]


def is_endless(paths, path):
    return endless_in(paths)(path)


def endless_in(paths):
    router = Router()
    for _, route in routed_endpoints(loaded(paths).document):
        router.add("GET", joined_path(route), route)
    judge = Judge(router, RouterConfig())

    def is_endless(path):
        seen = set()
        while path not in seen:
            seen.add(path)
            verdict = None if router.find(b"GET", path) else judge.judge(b"GET", path, path)
            if not isinstance(verdict, Redirect):
                return False
            path = clean_path(verdict.path)
        return True

    return is_endless


@pytest.mark.parametrize(
    ("paths", "path"),
    [
        (["/A/A/{x}", "/a/{x}/ab", "/{x}/a"], b"/a/a"),
        (["/{kind}/{id}", "/users/{id}/orders"], b"/users/1"),
        (["/{x}/b/c", "/a/{p}"], b"/a/b/c"),
        (["/ab", "/ac", "/{x}/"], b"/a/"),
        (["/a/b", "/ab", "/{x}/"], b"/a/"),
        (["/é/{x}/y", "/{a}/{b}"], "/é/1".encode()),
    ],
)
def test_a_path_that_is_redirected_for_ever_is_named(paths, path):
    (found,) = found_in(paths)
    assert path_of(found) == path
    assert is_endless(paths, path)


@pytest.mark.parametrize(
    "paths",
    [
        ["/users/me", "/users/{id}", "/users/{id}/orders"],
        ["/{kind}/{id}", "/users/{id}/orders", "/users/{id}"],
        ["/{x}/b/c", "/a/b/d"],
        ["/cmd/{tool}/", "/cmd/whoami"],
    ],
)
def test_text_beside_a_parameter_is_fine_where_the_router_comes_back(paths):
    assert found_in(paths) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(PATHS, min_size=2, max_size=5, unique=True))
def test_it_finds_what_trying_all_short_paths_finds_and_what_it_recommends_helps(paths):
    if any(found.code in {"CFG302", "CFG303"} for found in loaded(paths).diagnostics):
        return
    reported = found_in(paths)
    is_in = endless_in(paths)
    assert any(map(is_in, TRIED)) == bool(reported)
    for found in reported:
        assert is_endless(paths, path_of(found))
        if "add an endpoint" in found.hint:
            assert not is_endless([*paths, added_by(found)], path_of(found))


def test_it_is_silent_where_redirects_are_off():
    paths = ["/{kind}/{id}", "/users/{id}/orders"]
    assert found_in(paths, disable_redirect_fixed_path=True, disable_redirect_trailing_slash=True) == []
    assert found_in(paths, disable_redirect_fixed_path=True) == []
    assert len(found_in(paths, disable_redirect_trailing_slash=True)) == 1


def test_the_search_ends_however_many_ways_routes_overlap():
    width = 12
    paths = ["/" + "/".join("{a}" if bits >> at & 1 else "t" for at in range(width)) for bits in range(2**width)]
    routes = [(endpoint, route) for endpoint, route in routed_endpoints(loaded(paths).document)]
    overlaps = RouteOverlaps(routes)
    assert sum(1 for _, route in routes for _ in overlaps.of(route)) <= MAX_STEPS


def test_many_neighbours_do_not_hide_a_loop():
    paths = ["/{kind}/{id}", *(f"/things{number}/{{id}}/parts" for number in range(2 * MAX_STEPS))]
    assert len(found_in(paths)) == 1
