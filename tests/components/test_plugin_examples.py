"""The plugins of docs/plugins.md and examples/plugins, and files with Go plugins as they are found in public."""

import json
import lzma
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from tests.support.process import backend, gateway

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples/plugins"
STAND_INS = ROOT / "tests/data/plugins"
PAGE = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
CORPUS: dict[str, Any] = json.loads(lzma.decompress((ROOT / "tests/data/corpus_plugins.json.xz").read_bytes()))
PEOPLE = b'{"people":[{"name":"Ann","password":"x"}],"ssn":"1"}'


@pytest.mark.parametrize("name", ["tenants", "redact", "sign_calls"])
def test_the_page_shows_what_is_in_the_package(name: str) -> None:
    text = (EXAMPLES / f"src/acme_plugins/{name}.py").read_text(encoding="utf-8")
    assert f"```python\n{text}```" in PAGE


def test_the_page_shows_the_entry_points_of_the_package() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert shown in (EXAMPLES / "pyproject.toml").read_text(encoding="utf-8")


def test_the_tests_of_the_package_pass() -> None:
    paths = os.pathsep.join([str(EXAMPLES / "src"), str(ROOT / "src")])
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider", "tests"]
    environ = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, cwd=EXAMPLES, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_three_examples_run_in_a_gateway(tmp_path: Path) -> None:
    tree = json.loads((EXAMPLES / "krakend.json").read_text(encoding="utf-8"))
    modules = {"tenants": "tenants:Tenants", "redact": "redact:Redact", "sign-calls": "sign_calls:SignCalls"}
    given = {name: f"acme_plugins.{target}" for name, target in modules.items()}
    tree["extra_config"]["crossgate/plugins"] = {"path": str(EXAMPLES / "src"), "modules": given}
    path = tmp_path / "krakend.json"
    with backend({"/people": (200, {"Content-Type": "application/json"}, PEOPLE)}) as server:
        tree["host"] = [server.url]
        path.write_text(json.dumps(tree))
        with gateway(path, environ={"ORDERS_KEY": "secret"}) as running:
            assert running.ask("GET", "/people")[0] == 401
            status, headers, body = running.ask("GET", "/people", {"X-Api-Key": "k-1"})
            assert (status, body, headers["X-Redacted"]) == (200, b'{"people":[{"name":"Ann"}]}', "true")
            status, _, body = running.ask("POST", "/orders", {"X-Api-Key": "k-2"}, b'{"item": 1}')
            seen = json.loads(body)
            assert (status, seen["body"], seen["headers"]["x-tenant"]) == (200, '{"item": 1}', "green")
            assert re.fullmatch("[0-9a-f]{64}", seen["headers"]["x-signature"])


def names_of_plugins(tree: Any) -> set[str]:
    """Every plugin that a file names, by the namespaces of either version."""
    found: set[str] = set()
    if isinstance(tree, dict):
        for key, value in tree.items():
            if re.search(r"^plugin/|server/handler$|client/executor$|proxy/plugin$", key) and isinstance(value, dict):
                name = value.get("name", [])
                found.update([name] if isinstance(name, str) else name)
            found |= names_of_plugins(value)
    elif isinstance(tree, list):
        for value in tree:
            found |= names_of_plugins(value)
    return found


@pytest.mark.parametrize("number", sorted(CORPUS))
def test_a_file_as_found_in_public_runs_once_its_plugins_are_given(number: str, tmp_path: Path) -> None:
    tree = CORPUS[number]
    names = names_of_plugins(tree)
    assert names
    text = json.dumps(tree).encode()
    missing = {each.message for each in load_text(text, components=COMPONENTS).diagnostics if each.code == "CFG406"}
    unknown = {name for name in names if f'nothing gives the plugin "{name}"' in missing}
    given = {"path": str(STAND_INS), "modules": dict.fromkeys(names, "stand_ins:Passes")}
    tree = {**tree, "extra_config": {**tree.get("extra_config", {}), "crossgate/plugins": given}}
    service = tree["extra_config"]
    if tree["version"] == 2:
        service["crossgate/plugins"] = given
    loaded = load_text(json.dumps(tree).encode(), components=COMPONENTS)
    assert [each.message for each in loaded.diagnostics if str(each.severity) == "error"] == []
    assert unknown
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(tree))
    with gateway(path, environ={"CROSSGATE_ALLOW_UNSUPPORTED": ""}) as running:
        assert running.ask("GET", "/__health")[0] == 200
        assert running.ask("GET", "/no/such/path/at/all")[0] in (404, 405)
