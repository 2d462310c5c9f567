"""The example projects are sound in every environment, and render to what one would write by hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crossgate.cli.main import main
from crossgate.config import load_file
from crossgate.config.flexible.options import FlexibleOptions
from crossgate.config.flexible.rendering import render_configuration

EXAMPLES = Path(__file__).parents[3] / "examples" / "flexible"
PROJECTS = {
    "environments": FlexibleOptions(settings=("settings/dev",)),
    "services": FlexibleOptions(settings=("settings",)),
    "shared": FlexibleOptions(settings=("settings",), partials=("partials",), templates=("templates",)),
}


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_an_example_has_no_warnings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / name)
    loaded = load_file("krakend.tmpl", environ={}, flexible=PROJECTS[name])
    assert loaded.config is not None
    assert {str(found.severity) for found in loaded.diagnostics} <= {"note"}


def test_environments_differ_where_they_should(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLES / "environments")
    assert main(["check", "-c", "krakend.tmpl", "--settings", "settings/dev", "settings/prod"]) == 0
    out = capsys.readouterr().out
    assert "with settings settings/dev: krakend.tmpl is fine" in out
    assert "with settings settings/prod: krakend.tmpl is fine" in out
    endpoints = {
        stage: json.loads(
            render_configuration("krakend.tmpl", {}, FlexibleOptions(settings=(f"settings/{stage}",))).text or b""
        )["endpoints"]
        for stage in ("dev", "prod")
    }
    assert (len(endpoints["dev"]), len(endpoints["prod"])) == (2, 1)


def test_the_loop_makes_an_endpoint_for_each_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / "services")
    config = load_file("krakend.tmpl", environ={}, flexible=PROJECTS["services"]).config
    assert config is not None
    assert sorted(endpoint.path for endpoint in config.endpoints) == [
        "/orders/{id}",
        "/orders/{id}/items",
        "/users/",
        "/users/{id}",
        "/users/{id}/roles",
    ]


def test_a_plain_file_does_not_wait_for_what_renders_templates() -> None:
    code = (
        "import sys, crossgate.config; sys.exit(any(name.startswith('crossgate.gotemplate') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
