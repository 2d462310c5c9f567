"""Writes schema/crossgate.schema.json, the JSON Schema for editors. `make docs`."""  # noqa: INP001

import json
from pathlib import Path

from crossgate.components import COMPONENTS
from crossgate.config.schema import build_schema

PATH = Path(__file__).parents[1] / "schema" / "crossgate.schema.json"


def schema_text() -> str:
    """The file's text."""
    return json.dumps(build_schema(COMPONENTS), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(schema_text(), encoding="utf-8")
