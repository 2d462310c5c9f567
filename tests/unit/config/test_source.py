"""Texts that do not parse, and where values stand, in all three formats."""

import pytest

from crossgate.config.source import parse

FAULTS = [
    ("k.json", "", "CFG102", 1, 1),
    ("k.json", '{"a": 1,}', "CFG102", 1, 8),
    ("k.json", "{\n  a: 1}", "CFG102", 2, 3),
    ("k.json", '{"a" 1}', "CFG102", 1, 6),
    ("k.json", '{"a": 1 "b": 2}', "CFG102", 1, 9),
    ("k.json", '{"a": [1 2]}', "CFG102", 1, 10),
    ("k.json", "{'a': 1}", "CFG102", 1, 2),
    ("k.json", '{"a": True}', "CFG102", 1, 7),
    ("k.json", '{"a": 01}', "CFG102", 1, 7),
    ("k.json", '{"a": .5}', "CFG102", 1, 7),
    ("k.json", '{"a": "x}', "CFG102", 1, 7),
    ("k.json", '{"a": "x\ny"}', "CFG102", 1, 9),
    ("k.json", '{"a": "\\x"}', "CFG102", 1, 8),
    ("k.json", '{"a": 1} x', "CFG102", 1, 10),
    ("k.json", '// c\n{"a": 1}', "CFG102", 1, 1),
    ("k.json", '{"a": 1', "CFG102", 1, 8),
    ("k.json", '{"a": NaN}', "CFG105", 1, 7),
    ("k.json", '{"a": -Infinity}', "CFG105", 1, 7),
    ("k.json", '{"a": 1e999}', "CFG105", 1, 7),
    ("k.json", "\ufeff{}", "CFG108", 1, 1),
    ("k.json", "[]", "CFG109", 1, 1),
    ("k.json", "null", "CFG109", 1, 1),
    ("k.yaml", "a: [1\nb: 2", "CFG102", 2, 2),
    ("k.yaml", "a: *x", "CFG102", 1, 4),
    ("k.yaml", "? [a]\n: 1", "CFG102", 1, 3),
    ("k.yaml", "a: &x [*x]", "CFG107", 1, 8),
    ("k.yaml", "a: .inf", "CFG105", 1, 4),
    ("k.yaml", "a: \x07", "CFG102", 1, 4),
    ("k.yaml", "- a", "CFG109", 1, 1),
    ("k.yaml", "", "CFG109", 1, 1),
    ("k.toml", "a = ", "CFG102", 1, 5),
    ("k.toml", "a = 1\na = 2", "CFG102", 2, 6),
    ("k.toml", "a = nan", "CFG105", 1, 5),
]


@pytest.mark.parametrize(("name", "text", "code", "line", "column"), FAULTS)
def test_fault_is_shown_where_it_is(name: str, text: str, code: str, line: int, column: int) -> None:
    parsed = parse(text.encode(), name=name)
    assert parsed.tree is None
    [finding] = parsed.findings
    assert finding.span is not None
    assert (finding.code, finding.severity, finding.span.line, finding.span.column) == (code, "error", line, column)


TEXTS = {
    "k.json": '{\n  "é": "ü", "a": {"b": [1,\n {"c": true}]}}',
    "k.yaml": '"é": ü\na:\n  b:\n    - 1\n    - c: true\n',
    "k.toml": '"é" = "ü"\n[a]\nb = [1, {c = true}]\n',
}
PLACES = {
    "k.json": {"$": (1, 1), '$["é"]': (2, 8), "$.a": (2, 18), "$.a.b[1]": (3, 2), "$.a.b[1].c": (3, 8)},
    "k.yaml": {"$": (1, 1), '$["é"]': (1, 6), "$.a": (2, 1), "$.a.b[1]": (5, 7), "$.a.b[1].c": (5, 10)},
    "k.toml": {"$": (1, 1), '$["é"]': (1, 7), "$.a": (2, 2), "$.a.b[1]": (3, 9), "$.a.b[1].c": (3, 14)},
}


@pytest.mark.parametrize("name", TEXTS)
def test_values_are_found_by_their_paths(name: str) -> None:
    parsed = parse(TEXTS[name].encode(), name=name)
    assert parsed.tree == {"é": "ü", "a": {"b": [1, {"c": True}]}}
    for path, position in PLACES[name].items():
        span = parsed.places.locate(path)
        assert (span.line, span.column) == position, path


@pytest.mark.parametrize("name", TEXTS)
def test_absent_path_is_shown_at_what_is_there_of_it(name: str) -> None:
    parsed = parse(TEXTS[name].encode(), name=name)
    assert parsed.places.locate("$.a.b[1].nope.deep[3]") == parsed.places.locate("$.a.b[1]")


