"""The rules across a file take any document, with whatever in its places, and point into it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config import load_text
from crossgate.config.rules import GATEWAY_RULES

SCALARS = st.none() | st.booleans() | st.integers(-5, 99999) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=4) | st.sampled_from([
    "/a", "/a/{x}", "/{x}/{y}", "/{x}.json", "/a/*", "/:x", "{", "}", "/b/{resp0_x}", "/b/{resp1_}", "no-op", "json",
    "2s", "-1ns", "0", "GET", "post", "OPTIONS", "Origin", "*", "http://h", "h:80", "", "é", "https://*.x.com", "null",
])  # fmt: skip
KEYS = st.sampled_from([
    "version", "endpoints", "endpoint", "backend", "url_pattern", "host", "method", "timeout", "output_encoding",
    "encoding", "input_headers", "extra_config", "proxy", "security/cors", "crossgate/cors", "router", "allow_origins",
    "allow_methods", "options_passthrough", "sequential", "sequential_propagated_params", "shadow", "policies", "rules",
    "health_path", "auto_options", "write_timeout", "disable_rest", "max_age", "upstream", "policy", "default",
])  # fmt: skip
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def objects(required, *optional):
    return st.fixed_dictionaries(required, optional=dict.fromkeys(optional, VALUES))


BACKENDS = st.lists(objects({"url_pattern": VALUES}, "host", "timeout", "encoding", "extra_config"), max_size=3)
ENDPOINT = objects(
    {"endpoint": TEXTS, "backend": BACKENDS | VALUES},
    *("method", "timeout", "output_encoding", "input_headers", "extra_config"),
)
DOCUMENTS = objects(
    {"version": st.sampled_from([2, 3]), "endpoints": st.lists(ENDPOINT, max_size=4) | VALUES},
    *("host", "timeout", "write_timeout", "output_encoding", "extra_config", "disable_rest"),
)


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS)
def test_any_document_is_judged_without_a_traceback(tree):
    loaded = load_text(json.dumps(tree).encode(), environ={})
    lines = loaded.text.count("\n") + 1
    for diagnostic in loaded.diagnostics:
        assert diagnostic.path.startswith("$")
        assert diagnostic.span is not None
        assert diagnostic.span.line <= lines
    assert loaded.document is not None
    for rule in GATEWAY_RULES:
        for diagnostic in rule(loaded.document):
            assert diagnostic.code == rule.code
            assert diagnostic.message
            assert diagnostic.hint
            assert diagnostic.krakend
