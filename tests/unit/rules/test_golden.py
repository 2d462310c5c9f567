"""Every code has a file that brings it about and a near miss that does not, and both are rendered whole.

`CROSSGATE_REGENERATE=1 pytest tests/unit/rules` writes the renderings anew; look at what git says has changed.
"""

import argparse
import os
from pathlib import Path

import pytest

from crossgate.cli import check
from crossgate.components import COMPONENTS
from crossgate.config import load_file
from crossgate.diagnostics.codes import CODES

GOLDEN = Path(__file__).parent / "golden"
NOT_ABOUT_A_FILE = {
    "CFG101": "a file that cannot be read: tests/unit/rules/test_codes_without_a_file.py",
    "CFG408": "what is installed: tests/components/test_opentelemetry_config.py",
    **{f"CFG50{n}": "templates: tests/unit/rules/test_codes_without_a_file.py" for n in range(1, 7)},
    "TST101": "files of tests: tests/unit/testing/test_read_suite.py",
    "TST102": "files of tests: tests/unit/testing/test_read_suite.py",
    "COR120": "Python's arguments: tests/unit/rules/test_codes_without_a_file.py",
    "COR121": "Python's arguments: tests/unit/rules/test_codes_without_a_file.py",
}
CODES_WITH_FILES = sorted(set(CODES) - set(NOT_ABOUT_A_FILE))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("KRAKEND_", "FC_", "CROSSGATE_ALLOW")):
            monkeypatch.delenv(name)


def file_of(code, name):
    (path,) = (path for path in (GOLDEN / code).glob(f"{name}.*") if path.suffix != ".txt")
    return path


def codes_in(path):
    return {diagnostic.code for diagnostic in load_file(str(path), environ={}, components=COMPONENTS).diagnostics}


def rendered(path, capsys, monkeypatch):
    monkeypatch.chdir(path.parent)
    parser = argparse.ArgumentParser()
    check.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["check", "-c", path.name])
    exit_code = arguments.handler(arguments)
    return f"{capsys.readouterr().out}exit code {exit_code}\n"


@pytest.mark.parametrize("code", CODES_WITH_FILES)
def test_code_comes_from_its_bad_file(code):
    assert code in codes_in(file_of(code, "bad"))


@pytest.mark.parametrize("code", CODES_WITH_FILES)
def test_code_does_not_come_from_its_near_miss(code):
    assert code not in codes_in(file_of(code, "near_miss"))


@pytest.mark.parametrize("name", ["bad", "near_miss"])
@pytest.mark.parametrize("code", CODES_WITH_FILES)
def test_file_is_rendered_as_recorded(code, name, capsys, monkeypatch):
    recorded = GOLDEN / code / f"{name}.txt"
    text = rendered(file_of(code, name), capsys, monkeypatch)
    if os.environ.get("CROSSGATE_REGENERATE"):
        recorded.write_text(text, encoding="utf-8")
    assert text == recorded.read_text(encoding="utf-8")


def test_no_golden_folder_is_left_of_a_code_that_is_gone():
    assert sorted(path.name for path in GOLDEN.iterdir()) == CODES_WITH_FILES
