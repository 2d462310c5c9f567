"""Writes schema/, the JSON Schemas for editors: of configurations, and of files of tests. `make docs`."""  # noqa: INP001

import json
from pathlib import Path

from crossgate.components import COMPONENTS
from crossgate.config.schema import build_schema
from crossgate.testing.written import schema as tests_schema

FOLDER = Path(__file__).parents[1] / "schema"
PATH = FOLDER / "crossgate.schema.json"
TESTS_PATH = FOLDER / "crossgate.test.schema.json"


def schema_text() -> str:
    """The file's text."""
    return json.dumps(build_schema(COMPONENTS), indent=2, ensure_ascii=False) + "\n"


def tests_schema_text() -> str:
    """The file's text."""
    return json.dumps(tests_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(schema_text(), encoding="utf-8")
    TESTS_PATH.write_text(tests_schema_text(), encoding="utf-8")
