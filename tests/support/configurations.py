"""Texts for tests of the configuration: a small sound file, trees and texts by chance, and texts with a fault."""

import json
from typing import Any

from hypothesis import strategies as st


def service(**keys: Any) -> dict[str, Any]:
    """A version 3 file with one endpoint, with these root keys instead or besides."""
    return {"version": 3, "endpoints": [endpoint()]} | keys


def endpoint(**keys: Any) -> dict[str, Any]:
    """An endpoint with one backend, with these keys instead or besides."""
    return {"endpoint": "/a", "backend": [backend()]} | keys


def backend(**keys: Any) -> dict[str, Any]:
    """A backend, with these keys instead or besides."""
    return {"host": ["http://a.example"], "url_pattern": "/a"} | keys


def text_of(tree: Any) -> bytes:
    """A tree as JSON over several lines."""
    return json.dumps(tree, indent=2).encode()


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["", "3s", "5", "GET", "no-op", "*", "/a/{b}", "http://a.example", "https://a.example/", "{", "é"]
    )
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """A tree written as JSON, tight or spread, non-ASCII escaped or not."""
    tree = draw(trees)
    return json.dumps(tree, indent=draw(st.sampled_from([None, 0, 2])), ensure_ascii=draw(st.booleans()))


@st.composite
def broken_texts(draw: st.DrawFn) -> str:
    """A JSON text with a stretch replaced by something: mostly no JSON any more."""
    text = draw(json_texts())
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 5)))
    patch = draw(
        st.sampled_from(["", ",", "}", "]", "{", "[", '"', "\\", "'", ":", "NaN", "-", "1e", "01", "//", "\n", "\x00"])
        | st.text(max_size=3)
    )
    return text[:start] + patch + text[end:]
