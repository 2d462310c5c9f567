"""The JSON Schema for editors: up to date, valid, and of one mind with `check` about good files and misspelt keys."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.schema import CORS_KEYS, build_schema
from crossgate.cors.keys import KEYS
from tests.support.configurations import backend, endpoint, service, text_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema.Draft7Validator(build_schema(COMPONENTS))


def test_published_schema_is_what_the_tables_say() -> None:
    published = json.loads((ROOT / "schema" / "crossgate.schema.json").read_text(encoding="utf-8"))
    assert published == build_schema(COMPONENTS), "run python docs/generate_schema.py"


def test_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(build_schema(COMPONENTS))


def test_cors_keys_are_those_of_the_engine() -> None:
    assert [key.name for key in CORS_KEYS.keys] == list(KEYS)


# Of flexible configurations these are settings and partials.
WHOLE_FILES = [path for path in sorted(ROOT.glob("examples/**/*.json")) if "flexible" not in path.parts]


@pytest.mark.parametrize("path", WHOLE_FILES, ids=lambda path: path.name)
def test_examples_are_valid(validator: Any, path: Path) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    if "version" in tree:
        validator.validate(tree)
        assert (path.parent / tree["$schema"]).resolve() == ROOT / "schema" / "crossgate.schema.json"
        if "plugins" not in path.parts:  # it needs the package beside it: tests/components/test_plugin_examples.py
            assert load_text(path.read_bytes(), environ={}, strict=True).config is not None


@pytest.mark.parametrize(
    "tree",
    [
        service(prot=1),
        service(port="80"),
        service(version=1),
        service(timeout="3"),
        service(endpoints=[endpoint(methd="GET")]),
        service(endpoints=[endpoint(backend=[])]),
        service(endpoints=[endpoint(backend=[backend(host="h")])]),
        service(extra_config={"security/cors": {"allow_origins": "*"}}),
        service(extra_config={"security/cors": {"allowed_origins": ["*"]}}),
        service(endpoints=[endpoint(extra_config={"proxy": {"static": {"strategy": "never"}}})]),
    ],
)
def test_schema_refuses_what_check_complains_of(validator: Any, tree: dict[str, Any]) -> None:
    assert not validator.is_valid(tree)
    assert load_text(text_of(tree), environ={}).diagnostics


def test_comments_are_welcome_everywhere(validator: Any) -> None:
    comments = {"@a": 1, "$b": 2, "_c": 3, "#d": 4}
    extra = {"proxy": comments, **comments}
    tree = service(endpoints=[endpoint(backend=[backend(**comments)], extra_config=extra, **comments)], **comments)
    validator.validate(tree)
