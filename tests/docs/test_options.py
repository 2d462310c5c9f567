"""docs/options/: made from the key tables, with an example for each namespace that a gateway starts with."""

import json
from pathlib import Path

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.component import namespaces_by_any_name
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.schema import namespace_keys
from docs.generate_options import FOLDER, documentation, example_of, file_name

OWNERS = {namespace.name: part for part in COMPONENTS for namespace in part.namespaces}
TABLES = namespace_keys(COMPONENTS)
RUN = [spec for spec in dict.fromkeys(namespaces_by_any_name(COMPONENTS).values()) if spec.run]
EACH = pytest.mark.parametrize("spec", RUN, ids=lambda spec: spec.name)


def test_the_pages_are_what_the_tables_say() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert written == documentation(), "run: make docs"


@EACH
def test_a_namespace_that_is_run_has_its_keys_listed_and_an_example_that_uses_it(spec: NamespaceSpec) -> None:
    page = (FOLDER / file_name(spec.name)).read_text(encoding="utf-8")
    for (_, name), table in TABLES.items():
        if name == spec.name:
            assert [key.name for key in table.keys if f"| `{key.name}` |" not in page] == []
            assert [key.old for key in table.keys if key.old and f"`{key.old}`" not in page] == []
    example = example_of(spec, OWNERS.get(spec.name))
    assert example is not None
    assert f'"{spec.name}": ' in json.dumps(example)


@EACH
def test_an_example_is_a_configuration_that_check_accepts(
    spec: NamespaceSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "revoker.token").write_text("a token of more than sixteen bytes")
    example = example_of(spec, OWNERS.get(spec.name))
    loaded = load_text(json.dumps(example).encode(), components=COMPONENTS, environ={})
    assert [(found.code, found.message) for found in loaded.diagnostics if found.severity == "error"] == []
