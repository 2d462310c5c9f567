"""The examples of component pages do what the pages say.

An example is a whole configuration in a block of JSON and, behind it, a block of lines
`METHOD /target | Name: value | {"body": …}  -> status` or `-> status body`.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.component_gateway import ask

PAGES = Path(__file__).parents[2] / "docs" / "components"
_EXAMPLE = re.compile(r"```json\n(\{\n[^`]*?)```\n(?:(?!```).)*?```text\n((?:[A-Z]+ /[^\n]*\n)+)```", re.DOTALL)


def examples() -> list[Any]:
    found = []
    for page in sorted(PAGES.glob("*.md")):
        for config, lines in _EXAMPLE.findall(page.read_text(encoding="utf-8")):
            found += [pytest.param(json.loads(config), line, id=f"{page.stem} {line}") for line in lines.splitlines()]
    return found


@pytest.mark.parametrize(("config", "line"), examples())
def test_an_example_does_what_its_page_says(config: dict[str, Any], line: str) -> None:
    asked, _, answered = line.partition(" -> ")
    start, *parts = [part.strip() for part in asked.split(" | ")]
    method, _, target = start.partition(" ")
    fields = [(name, value.strip()) for name, _, value in (part.partition(":") for part in parts if part[0].isalpha())]
    [body] = [part.encode() for part in parts if not part[0].isalpha()] or [b""]
    got = ask(config, target.strip(), method, fields, body=body)
    status, _, text = answered.strip().partition(" ")
    assert (str(got.status), got.body.decode() if text else "") == (status, text)


def test_pages_have_examples() -> None:
    assert len(examples()) > 5
