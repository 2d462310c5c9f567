"""Which plugins a file names, what gives them, and what is said where nothing does. Nothing is imported for that."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.plugins import naming
from crossgate.config import load_text
from crossgate.config.load import Loaded

SERVER, CLIENT, MODIFIER = "plugin/http-server", "plugin/http-client", "plugin/req-resp-modifier"
OLD = {
    SERVER: "github_com/devopsfaith/krakend/transport/http/server/handler",
    CLIENT: "github.com/devopsfaith/krakend/transport/http/client/executor",
    MODIFIER: "github.com/devopsfaith/krakend/proxy/plugin",
}
FILTER = {"CIDR": ["10.0.0.0/8"], "allow": True}


def load(
    service: dict[str, Any] | None = None,
    endpoint: dict[str, Any] | None = None,
    backend: dict[str, Any] | None = None,
    version: int = 3,
    allow_unsupported: bool = False,
) -> Loaded:
    inner = {"host": ["http://b.example"], "url_pattern": "/b", "extra_config": backend or {}}
    ends = [{"endpoint": "/a/{id}", "extra_config": endpoint or {}, "backend": [inner]}]
    tree = {"version": version, "extra_config": service or {}, "endpoints": ends}
    return load_text(json.dumps(tree).encode(), components=COMPONENTS, allow_unsupported=allow_unsupported)


def errors(loaded: Loaded) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in loaded.diagnostics if str(each.severity) == "error"]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("place", "space", "block"),
    [
        ("service", SERVER, {"name": ["ip-filter"], "ip-filter": FILTER}),
        ("service", SERVER, {"name": "ip-filter", "ip-filter": FILTER}),
        ("endpoint", MODIFIER, {"name": ["ip-filter"], "ip-filter": FILTER}),
        ("backend", MODIFIER, {"name": ["ip-filter"], "ip-filter": FILTER}),
        ("backend", CLIENT, {"name": "no-redirect"}),
    ],
)
def test_krakends_own_plugins_need_nothing_more(place: str, space: str, block: Any, version: int) -> None:
    name = space if version == 3 else OLD[space]
    loaded = load(**{place: {name: block}}, version=version)
    assert errors(loaded) == []
    assert loaded.config is not None


@pytest.mark.parametrize(
    ("place", "block"),
    [
        ("service", {SERVER: {"name": ["mine"]}}),
        ("endpoint", {MODIFIER: {"name": ["mine"]}}),
        ("backend", {MODIFIER: {"name": ["mine"]}}),
        ("backend", {CLIENT: {"name": "mine"}}),
    ],
)
def test_a_name_that_nothing_gives_is_an_error_that_says_how_to_give_one(place: str, block: Any) -> None:
    """DEV-PLUGIN-1."""
    loaded = load(**{place: block})
    [found] = [each for each in loaded.diagnostics if str(each.severity) == "error"]
    assert (found.code, found.message) == ("CFG406", 'nothing gives the plugin "mine"')
    assert '"crossgate/plugins": {"modules": {"mine": "package.module:factory"}}' in found.hint
    closed = load(**{place: block}, allow_unsupported=True).config
    assert closed is not None
    assert closed.endpoints[0].left_out


def test_a_misspelt_name_has_a_suggestion() -> None:
    [found] = [each for each in load({SERVER: {"name": ["ip-fliter"]}}).diagnostics if each.code == "CFG406"]
    assert found.hint.startswith('did you mean "ip-filter"?')


@pytest.mark.parametrize(
    ("place", "block"),
    [
        ("service", {SERVER: []}),
        ("service", {SERVER: {"name": [1]}}),
        ("service", {SERVER: {"name": {"a": 1}}}),
        ("service", {SERVER: {"name": [""]}}),
        ("service", {SERVER: {"nmae": ["ip-filter"]}}),
        ("service", {SERVER: {"plugins": [{"config": {}}]}}),
        ("endpoint", {MODIFIER: {"name": "ip-filter", "ip-filter": FILTER}}),
        ("backend", {CLIENT: {"name": ["no-redirect"]}}),
        ("service", {SERVER: {"name": ["ip-filter"], "ip-filter": {"CIDR": ["x"], "allow": True}}}),
        ("service", {SERVER: {"name": ["ip-filter"], "ip-filtr": FILTER}}),
        ("service", {SERVER: {"name": ["no-redirect"]}}),
        ("backend", {CLIENT: {"name": "ip-filter", "ip-filter": FILTER}}),
        ("service", {"crossgate/plugins": {"modules": {"a": "os.system('x')"}}}),
        ("service", {"crossgate/plugins": {"modules": {"a": "os"}}}),
        ("service", {"crossgate/plugins": {"modules": {"a": "no_such_module_at_all:x"}}}),
        ("service", {"crossgate/plugins": {"modules": ["os:x"]}}),
        ("service", {"crossgate/plugins": {"module": {"a": "os:path"}}}),
        ("service", {"crossgate/plugins": {"threads": 0}}),
        ("service", {"crossgate/plugins": {"slow": "soon"}}),
        ("service", {"crossgate/plugins": True}),
    ],
)
def test_what_would_leave_a_plugin_out_is_an_error(place: str, block: Any) -> None:
    """DEV-PLUGIN-1."""
    assert errors(load(**{place: block}))


@pytest.mark.parametrize("value", [{}, {"ip-filter": FILTER}, {"name": None}, {"name": []}])
def test_a_block_without_names_loads_nothing(value: Any) -> None:
    loaded = load({SERVER: value}, {MODIFIER: value}, {CLIENT: value})
    assert errors(loaded) == []
    assert [each.code for each in loaded.diagnostics if "loads nothing" in each.message] == ["CFG217"] * 3


def test_the_form_of_krakend_3_is_read() -> None:
    listed = {"plugins": [{"name": "ip-filter", "config": FILTER}, {"name": "virtualhost", "config": {"hosts": ["a"]}}]}
    loaded = load({SERVER: listed})
    assert errors(loaded) == []
    assert loaded.config is not None
    assert [named.name for named in loaded.config.components["plugins"].server] == ["ip-filter", "virtualhost"]


def test_the_file_comes_before_crossgate_and_that_before_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"mine": ("theirs.plugins:Mine",), "ip-filter": ("theirs.plugins:Open",), "two": ("a:x", "b:y")}
    monkeypatch.setattr(naming, "installed", lambda: found)
    assert naming.find("mine", {}) == ("theirs.plugins:Mine", "installed")
    assert naming.find("mine", {"mine": "ours:Mine"}) == ("ours:Mine", "file")
    assert naming.find("ip-filter", {}) == (naming.OWN["ip-filter"], "own")
    assert naming.find("ip-filter", {"ip-filter": "ours:Filter"}) == ("ours:Filter", "file")
    with pytest.raises(ValueError, match="several installed distributions"):
        naming.find("two", {})


def test_checking_a_file_imports_nothing_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "harmful_module.py").write_text("raise SystemExit('imported')")
    extra = {
        "crossgate/plugins": {"path": str(tmp_path), "modules": {"a": "harmful_module:Gate", "b": "this:s"}},
        SERVER: {"name": ["a", "b"]},
    }
    assert errors(load(extra)) == []
    assert "harmful_module" not in sys.modules
    assert "this" not in sys.modules


BASIC = {"users": {"ann": "$2b$10$CwTycUXWue0Thq9StjUM0uJ8pGq0qDjFvZc6SB3oQOhPcRLsZr9Gi"}}


@pytest.mark.parametrize(("endpoints", "guarded"), [(["/a/{id}"], True), (["*"], True), (None, True), ([], True)])
def test_the_plugin_basic_auth_guards_the_endpoints_it_names(endpoints: list[str] | None, guarded: bool) -> None:
    config = BASIC if endpoints is None else {**BASIC, "endpoints": endpoints}
    loaded = load({SERVER: {"name": ["basic-auth"], "basic-auth": config}})
    assert errors(loaded) == []
    assert loaded.config is not None
    assert ("basic_auth" in loaded.config.endpoints[0].components) is guarded


def test_an_endpoint_that_the_plugin_basic_auth_is_to_guard_has_to_be_there() -> None:
    for wrong in ("/a/:id", "/A/{id}", "/a/{name}", "/b"):
        loaded = load({SERVER: {"name": ["basic-auth"], "basic-auth": {**BASIC, "endpoints": [wrong]}}})
        assert errors(loaded) == [("CFG406", f'"{wrong}" is to be guarded, and no endpoint has that path')]


@pytest.mark.parametrize("config", [None, [], {"users": {"ann": "plain"}}, {**BASIC, "endpoint": ["*"]}, {"users": 1}])
def test_the_plugin_basic_auth_is_never_left_out(config: Any) -> None:
    assert errors(load({SERVER: {"name": ["basic-auth"], "basic-auth": config}}))
