"""Which entry was meant for an origin, and what is wrong with it."""

import pytest

from crossgate.cors.near_miss import nearest_entry

APP = "https://app.example"


@pytest.mark.parametrize(
    ("entry", "why", "replace"),
    [
        ("https://app.example/", "slash", True),
        ("https://app.example/index.html", "path", True),
        ("https://app.example:443", "default port", True),
        (" https://app.example", "blanks", True),
        ("app.example", "scheme", True),
        ("APP.example/", "scheme", True),
        ("https://user@app.example", "as browsers write it", True),
        ("http://app.example", "is for http", False),
        ("https://app.example:8443", "another port", False),
        ("https://*.app.example", "subdomains", False),
    ],
)
def test_an_entry_that_was_meant_is_recognised(entry: str, why: str, replace: bool) -> None:
    near = nearest_entry(("https://other.example", entry), APP)
    assert near is not None
    assert (near.item, near.entry, near.replace) == (1, entry, replace)
    assert why in near.why


@pytest.mark.parametrize(
    "entry", ["https://other.example", "*", "", "null", "http*", "https://app.example.net", "x://"]
)
def test_an_entry_for_others_is_none(entry: str) -> None:
    assert nearest_entry((entry,), APP) is None


def test_an_entry_that_can_be_mended_comes_before_one_that_is_right_for_others() -> None:
    near = nearest_entry(("http://app.example", "https://app.example/"), APP)
    assert near is not None
    assert near.item == 1


def test_nothing_is_near_to_an_opaque_origin() -> None:
    assert nearest_entry(("null/", "https://app.example"), "null") is None
