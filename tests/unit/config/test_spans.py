"""Where a problem is shown when its place is easy to miss: items, renamed keys, keys that a loader changed."""

import pytest

from crossgate.config import load_text

OLD_CORS = '$.extra_config["github_com/devopsfaith/krakend-cors"]'


def shown(text: str) -> list[tuple[str, str, str]]:
    """Code, path and the marked text of every problem."""
    loaded = load_text(text.encode(), environ={})
    lines = loaded.text.split("\n")
    marked = []
    for diagnostic in loaded.diagnostics:
        span = diagnostic.span
        assert span is not None
        assert span.line == span.end_line
        marked.append((diagnostic.code, diagnostic.path, lines[span.line - 1][span.column - 1 : span.end_column - 1]))
    return marked


def old_cors(block: str) -> str:
    return f'{{"version": 2, "endpoints": [], "extra_config": {{"github_com/devopsfaith/krakend-cors": {block}}}}}'


def test_key_in_capitals_of_a_version_2_block_is_shown_as_written():
    block = '{"Allow_Origins": ["https://a.example", "https://b.example/"], "MAX_AGE": "25h", "Allow_Methods": ["G,"]}'
    assert shown(old_cors(block)) == [
        ("COR301", f"{OLD_CORS}.Allow_Origins[1]", '"https://b.example/"'),
        ("COR342", f"{OLD_CORS}.MAX_AGE", '"25h"'),
        ("COR324", f"{OLD_CORS}.Allow_Methods[0]", '"G,"'),
    ]


@pytest.mark.parametrize("plain_first", [True, False])
def test_of_two_spellings_in_a_version_2_block_the_one_that_counts_is_looked_at(plain_first):
    plain, capitals = '"allow_origins": ["https://plain.example/"]', '"Allow_Origins": ["https://capitals.example/"]'
    block = f"{{{plain}, {capitals}}}" if plain_first else f"{{{capitals}, {plain}}}"
    found = shown(old_cors(block))
    assert ("COR301", f"{OLD_CORS}.Allow_Origins[0]", '"https://capitals.example/"') in found
    assert {code for code, _, _ in found} == {"COR301", "COR111"}


def test_converted_item_of_a_list_is_shown_by_itself():
    text = '{"version": 3, "endpoints": [{"input_headers": ["A", 5, null, true], "backend": [{"host": ["http://h"]}]}]}'
    path = "$.endpoints[0].input_headers"
    assert [found for found in shown(text) if found[0] == "CFG203"] == [
        ("CFG203", f"{path}[1]", "5"),
        ("CFG203", f"{path}[2]", "null"),
        ("CFG203", f"{path}[3]", "true"),
    ]


def test_ill_typed_value_of_a_mapping_is_shown_by_itself():
    mapping = '"mapping": {"a": 5, "b": "x", "c": 7.5}'
    text = '{"version": 3, "endpoints": [{"backend": [{"host": ["http://h"], MAPPING}]}]}'
    path = "$.endpoints[0].backend[0].mapping"
    assert [found for found in shown(text.replace("MAPPING", mapping)) if found[0] == "CFG203"] == [
        ("CFG203", f"{path}.a", "5"),
        ("CFG203", f"{path}.c", "7.5"),
    ]
    refused = '"mapping": {"a": "x", "c": ["y"]}'
    assert ("CFG202", f"{path}.c", '["y"]') in shown(text.replace("MAPPING", refused))


def test_ignored_item_of_a_namespace_is_shown_by_itself():
    text = '{"version": 3, "extra_config": {"router": {"remote_ip_headers": ["X-Client", 5]}}, "endpoints": []}'
    assert shown(text) == [("CFG217", "$.extra_config.router.remote_ip_headers[1]", "5")]


@pytest.mark.parametrize(
    ("version", "written", "meant"),
    [
        (3, "cors", "security/cors"),
        (3, "Security/CORS", "security/cors"),
        (3, "krakend-cors", "security/cors"),
        (3, "github_com/devopsfaith/krakend-corss", "security/cors"),
        (3, "github.com/devopsfaith/krakend-cors", "security/cors"),
        (3, "backend/htpp", "backend/http"),
        (2, "github.com/devopsfaith/krakend-cors", "github_com/devopsfaith/krakend-cors"),
        (2, "cors", "github_com/devopsfaith/krakend-cors"),
    ],
)
def test_unknown_namespace_is_answered_with_the_one_that_was_meant(version, written, meant):
    text = f'{{"version": {version}, "endpoints": [], "extra_config": {{"{written}": {{}}}}}}'
    (found,) = load_text(text.encode(), environ={}).diagnostics
    assert (found.code, found.hint) == ("CFG207", f'did you mean "{meant}"?')


@pytest.mark.parametrize("word", ["foo", "my-component", "x", "github.com/someone/plugin"])
def test_namespace_that_resembles_none_is_answered_with_none(word):
    text = f'{{"version": 3, "endpoints": [], "extra_config": {{"{word}": {{}}}}}}'
    (found,) = load_text(text.encode(), environ={}).diagnostics
    assert (found.code, found.hint) == ("CFG207", "")
