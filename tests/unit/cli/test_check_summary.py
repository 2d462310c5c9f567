"""The last line of `crossgate check` never calls fine what cannot work."""

import json

import pytest

from crossgate.cli.check_summary import summary
from crossgate.config import load_text

HOST = {"host": ["http://127.0.0.1:8081"]}


def endpoint(path="/a", *backends, **keys):
    return {"endpoint": path, "backend": list(backends) or [{"url_pattern": "/b"}]} | keys


def said(*endpoints, **root):
    tree = {"version": 3, "endpoints": list(endpoints)} | root
    return summary(load_text(json.dumps(tree).encode(), name="k.json"))


def test_sound_file_is_fine():
    assert said(endpoint(), **HOST) == "k.json is fine"


def test_notes_leave_a_file_fine():
    assert said({"backend": [{"url_pattern": "/b"}]}, **HOST) == "k.json is fine, with 1 note"


def test_warnings_are_counted_by_cause_and_place():
    assert said(endpoint("/a", x=1), endpoint("/b", x=1, y=1), **HOST) == "k.json starts, with 2 warnings at 3 places"


def test_errors_prevent_the_start():
    words = said(endpoint("/a", timeout="1"), endpoint("/a", x=1, timeout="1"), **HOST)
    assert words == "k.json does not start: 2 errors at 3 places and 1 warning"


@pytest.mark.parametrize(
    "broken",
    [
        endpoint("/x", {"url_pattern": "/b", "host": []}),
        endpoint("/x", timeout=3000),
        endpoint("/x", timeout="-1s"),
        endpoint("/x?a=b"),
        endpoint("/x", method="HEAD"),
        endpoint("/x", {"url_pattern": "/b", "extra_config": {"proxy": {"shadow": True}}}),
    ],
)
def test_endpoint_that_always_fails_is_counted(broken):
    host = {} if broken["backend"][0].get("host") == [] else HOST
    good = endpoint("/a", {"url_pattern": "/b", "host": ["http://127.0.0.1:8081"]})
    assert said(good, broken, **host) == "k.json starts, with 1 warning: every request of 1 endpoint fails"


@pytest.mark.parametrize(
    ("guarded", "words"),
    [
        ({}, "with 1 warning: every request of 1 endpoint fails"),
        ({"extra_config": {"security/not-there-yet": {}}}, "with 2 warnings: every request fails"),
    ],
)
def test_endpoints_closed_for_a_guard_that_is_not_run_are_counted(guarded, words):
    tree = {"version": 3, **HOST, **guarded}
    tree["endpoints"] = [endpoint("/a"), endpoint("/b", extra_config={"auth/validater": {}})]
    loaded = load_text(json.dumps(tree).encode(), name="k.json", environ={}, allow_unsupported=True)
    assert summary(loaded) == f"k.json starts, {words}"


def test_timeout_of_the_root_fails_whoever_inherits_it():
    assert said(endpoint("/a"), endpoint("/b"), **HOST, timeout=3000).endswith("with 1 warning: every request fails")
    words = said(endpoint("/a"), endpoint("/b", timeout="1s"), endpoint("/c"), **HOST, timeout=3000)
    assert words.endswith("with 1 warning: every request of 2 endpoints fails")


def test_backend_without_a_host_beside_one_with_a_host_only_leaves_a_gap():
    gap = {"url_pattern": "/c"}
    whole = {"url_pattern": "/b", **HOST}
    assert said(endpoint("/a", whole, gap)) == "k.json starts, with 1 warning"
    assert said(endpoint("/a", gap, whole)) == "k.json starts, with 1 warning"
    sequential = {"proxy": {"sequential": True}}
    assert said(endpoint("/a", whole, gap, extra_config=sequential)) == "k.json starts, with 1 warning"
    assert said(endpoint("/a", gap, whole, extra_config=sequential)).endswith("every request of 1 endpoint fails")