def test_tables_and_lists_of_tables_of_toml_are_placed() -> None:
    text = "[[e]]\nx = 1\n[[e.b]]\ny = 1\n[[e]]\nx = 2\n[[e.b]]\n[[e.b]]\ny = 3\n[e.c]\nz.w = 4\n"
    parsed = parse(text.encode(), name="k.toml")
    for path, line in {
        "$.e[0].x": 2,
        "$.e[0].b[0].y": 4,
        "$.e[1].x": 6,
        "$.e[1].b[1].y": 9,
        "$.e[1].c.z.w": 11,
    }.items():
        assert parsed.places.locate(path).line == line, path


def test_keys_that_stand_twice_are_found_at_every_depth() -> None:
    parsed = parse(b'{"a": [{"b": 1, "c": {}, "b": 2, "b": 3}], "a": 1}', name="k.json")
    assert parsed.tree == {"a": 1}
    assert [finding.path for finding in parsed.findings] == ["$.a[0].b", "$.a[0].b", "$.a"]


def test_keys_that_stand_twice_in_yaml_are_a_warning() -> None:  # DEV-CONF-3
    parsed = parse(b"a: 1\nb: {c: 1, c: 2}\na: 2\n", name="k.yaml")
    assert parsed.tree == {"a": 2, "b": {"c": 2}}
    assert [(finding.path, str(finding.severity)) for finding in parsed.findings] == [
        ("$.b.c", "warning"),
        ("$.a", "warning"),
    ]


def test_depth_of_json_is_bounded() -> None:  # DEV-CONF-1
    assert parse(b'{"a":' + b"[" * 199 + b"]" * 199 + b"}", name="k.json").tree is not None
    [finding] = parse(b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", name="k.json").findings
    assert finding.code == "CFG106"


def test_aliases_that_double_again_and_again_are_refused() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    [finding] = parse("\n".join(lines).encode(), name="k.yaml").findings
    assert finding.code == "CFG107"


def test_merge_keys_of_yaml_are_merged_and_placed() -> None:
    parsed = parse(b"x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 5\n", name="k.yaml")
    assert parsed.tree["z"] == {"a": 5, "b": 2, "c": 4}
    assert parsed.places.locate("$.z.c").line == 2


@pytest.mark.parametrize(
    ("scalar", "value"),
    [("yes", "yes"), ("True", True), ("0777", 511), ("0x1F", 31), ("1_000", 1000), ("1e3", 1000.0), ("-.5", -0.5),
     ("~", None), ("", None), ("'1'", "1"), ("!!str 1", "1"), ("089", 89.0), ("=", "="), ("|-\n  1", "1"),
     ("2001-01-01", "2001-01-01")],
)  # fmt: skip
def test_yaml_scalars_mean_what_they_mean_to_krakend(scalar: str, value: object) -> None:
    tree = parse(f"a: {scalar}\n".encode(), name="k.yaml").tree
    assert tree == {"a": value}
    assert type(tree["a"]) is type(value)


def test_numbers_as_yaml_keys_become_text() -> None:
    assert parse(b"404: {1.5: x, true: y}\n", name="k.yaml").tree == {"404": {"1.5": "x", "true": "y"}}


def test_second_document_of_yaml_is_ignored_with_a_warning() -> None:
    parsed = parse(b"a: 1\n---\nb: 2\n", name="k.yaml")
    assert parsed.tree == {"a": 1}
    assert [(each.code, str(each.severity)) for each in parsed.findings] == [("CFG110", "warning")]


def test_byte_order_mark_is_fine_in_yaml_and_toml() -> None:
    assert parse("\ufeffa: 1".encode(), name="k.yaml").tree == {"a": 1}
    assert parse("\ufeffa = 1".encode(), name="k.toml").tree == {"a": 1}


def test_invalid_utf8_in_a_json_string_is_replaced_with_a_warning() -> None:
    parsed = parse(b'{"a": "\xff\xfeb"}', name="k.json")
    assert parsed.tree == {"a": "\ufffd\ufffdb"}
    assert [(each.code, str(each.severity)) for each in parsed.findings] == [("CFG103", "warning")]
    assert parse(b"a: \xff", name="k.yaml").tree is None


def test_utf16_is_named_as_what_it_is() -> None:
    [finding] = parse('{"version": 3}'.encode("utf-16"), name="k.json").findings
    assert finding.code == "CFG103"
    assert "UTF-16" in finding.message


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    assert parse(rb'{"\ud800x": "\ude00 \ud83d\ude00"}', name="k.json").tree == {"\ufffdx": "\ufffd 😀"}


def test_number_of_thousands_of_digits_costs_no_time() -> None:
    assert parse(b'{"a": 1' + b"0" * 5000 + b"}", name="k.json").findings[0].code == "CFG105"
    assert parse(b'{"a": 12345678901234567890}', name="k.json").tree == {"a": 12345678901234567890.0}
    assert parse(b"a = 1" + b"0" * 5000, name="k.toml").findings[0].code == "CFG105"
