"""What holds for every component there is: found by walking the tuple."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from crossgate.components import COMPONENTS, Component, Part
from crossgate.components.installed import ComponentError, installed_components
from crossgate.config.component import ComponentNamespace, component_keys
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.schema import build_schema
from crossgate.gateway.joining import in_order
from docs.generate_support import PATH as SUPPORT
from docs.generate_support import support_text

ROOT = Path(__file__).parents[2]
SPECS = [path.read_text(encoding="utf-8") for path in (ROOT / "tests/conformance/specs").glob("*.json")]
EACH = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)


@EACH
def test_it_has_a_folder_of_its_name_and_is_independent_by_contract(component: Component) -> None:
    folder = Path("src/crossgate/components") / component.name
    assert type(component).__module__.startswith(f"crossgate.components.{component.name}")
    assert (ROOT / folder / "__init__.py").is_file()
    assert f'"crossgate.components.{component.name}",' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@EACH
def test_its_namespaces_have_keys_that_say_what_they_mean_in_each_scope(component: Component) -> None:
    assert component.namespaces
    for namespace in component.namespaces:
        assert namespace.doc.endswith(".")
        assert namespace.keys
        for table in namespace.keys.values():
            assert all(key.doc.endswith((".", ").")) for key in table.keys), namespace.name


@EACH
def test_editors_know_its_keys(component: Component) -> None:
    schema = build_schema(COMPONENTS)
    objects = {"service": schema, "endpoint": schema["definitions"]["endpoint"]}
    objects["backend"] = schema["definitions"]["backend"]
    for (scope, name), table in component_keys((component,)).items():
        known = objects[scope]["properties"]["extra_config"]["properties"][name]
        if table.is_free:
            continue
        item = known["items"] if table.is_list else known
        assert {key.name for key in table.keys} <= item.get("properties", {}).keys(), name


@EACH
def test_it_has_a_page_that_names_its_namespaces_and_their_keys(component: Component) -> None:
    page = (ROOT / "docs/components" / f"{component.name}.md").read_text(encoding="utf-8")
    for namespace in component.namespaces:
        assert namespace.name in page
        for table in namespace.keys.values():
            assert [key.name for key in table.keys if f"`{key.name}`" not in page] == []


@EACH
def test_its_deviations_are_listed_and_marked(component: Component) -> None:
    listed = (ROOT / "docs/deviations.md").read_text(encoding="utf-8")
    assert [code for code in component.deviations if f"| {code} |" not in listed] == []


@EACH
def test_a_conformance_spec_uses_each_of_its_namespaces(component: Component) -> None:
    """Those that need files of their own have a test of their own."""
    tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    for namespace in component.namespaces:
        name = json.dumps(namespace.name)
        assert any(name in text for text in (*SPECS, *tests)), name


def test_calls_meet_components_in_krakends_order() -> None:
    """Source: lura `proxy/stack.go` newStack, krakend-ce `backend_factory.go`: the last wrapped is outermost."""
    parts = {component.name: component for component in COMPONENTS}
    order = [
        name
        for name in in_order(COMPONENTS, lambda part: part.calls_after)
        if parts[name].wraps_calls or parts[name].guards_calls
    ]
    assert order == ["graphql", "plugins", "circuit_breaker", "rate_limit", "lua", "cel"]


def test_the_support_matrix_is_what_the_code_says() -> None:
    assert SUPPORT.read_text(encoding="utf-8") == support_text(), "run: make docs"


def test_no_two_components_run_one_namespace() -> None:
    names = [namespace.name for component in COMPONENTS for namespace in component.namespaces]
    assert len(names) == len(set(names))


class Theirs(Component):
    """A component of somebody else."""

    name = "theirs"
    namespaces = (
        ComponentNamespace(
            "example/theirs", "Something.", {"service": KeyTable("t", Manner.OWN, (Key("a", Kind.TEXT, "A."),))}
        ),
    )

    def build(self, *_: object) -> Part:
        return Part()


NOT_A_COMPONENT = object()


def installed(monkeypatch: pytest.MonkeyPatch, *values: str, taken: frozenset[str] = frozenset()) -> list[str]:
    entries = [EntryPoint(f"e{number}", value, "crossgate.components") for number, value in enumerate(values)]
    monkeypatch.setattr("crossgate.components.installed.entry_points", lambda group: entries if group else [])
    return [component.name for component in installed_components(taken=taken)]


THEIRS = f"{__name__}:Theirs"


def test_installed_components_join_by_their_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed(monkeypatch) == []
    assert installed(monkeypatch, THEIRS) == ["theirs"]


@pytest.mark.parametrize("values", [("no.such.module:X",), (f"{__name__}:NOT_A_COMPONENT",), (THEIRS, THEIRS)])
def test_an_installed_component_that_cannot_be_had_is_an_error(
    monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...]
) -> None:
    with pytest.raises(ComponentError):
        installed(monkeypatch, *values)


def test_an_installed_component_cannot_take_the_place_of_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ComponentError, match="theirs"):
        installed(monkeypatch, THEIRS, taken=frozenset(("theirs",)))
