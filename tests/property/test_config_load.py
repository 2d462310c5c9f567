"""Laws of loading: whatever a file holds, it becomes a service or a list of errors, each inside the file."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config import Loaded, load_text
from crossgate.config.keys import KeyTable
from crossgate.config.namespaces import backend_http, errors, proxy, router, server
from crossgate.config.namespaces.table import NAMESPACES
from crossgate.config.tables import BACKEND_KEYS, ENDPOINT_KEYS, SERVICE_KEYS
from crossgate.diagnostics import Severity, render_json, render_sarif, render_text
from crossgate.diagnostics.codes import CODES
from tests.fuzz import config_bytes
from tests.support.configurations import scalars, trees

numbers_and_words = [1, 0, -1, 9000, 2.5, 1e300, True, False, None, "1", "true", "10s", "-1s", "", "*", "x"]
containers = [[], {}, ["*"], ["a", 1], [None], [[]], [{}], {"a": "b.c"}, {"a": 1}]
kraken_words = ["http://h", ["http://h:80/"], ["::1"], "127.0.0.1", "no-op", "dns"]
likely = st.sampled_from([*numbers_and_words, *containers, *kraken_words])
values = likely | likely | likely | scalars | trees


def objects_of(table: KeyTable, **inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some keys of a table, seldom in other letter case, with likely and unlikely values."""
    names = [key.name for key in table.keys if key.name not in inner] + [key.old for key in table.keys if key.old]
    known = st.sampled_from(names)
    names_or_not = known | known | known.map(str.upper) | st.sampled_from(["@c", "_x", "timeot"]) | st.text(max_size=4)
    fixed = st.fixed_dictionaries({}, optional={name: strategy | strategy | values for name, strategy in inner.items()})
    return st.tuples(st.dictionaries(names_or_not, values, max_size=5), fixed).map(lambda pair: pair[0] | pair[1])


TABLES = {
    "proxy": [proxy.ENDPOINT_KEYS, proxy.BACKEND_KEYS],
    "router": [router.ROUTER_KEYS],
    "backend/http": [backend_http.HTTP_KEYS],
    "backend/http/client": [backend_http.CLIENT_KEYS],
    "crossgate/server": [server.SERVER_KEYS],
    "crossgate/errors": [errors.ERRORS_KEYS],
}
CORS = st.dictionaries(
    st.sampled_from(
        ["allow_origins", "allow_methods", "max_age", "allow_credentials", "policies", "policy", "rules", "x"]
    ),
    values | st.just(["https://a.example"]),
    max_size=4,
)
namespaces = st.dictionaries(
    st.sampled_from([name for spec in NAMESPACES for name in (spec.name, *spec.old)] + ["auth/x", "nope", "@x"]),
    st.one_of([values, CORS] + [objects_of(table) for tables in TABLES.values() for table in tables]),
    max_size=3,
)
backends = objects_of(BACKEND_KEYS, extra_config=namespaces)
endpoints = objects_of(ENDPOINT_KEYS, extra_config=namespaces, backend=st.lists(backends | values, max_size=2))
services = objects_of(
    SERVICE_KEYS,
    version=st.sampled_from([2, 3]),
    extra_config=namespaces,
    endpoints=st.lists(endpoints | values, max_size=3),
)


def check_laws(loaded: Loaded) -> None:
    lines = loaded.text.split("\n")
    positions = []
    for diagnostic in loaded.diagnostics:
        assert diagnostic.code in CODES
        assert diagnostic.message
        assert diagnostic.span is not None
        if diagnostic.span.file == "environment":
            continue
        positions.append((diagnostic.span.line, diagnostic.span.column))
        assert 1 <= diagnostic.span.line <= len(lines)
        assert 1 <= diagnostic.span.column <= len(lines[diagnostic.span.line - 1]) + 1
        assert (diagnostic.span.end_line, diagnostic.span.end_column) >= positions[-1]
    assert positions == sorted(positions)
    failed = any(diagnostic.severity is Severity.ERROR for diagnostic in loaded.diagnostics)
    assert (loaded.config is None) == failed


@settings(max_examples=700, deadline=None)
@given(services, st.booleans())
def test_any_tree_gives_a_service_or_errors_inside_the_file(tree: dict[str, Any], spread: bool) -> None:
    text = json.dumps(tree, indent=1 if spread else None)
    loaded = load_text(text.encode(), name="k.json", environ={})
    check_laws(loaded)
    for render in (render_json, render_sarif):
        json.loads(render(loaded.diagnostics))
    render_text(loaded.diagnostics, {loaded.name: loaded.text}, colour=True).encode()


@settings(max_examples=200, deadline=None)
@given(services, st.booleans())
def test_strictness_makes_errors_of_warnings_and_of_nothing_else(tree: dict[str, Any], allow: bool) -> None:
    text = json.dumps(tree).encode()
    plain = load_text(text, environ={}, allow_unsupported=allow)
    strict = load_text(text, environ={}, allow_unsupported=allow, strict=True)
    assert sorted((each.code, each.path, each.message) for each in plain.diagnostics) == sorted(
        (each.code, each.path, each.message) for each in strict.diagnostics
    )
    assert not any(each.severity is Severity.WARNING for each in strict.diagnostics)
    notes = [[each for each in loaded.diagnostics if each.severity is Severity.NOTE] for loaded in (plain, strict)]
    assert sorted(each.path for each in notes[0]) == sorted(each.path for each in notes[1])


@settings(max_examples=200, deadline=None)
@given(services)
def test_allowing_the_unsupported_only_ever_removes_errors(tree: dict[str, Any]) -> None:
    text = json.dumps(tree).encode()
    refused = {each.path for each in load_text(text, environ={}).diagnostics if each.severity is Severity.ERROR}
    allowed = load_text(text, environ={}, allow_unsupported=True)
    assert {each.path for each in allowed.diagnostics if each.severity is Severity.ERROR} <= refused
    left = [each for each in allowed.diagnostics if each.code in ("CFG401", "CFG403") and each.severity == "error"]
    assert {each.path for each in left} <= {"$.tls"}  # never served in the clear


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["KRAKEND_" + key.name.upper() for key in SERVICE_KEYS.keys]) | st.just("KRAKEND_NOPE"),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
        | st.sampled_from(["1", "2s", "3", "true", "http://h"]),
        max_size=4,
    )
)
def test_any_environment_gives_a_service_or_errors(environ: dict[str, str]) -> None:
    check_laws(load_text(b'{"version": 3, "port": 1}', environ=environ))


def test_fuzz_target_finds_nothing_in_a_second() -> None:
    assert config_bytes.main(1.0, seed=1) == 0
