"""What people paste where a CORS block belongs, in whatever form it stood in their file."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.demo.pasted import read_pasted

EXAMPLES = Path(__file__).parents[3] / "examples" / "quickstart"
BLOCK = {"allow_origins": ["https://a.example"], "max_age": "1h"}
TEXT = json.dumps(BLOCK)
OLD = "github_com/devopsfaith/krakend-cors"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (TEXT, 3),
        (f"{TEXT},", 3),
        (f'"security/cors": {TEXT}', 3),
        (f'  "security/cors": {TEXT},\n', 3),
        (f'"{OLD}": {TEXT},', 2),
        (f'{{"{OLD}": {TEXT}}}', 2),
        (f'"extra_config": {{"security/cors": {TEXT}}},', 3),
        (f'{{"extra_config": {{"security/cors": {TEXT}, "router": {{}}}}}}', 3),
        (f'{{"version": 3, "endpoints": [], "extra_config": {{"security/cors": {TEXT}}}}}', 3),
        (f'{{"version": 2, "endpoints": [], "extra_config": {{"{OLD}": {TEXT}}}}}', 2),
        ('"allow_origins": ["https://a.example"],\n"max_age": "1h",', 3),
        ("allow_origins: [https://a.example]\nmax_age: 1h", 3),
        ("security/cors:\n  allow_origins:\n    - https://a.example\n  max_age: 1h\n", 3),
        ("version: 3\nextra_config:\n  security/cors: {allow_origins: [https://a.example], max_age: 1h}\n", 3),
        ('allow_origins = ["https://a.example"]\nmax_age = "1h"\n', 3),
        ('version = 3\n[extra_config."security/cors"]\nallow_origins = ["https://a.example"]\nmax_age = "1h"\n', 3),
    ],
)
def test_the_block_is_found_with_its_version(text: str, version: int) -> None:
    pasted = read_pasted(text, 3)
    assert pasted.starts
    assert (pasted.block, pasted.version) == (BLOCK, version)
    assert pasted.policy is not None
    assert pasted.policy.config.allow_origins == ("https://a.example",)


def test_a_block_alone_has_the_version_that_was_chosen() -> None:
    assert read_pasted(TEXT, 2).version == 2
    assert read_pasted(TEXT, 2).note == ""


@pytest.mark.parametrize(("name", "version"), [("krakend.json", 2), ("krakend-v3.json", 3)])
def test_the_examples_are_understood(name: str, version: int) -> None:
    pasted = read_pasted((EXAMPLES / name).read_text(), 3)
    assert pasted.starts
    assert pasted.policy is not None
    assert pasted.version == version
    assert pasted.note.startswith("A whole file")


def test_faults_elsewhere_in_a_file_do_not_matter_to_its_policy() -> None:
    pasted = read_pasted(
        json.dumps({"version": 3, "extra_config": {"security/cors": BLOCK}, "endpoints": [{"endpoint": 5}]}), 3
    )
    assert pasted.starts
    assert pasted.policy is not None


def test_faults_of_the_block_do() -> None:
    text = json.dumps({"version": 3, "extra_config": {"security/cors": {"allowed_origins": []}}, "endpoints": []})
    pasted = read_pasted(text, 3)
    assert not pasted.starts
    assert {found.code for found in pasted.diagnostics} >= {"COR108"}


def test_a_file_with_policies_of_our_own_is_taken_as_a_whole() -> None:
    endpoint = {"endpoint": "/x", "backend": [{"url_pattern": "/", "host": ["http://b"]}]}
    own = {"crossgate/cors": {"allow_origins": ["https://o.example"]}}
    pasted = read_pasted(
        json.dumps({"version": 3, "extra_config": own, "endpoints": [{**endpoint, "extra_config": own}]}), 3
    )
    assert pasted.policy is not None
    assert pasted.policy.config.allow_origins == ("https://o.example",)
    assert pasted.block is None
    assert "1 of its endpoints" in pasted.note


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"x"', "5", "null", "{{ x }}", '{"version": {{ .port }}}', "\0", "[[["]
)
def test_what_is_no_block_is_said(text: str) -> None:
    pasted = read_pasted(text, 3)
    assert not pasted.starts
    assert pasted.policy is None


@given(st.text(alphabet='{}[]:,"\n ablow_originsversion*=', max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_policy_or_a_diagnostic(text: str) -> None:
    pasted = read_pasted(text, 3)
    assert pasted.policy is not None or pasted.note or not pasted.starts
