"""Laws of reading texts: the scanner and the parser agree, places are right, and nothing brings any of them down."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossgate.config.source import Format, parse
from crossgate.config.source.json_scanner import MAX_DEPTH, scan_json
from crossgate.config.source.place import Place
from crossgate.config.source.problem import TextError
from crossgate.diagnostics.path import join, parse_path
from tests.support.configurations import broken_texts, json_texts, trees

STEPS = st.lists(st.integers(0, 10**6) | st.text(max_size=10), max_size=6)


def _is_json(text: str) -> bool:
    def refuse(literal: str) -> Any:
        raise ValueError(literal)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


def _scans(text: str) -> bool:
    try:
        scan_json(text)
    except TextError:
        return False
    return True


@settings(max_examples=700, deadline=None)
@given(json_texts() | broken_texts() | st.text(max_size=20))
def test_scanner_takes_what_the_standard_parser_takes(text: str) -> None:
    assert _scans(text) == _is_json(text)


@settings(max_examples=300, deadline=None)
@given(broken_texts())
def test_fault_lies_inside_the_text(text: str) -> None:
    assume(not _scans(text))
    with pytest.raises(TextError) as refused:
        scan_json(text)
    assert 0 <= refused.value.start <= refused.value.end <= len(text) + 1
    assert refused.value.message


def _check_places(text: str, place: Place, value: Any) -> None:
    assert json.loads(text[place.start : place.end]) == value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        assert place.children is not None
        below = place.children[step]
        if isinstance(step, str):
            assert json.loads(text[below.key_start : below.key_end]) == step
        _check_places(text, below, member)


@settings(max_examples=400, deadline=None)
@given(json_texts())
def test_every_value_and_key_is_found_where_it_stands(text: str) -> None:
    root, duplicates = scan_json(text)
    assert not duplicates
    _check_places(text, root, json.loads(text))


@settings(max_examples=400, deadline=None)
@given(STEPS)
def test_path_reads_back_as_its_steps(steps: list[str | int]) -> None:
    assert parse_path(join(*steps)) == steps


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=200) | broken_texts().map(str.encode) | st.text(max_size=80).map(str.encode),
    st.sampled_from(list(Format)),
)
def test_any_bytes_give_a_tree_or_a_problem_within_the_text(data: bytes, form: Format) -> None:
    parsed = parse(data, name="file", format=form)
    assert isinstance(parsed.tree, dict) or any(finding.severity == "error" for finding in parsed.findings)
    lines = parsed.text.split("\n")
    for finding in parsed.findings:
        assert finding.span is not None
        for line, column in (
            (finding.span.line, finding.span.column),
            (finding.span.end_line, finding.span.end_column),
        ):
            assert 1 <= line <= len(lines)
            assert 1 <= column <= len(lines[line - 1]) + 1


YAML_MARKS = ["a: ", "- ", "\n", "  ", "&x ", "*x", "<<: ", "{", "}", "[", "]", ", ", "? ", ": ", "|\n", '"', "'"]
YAML_WORDS = ["1", "b", "~", "# c\n", "é", "\t", "%YAML", ">", ".nan", "0x1", "!!int ", "---\n"]
YAML_PIECES = st.sampled_from([*YAML_MARKS, *YAML_WORDS])
TOML_MARKS = ["a", " = ", "1", "\n", "[t]\n", "[[t]]\n", "[t.u]\n", ".", '"b"', "'", "{", "}", "[", "]", ", "]
TOML_WORDS = ["# c", "é", '"""', "inf"]
TOML_PIECES = st.sampled_from([*TOML_MARKS, *TOML_WORDS])


@settings(max_examples=400, deadline=None)
@given(
    st.lists(YAML_PIECES, max_size=15).map(lambda pieces: ("".join(pieces), Format.YAML))
    | st.lists(TOML_PIECES, max_size=15).map(lambda pieces: ("".join(pieces), Format.TOML))
)
def test_pieces_of_yaml_and_toml_give_a_tree_or_a_problem(case: tuple[str, Format]) -> None:
    text, form = case
    parsed = parse(text.encode(), name="file", format=form)
    assert isinstance(parsed.tree, dict) or parsed.findings
    if parsed.tree is not None:
        for key in parsed.tree:
            span = parsed.places.locate(join(key))
            assert (span.line, span.column) >= (1, 1)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(max_size=5), trees, max_size=4))
def test_json_text_means_the_same_as_yaml(tree: dict[str, Any]) -> None:
    text = json.dumps(tree)
    as_yaml = parse(text.encode(), name="a.yaml")
    as_json = parse(text.encode(), name="a.json")
    # YAML has no surrogate pairs as escapes, and merges what "<<" names.
    if "\\ud" not in text and '"<<"' not in text:
        assert as_yaml.tree == as_json.tree


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("count", [MAX_DEPTH, 1_000, 200_000])
@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.toml"])
def test_depth_is_refused_and_not_fallen_into(opening: str, count: int, name: str) -> None:
    text = ("a = " if name == "a.toml" else "") + opening * count
    parsed = parse(text.encode(), name=name)
    assert parsed.tree is None
    assert parsed.findings
