"""What runs is what the list in pyproject.toml says: all of it compiled, or none."""

import os
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import crossgate
from crossgate.cli.main import main
from crossgate.form import is_compiled

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["modules"]


def test_the_list_names_modules_that_exist_once_and_in_order() -> None:
    assert [path for path in MODULES if not (ROOT / "src" / path).is_file()] == []
    assert sorted(set(MODULES)) == MODULES


@pytest.mark.parametrize("path", MODULES)
def test_every_module_of_the_list_is_in_the_form_that_version_tells(path: str) -> None:
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    file = str(import_module(name).__file__)
    assert file.endswith(".py") is not is_compiled(), file


def test_the_form_is_the_one_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """`make test-compiled` says so; otherwise the tests run from a checkout, which is never compiled."""
    assert is_compiled() is (os.environ.get("CROSSGATE_FORM") == "compiled")
    assert main(["version"]) == 0
    form = "compiled" if is_compiled() else "pure Python"
    assert capsys.readouterr().out.startswith(f"crossgate {crossgate.__version__} ({form}, ")
    in_the_checkout = Path(crossgate.__file__).is_relative_to(ROOT / "src")
    assert in_the_checkout is not is_compiled()
